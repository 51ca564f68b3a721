"""Golden pages: each folder of tests/golden has a page and the expected article.

The page is page.html, or page.txt for plain text. expected.json has any fields of the Article; `contains` and `lacks`
are texts that the body must have or must not have.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import PROJECT
from worker import extraction
from worker.model.records import Article

GOLDEN = PROJECT / "tests" / "golden"
CASES = sorted(path.parent for path in GOLDEN.glob("*/expected.json"))


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 20


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_page_is_read_as_expected(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    article = _read(case, expected.pop("url"))
    body = article.article_body
    assert all(part in body for part in expected.pop("contains", ()))
    assert not [part for part in expected.pop("lacks", ()) if part in body]
    images = expected.pop("images", None)
    assert {name: _json_value(getattr(article, name)) for name in expected} == {
        name: "\n".join(value) if name == "article_body" else value for name, value in expected.items()
    }
    if images is not None:
        pairs = zip(article.images, images, strict=False)
        found = [{key: _json_value(getattr(image, key)) for key in wanted} for image, wanted in pairs]
        assert (len(article.images), found) == (len(images), images)


def _read(case: Path, url: str) -> Article:
    text = case / "page.txt"
    if text.exists():
        return extraction.read_text(text.read_bytes(), url)
    return extraction.read((case / "page.html").read_bytes(), url)


def _json_value(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
