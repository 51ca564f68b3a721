"""Keys of embedded data, found by meaning."""

from __future__ import annotations

from typing import Any

import pytest

from worker.extraction.embedded import json_keys


@pytest.mark.parametrize(
    ("node", "meaning", "value"),
    [
        ({"news_date": "2026-11-24"}, "published", "2026-11-24"),
        ({"webPublicationDate": "2026-11-24"}, "published", "2026-11-24"),
        ({"articleTitle": "A"}, "headline", "A"),
        ({"storyTitle": "A", "title": "B"}, "headline", "B"),
        ({"headline": {"en-US": "A"}}, "headline", "A"),
        ({"titulo": {"es": "A", "en": "B"}}, "headline", "A"),
        ({"newsletter": "A"}, "headline", None),
    ],
)
def test_values_by_meaning(node: dict[str, Any], meaning: str, value: str | None) -> None:
    assert json_keys.first_text(node, meaning, {}) == value
