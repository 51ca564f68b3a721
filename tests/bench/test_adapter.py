"""The adapter's results are plain values, and each function reports input that it cannot read in one line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import adapter
from tests.support.pages.article_pages import BODY, PARAGRAPHS, URL
from worker.archive.warc_writer import response_record
from worker.model.records import Fetched

PAGE = f"<html><h1>Goat found asleep in car wash</h1><article>{BODY}</article></html>".encode()
GARBAGE = bytes(range(256)) * 40
FEED = b"""<rss version="2.0"><channel><title>Ledger</title><item><title>Goat &amp; dog</title>
<link>/news/goat</link><pubDate>Mon, 06 May 2024 10:00:00 GMT</pubDate></item>
<item><link>https://www.larkin.example/news/dog</link></item></channel></rss>"""
SITEMAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://www.larkin.example/a</loc><lastmod>2024-05-06</lastmod></url>
<url><loc>https://www.larkin.example/b</loc></url></urlset>"""
SITEMAP_INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://www.larkin.example/news.xml</loc></sitemap></sitemapindex>"""
SITEMAP_URL = "https://www.larkin.example/sitemap.xml"


def test_read_returns_what_scorers_expect() -> None:
    found = adapter.read(PAGE, URL)
    assert found["title"] == "Goat found asleep in car wash"
    assert found["body"] == "\n".join(PARAGRAPHS)
    assert (found["kind"], found["dateline"]) == ("article", "FORT ANSLEY, Calif.")
    assert adapter.read_text("\n".join(PARAGRAPHS).encode(), URL)["body"] == "\n".join(PARAGRAPHS)


def test_article_has_the_fields_of_the_command() -> None:
    found = adapter.article(PAGE, URL, "text/html; charset=utf-8")
    assert (found["headline"], found["agency"], found["kind"]) == ("Goat found asleep in car wash", "AP", "article")
    assert found["article_body"] == "\n".join(PARAGRAPHS)
    assert json.loads(json.dumps(found)) == found
    assert adapter.article_of_text("\n".join(PARAGRAPHS).encode(), URL).keys() == found.keys()


def test_feed_entries_have_absolute_urls_and_iso_dates() -> None:
    assert adapter.parse_feed(FEED, "https://www.larkin.example/feed", "application/rss+xml") == [
        {
            "url": "https://www.larkin.example/news/goat",
            "title": "Goat & dog",
            "published": "2024-05-06T10:00:00+00:00",
        },
        {"url": "https://www.larkin.example/news/dog", "title": None, "published": None},
    ]


def test_sitemap_has_pages_or_further_sitemaps() -> None:
    found = adapter.parse_sitemap(SITEMAP, SITEMAP_URL)
    assert found["pages"] == [
        {"url": "https://www.larkin.example/a", "modified": "2024-05-06T00:00:00+00:00"},
        {"url": "https://www.larkin.example/b", "modified": None},
    ]
    assert adapter.parse_sitemap(SITEMAP_INDEX, SITEMAP_URL) == {
        "pages": [],
        "sitemaps": ["https://www.larkin.example/news.xml"],
    }


@pytest.mark.parametrize(
    ("agent", "path", "allowed"),
    [
        ("Copydesk/0.2 (+https://copydesk.example)", "/private/a", False),
        ("Copydesk", "/public", True),
        ("Other", "/private/a", True),
    ],
)
def test_robots_rules_apply_to_the_named_agent(agent: str, path: str, allowed: bool) -> None:
    body = b"\xef\xbb\xbfUser-agent: copydesk\nDisallow: /private\n"
    assert adapter.robots_allow(body, agent, f"https://www.larkin.example{path}") is allowed


def test_empty_robots_file_allows_everything() -> None:
    assert adapter.robots_allow(b"", "Copydesk", URL)


def test_spellings_of_a_url_share_its_id() -> None:
    plain = adapter.url_id("https://www.larkin.example/news/goat")
    assert adapter.url_id("HTTPS://www.larkin.example:443/news/goat?utm_source=x#top") == plain
    assert adapter.url_id("https://www.larkin.example/news/dog") != plain
    assert len(plain) == 32


def _warc(path: Path) -> Path:
    fetched = Fetched(
        url=URL,
        status=200,
        headers={"content-type": "text/html"},
        body=PAGE,
        fetched_at=datetime(2024, 5, 6, 10, tzinfo=UTC),
        elapsed_s=0.1,
    )
    path.write_bytes(response_record(fetched))
    return path


def test_archived_pages_have_their_bytes(tmp_path: Path) -> None:
    path = _warc(tmp_path / "pages.warc.gz")
    expected = {"url": URL, "fetched_at": "2024-05-06T10:00:00+00:00", "content_type": "text/html", "body": PAGE}
    assert adapter.warc_pages(path) == [expected]
    assert adapter.warc_pages(str(path)) == [expected]


def test_pages_before_the_damage_are_returned_with_a_warning(tmp_path: Path) -> None:
    path = _warc(tmp_path / "pages.warc.gz")
    path.write_bytes(path.read_bytes() + path.read_bytes()[:200])
    with pytest.warns(UserWarning, match="broken after byte"):
        assert [page["url"] for page in adapter.warc_pages(path)] == [URL]


UNREADABLE: dict[str, Callable[[], object]] = {
    "empty page": lambda: adapter.read(b"", URL),
    "garbage page": lambda: adapter.read(GARBAGE, URL),
    "empty text": lambda: adapter.read_text(b" \n", URL),
    "garbage text": lambda: adapter.read_text(GARBAGE, URL),
    "empty article": lambda: adapter.article(b"", URL),
    "garbage article": lambda: adapter.article(GARBAGE, URL),
    "empty article of text": lambda: adapter.article_of_text(b"", URL),
    "garbage article of text": lambda: adapter.article_of_text(GARBAGE, URL),
    "empty feed": lambda: adapter.parse_feed(b"", URL),
    "garbage feed": lambda: adapter.parse_feed(GARBAGE, URL),
    "feed with a bad URL": lambda: adapter.parse_feed(FEED, "http://[bad"),
    "empty sitemap": lambda: adapter.parse_sitemap(b"", URL),
    "garbage sitemap": lambda: adapter.parse_sitemap(GARBAGE, URL),
    "broken gzip": lambda: adapter.parse_sitemap(gzip.compress(SITEMAP)[:12], URL),
    "sitemap with a bad URL": lambda: adapter.parse_sitemap(SITEMAP, "not a URL"),
    "garbage robots": lambda: adapter.robots_allow(GARBAGE, "Copydesk", URL),
    "robots with a bad URL": lambda: adapter.robots_allow(b"", "Copydesk", "http://[bad"),
    "robots without an agent": lambda: adapter.robots_allow(b"", " ", URL),
    "bad URL": lambda: adapter.url_id("http://[bad"),
    "empty URL": lambda: adapter.url_id(""),
    "missing WARC": lambda: adapter.warc_pages("/nonexistent/pages.warc.gz"),
    "folder instead of WARC": lambda: adapter.warc_pages("/"),
}


@pytest.mark.parametrize("call", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_unreadable_input_raises_one_clear_line(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]{10,}\Z"):
        call()


@pytest.mark.parametrize("body", [b"", GARBAGE, b"<html></html>"], ids=["empty", "garbage", "html"])
def test_file_that_is_not_an_archive_is_unreadable(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "pages.warc.gz"
    path.write_bytes(body)
    with pytest.raises(adapter.Unreadable, match=r"^[^\n]{10,}\Z"):
        adapter.warc_pages(path)
