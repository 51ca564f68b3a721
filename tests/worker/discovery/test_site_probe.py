"""Tests of the feeds and sitemaps that a home page leads to."""

from __future__ import annotations

import pytest

from worker.discovery.site_probe import SourceCandidate, find_candidates
from worker.errors import Unreadable

URL = "https://news.example/"
PAGE = b"""<html><head>
<link rel="alternate" type="application/rss+xml" title="All &amp; everything" href="/feeds/all.rss">
<link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="https://feeds.other.example/news">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
<link rel="alternate" type="application/json+oembed" href="/oembed?url=x">
<link rel="alternate" hreflang="de" href="/de/"><link rel="stylesheet" type="text/css" href="/feed.css">
</head><body><a href="/feeds/all.rss?utm_source=foot">RSS</a>
<a href="/sport/rss.xml">Sport feed</a> <a href="/rss">All our feeds</a>
<a href="https://elsewhere.example/feed">Elsewhere</a>
<a href="/how-to-feed-a-heron">How to feed a heron</a></body></html>"""


def named(kind: str, how: str, found: tuple[SourceCandidate, ...]) -> list[str]:
    return [c.url.removeprefix("https://news.example") for c in found if (c.kind, c.how) == (kind, how)]


def test_named_candidates_come_first() -> None:
    found = find_candidates(PAGE, URL, sitemaps=["https://news.example/sm.xml", " /news.xml ", "nonsense:", ""])
    assert found[0] == SourceCandidate(
        url="https://news.example/feeds/all.rss", kind="feed", how="named", title="All & everything"
    )
    assert named("feed", "named", found) == ["/feeds/all.rss", "https://feeds.other.example/news"]
    assert named("sitemap", "named", found) == ["/sm.xml", "/news.xml"]
    assert named("feed", "linked", found) == ["/sport/rss.xml", "/rss"]
    assert "/sitemap.xml" in named("sitemap", "guess", found)
    assert "/feed" in named("feed", "guess", found)
    assert "/rss" not in named("feed", "guess", found)
    assert [c.how for c in found] == sorted((c.how for c in found), key=["named", "linked", "guess"].index)


def test_each_url_is_listed_once() -> None:
    urls = [c.url for c in find_candidates(PAGE, URL, sitemaps=["https://news.example/sitemap.xml"])]
    assert len(urls) == len(set(urls))


def test_page_without_feeds() -> None:
    assert {c.how for c in find_candidates(b"<p>Hello</p>", URL)} == {"guess"}


def test_empty_body_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        find_candidates(b"", URL)
