"""What is sent with the next visit to each sitemap of a tree."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from worker.discovery import validators
from worker.discovery.source_history import FULL_AFTER_S
from worker.discovery.validators import SitemapValidators
from worker.model.records import Fetched

URL = "https://n.example/sitemap.xml"


def answer(**headers: str) -> Fetched:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fetched(url=URL, status=200, headers=named, body=b"", fetched_at=datetime.now(UTC), elapsed_s=0)


def test_they_are_sent_for_some_hours_and_kept_as_json() -> None:
    kept = SitemapValidators().with_response(URL, answer(etag='"a"', last_modified="Tue"), 1000.0)
    kept = SitemapValidators(json.loads(json.dumps(kept.kept)))
    assert kept.get(URL + "#x", 1000.0 + FULL_AFTER_S) == ('"a"', "Tue")
    assert kept.get(URL, 1001.0 + FULL_AFTER_S) == (None, None)
    assert kept.get(URL + "?other", 1000.0) == (None, None)
    assert kept.with_response(URL, answer(), 1000.0).get(URL, 1000.0) == (None, None)


def test_the_oldest_go_first() -> None:
    kept = SitemapValidators()
    for n in range(validators.MOST_KEPT + 1):
        kept = kept.with_response(f"{URL}?{n}", answer(etag="x"), float(n))
    assert len(kept.kept) == validators.MOST_KEPT
    assert kept.get(f"{URL}?0", 0.0) == (None, None)
    assert kept.get(f"{URL}?1", 0.0) == ("x", None)
