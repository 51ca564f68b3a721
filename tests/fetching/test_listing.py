"""One door to every kind of source."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.errors import Unreadable
from worker.fetching.links import Learned
from worker.fetching.listing import read, recognise
from worker.records import Fetched

FEED = b'<rss version="2.0"><channel><title>F</title><item><link>https://n.example/a</link></item></channel></rss>'
EMPTY_FEED = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title></feed>'
SITEMAP = b"<urlset><url><loc>https://n.example/a</loc></url></urlset>"
INDEX = b"<sitemapindex><sitemap><loc>https://n.example/s.xml</loc></sitemap></sitemapindex>"
PAGE = b'<html><h2><a href="/the-bridge-opens-again">The bridge opens again</a></h2> <a href="/x/1">One</a></html>'


def fetched(body: bytes) -> Fetched:
    when = datetime(2026, 11, 24, tzinfo=UTC)
    return Fetched(url="https://n.example/", status=200, headers={}, body=body, fetched_at=when, elapsed_s=0.1)


@pytest.mark.parametrize(
    ("body", "kind", "count"),
    [(FEED, "feed", 1), (EMPTY_FEED, "feed", 0), (SITEMAP, "sitemap", 1), (INDEX, "sitemap", 0), (PAGE, "section", 1)],
)
def test_a_source_is_recognised_and_read_by_its_kind(body: bytes, kind: str, count: int) -> None:
    listing = recognise(fetched(body))
    assert (listing.kind, len(listing.found)) == (kind, count)
    assert read(fetched(body), kind) == listing


def test_what_a_feed_tells_beside_its_entries() -> None:
    link = b'<link rel="hub" href="https://hub.example/"/><link rel="self" href="/f"/><link rel="next" href="/f?p=2"/>'
    listing = recognise(fetched(EMPTY_FEED.replace(b"<title>", link + b"<title>")))
    assert (listing.title, listing.hub) == ("F", "https://hub.example/")
    assert (listing.topic, listing.next_page) == ("https://n.example/f", "https://n.example/f?p=2")


def test_what_was_learned_counts() -> None:
    learned = Learned().after([("https://n.example/x/7", True)] * 20)
    assert [f.title for f in read(fetched(PAGE), "section", learned).found] == ["The bridge opens again", "One"]


@pytest.mark.parametrize("body", [b"", b"<html><p>Nothing to see</p></html>", b"words", b"<urlset/>"])
def test_what_names_nothing(body: bytes) -> None:
    with pytest.raises(Unreadable, match="no feed or sitemap"):
        recognise(fetched(body))


def test_another_kind_than_expected() -> None:
    with pytest.raises(Unreadable):
        read(fetched(PAGE), "feed")
    with pytest.raises(Unreadable):
        read(fetched(PAGE), "sitemap")
