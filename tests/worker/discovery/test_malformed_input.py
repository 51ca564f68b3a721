"""Property tests: readers of damaged feeds, sitemaps and pages raise nothing but `Unreadable`."""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.discovery import feeds, section_links, site_probe, sitemaps
from worker.discovery.discovered_link import DiscoveredLink
from worker.errors import BadInput, Unreadable
from worker.urls import canonicalize, clean

pytestmark = pytest.mark.slow

URL = "https://n.example/x/"
RSS = b"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>F</title><item>
<title>A &amp; B</title>
<link>https://n.example/a</link><guid>1</guid><pubDate>Tue, 24 Nov 2026 07:30:00 GMT</pubDate></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/b/"><entry><title type="html">&lt;b&gt;A</title>
<link href="a"/>
<published>2026-11-24T07:30:00Z</published><author><name>Ada</name></author></entry></feed>"""
ITEM = {"url": "/a", "title": "A", "date_published": "2026-11-24T07:30:00Z", "authors": [{"name": "Ada"}]}
JSON_FEED = json.dumps({"version": "1.1", "items": [ITEM], "hubs": [{"url": "https://h.example/"}]}).encode()
URLSET = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://n.example/a</loc>
<lastmod>2026-11-24</lastmod></url><url><loc>https://n.example/b</loc></url></urlset>"""
PAGE = b"""<html><base href="/y/"><link rel="alternate" type="application/rss+xml" href="/feed">
<nav><a href="/">Home</a></nav>
<h2><a href="/2026/11/24/the-bridge-opens-again">The bridge opens again</a></h2></html>"""

PIECES = [
    b"<",
    b">",
    b"&",
    b"]]>",
    b"<!--",
    b"<![CDATA[",
    b"\x00",
    b"\xff",
    b"http://[",
    b"//",
    b"&#x110000;",
    b"{",
    b"[",
    b'"',
    b"\x1f\x8b",
]


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """Return a document with some parts removed, doubled or replaced."""
    data = whole
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 40)))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8), st.just(data[start:end] * 2)))
        data = data[:start] + piece + data[end:]
    return data


DOCUMENTS = st.sampled_from([RSS, ATOM, JSON_FEED, URLSET, gzip.compress(URLSET, mtime=0), PAGE]).flatmap(damaged)
READERS: dict[str, Callable[[bytes], object]] = {
    "feeds": lambda body: feeds.parse(body, URL).links,
    "sitemaps": lambda body: sitemaps.parse(body, URL).pages,
    "section": lambda body: section_links.find_articles(body, URL),
    "candidates": lambda body: site_probe.find_candidates(body, URL),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())
@settings(max_examples=200, deadline=None)
@given(body=st.one_of(DOCUMENTS, st.binary(max_size=60)))
def test_damaged_document_is_read_or_unreadable(read: Callable[[bytes], object], body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        for found in read(body):  # type: ignore[attr-defined]
            assert clean(found.url) == found.url
            if isinstance(found, DiscoveredLink) and found.published:
                assert found.published.tzinfo


@given(st.text(max_size=60))
def test_any_text_is_a_url_or_bad_input(text: str) -> None:
    for url in (text, "https://n.example/" + text, "https://" + text):
        with contextlib.suppress(BadInput):
            assert canonicalize(url).startswith(("http://", "https://"))
