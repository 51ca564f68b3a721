"""Tests of RSS, Atom and JSON feeds with the irregularities of real ones. All feeds are written for these tests."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from worker.discovery import feeds
from worker.discovery.discovered_link import MAX_TEXT_CHARS, DiscoveredLink, Skipped, plain_text
from worker.discovery.feeds import Feed, parse
from worker.errors import Unreadable

URL = "https://ferry.example/feeds/all.xml"
WHEN = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def rss(items: str, head: str = "") -> bytes:
    channel = f"<channel><title>Ferry Times</title>{head}{items}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode()


def item(link: str = "<link>https://ferry.example/a</link>", more: str = "") -> str:
    return f"<item>{link}{more}</item>"


def one(body: bytes, content_type: str = "") -> DiscoveredLink:
    (found,) = parse(body, URL, content_type).links
    return found


def test_rss() -> None:
    more = (
        "<title>Tide &amp;amp; time</title><pubDate>Tue, 24 Nov 2026 08:30:00 +0100</pubDate>"
        '<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">Ada Moor</dc:creator>'
    )
    assert parse(rss(item(more=more)), URL) == Feed(
        title="Ferry Times",
        links=(
            DiscoveredLink(url="https://ferry.example/a", title="Tide & time", published=WHEN, authors=("Ada Moor",)),
        ),
    )


def test_atom() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://ferry.example/news/"><title>F</title><entry>
      <title type="html">The &lt;i&gt;Heron&lt;/i&gt; sails</title><id>tag:ferry.example,2026:1</id>
      <link rel="enclosure" href="https://cdn.example/heron.mp3"/><link rel="alternate" type="text/html" href="heron"/>
      <published>2026-11-24T07:30:00Z</published><updated>2026-11-24T09:30:00+02:00</updated>
      <author><name>Ada Moor</name></author><author><name>Jo Kell</name></author></entry></feed>"""
    found = one(body)
    assert found.url == "https://ferry.example/news/heron"
    assert found.title == "The Heron sails"
    assert found.published == found.modified == WHEN
    assert found.authors == ("Ada Moor", "Jo Kell")


def test_rss_1_feed_is_read() -> None:
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>F</title></channel>
      <item rdf:about="https://ferry.example/a"><title>A</title><link>https://ferry.example/a</link>
      <dc:date>2026-11-24T07:30:00Z</dc:date></item></rdf:RDF>"""
    assert one(body).url == "https://ferry.example/a"


def test_json_feed() -> None:
    items = [
        {
            "id": "1",
            "url": "/a",
            "title": "A",
            "date_published": "2026-11-24T08:30:00+01:00",
            "authors": [{"name": "Ada Moor"}],
        },
        {
            "id": "2",
            "external_url": "https://other.example/b",
            "author": {"name": "Jo Kell"},
            "date_published": "yesterday",
        },
        {"id": "3", "title": 7},
        {"id": "4", "url": ["x"]},
        "nonsense",
    ]
    data = {"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": items}
    feed = parse(b"\xef\xbb\xbf\n" + json.dumps(data).encode(), URL)
    assert feed.links == (
        DiscoveredLink(url="https://ferry.example/a", title="A", published=WHEN, authors=("Ada Moor",)),
        DiscoveredLink(url="https://other.example/b", authors=("Jo Kell",)),
    )


ORIGINAL = '<x:origLink xmlns:x="http://rssnamespace.org/feedburner/ext/1.0">https://ferry.example/o</x:origLink>'


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("<link>\n   https://ferry.example/a\n</link>", "https://ferry.example/a"),
        ("<link><![CDATA[https://ferry.example/a?x=1&y=2]]></link>", "https://ferry.example/a?x=1&y=2"),
        ("<link>/a</link>", "https://ferry.example/a"),
        ("<link>https://ferry.example/a?x=1&amp;amp;y=2</link>", "https://ferry.example/a?x=1&y=2"),
        ('<guid isPermaLink="true">https://ferry.example/g</guid>', "https://ferry.example/g"),
        ("<guid>https://ferry.example/g</guid>", "https://ferry.example/g"),
        ('<guid isPermaLink="false">https://ferry.example/g</guid>', "https://ferry.example/g"),
        ('<link/><guid isPermaLink="true">https://ferry.example/g</guid>', "https://ferry.example/g"),
        ("<link></link><guid>https://ferry.example/g</guid>", "https://ferry.example/g"),
        (f"<link>https://proxy.example/~r/a</link>{ORIGINAL}", "https://ferry.example/o"),
        ("<link>https://ferry.example/ä b</link>", "https://ferry.example/%C3%A4%20b"),
    ],
)
def test_url_of_an_entry(link: str, url: str) -> None:
    assert one(rss(item(link))).url in (url, url.replace("&y", "&amp;y"))


@pytest.mark.parametrize(
    "link",
    [
        "",
        "<link/>",
        "<link>javascript:alert(1)</link>",
        "<link>mailto:editors@ferry.example</link>",
        "<guid>urn:uuid:1</guid>",
        "<guid>rp-48213</guid>",
        "<guid>48213</guid>",
        '<enclosure url="https://cdn.example/a.mp3" type="audio/mpeg" length="1"/>',
        "<link>https://user:secret@ferry.example/</link>",
    ],
)
def test_entry_without_url_is_left_out(link: str) -> None:
    assert parse(rss(item(link) + item()), URL).links == (DiscoveredLink(url="https://ferry.example/a"),)


def test_the_first_entry_of_a_url_is_used() -> None:
    second = item("<link>https://ferry.example/a?utm_source=feed#x</link>", "<title>Second</title>")
    found = parse(
        rss(item(more="<title>First</title>") + second + item("<link>https://ferry.example/b</link>")), URL
    ).links
    assert [(f.url, f.title) for f in found] == [
        ("https://ferry.example/a", "First"),
        ("https://ferry.example/b", None),
    ]


@pytest.mark.parametrize(
    "date",
    [
        "Tue, 24 Nov 2026 07:30:00 GMT",
        "Tue, 24 Nov 2026 07:30:00 UT",
        "24 Nov 2026 02:30:00 EST",
        "Tuesday, 24 November 2026 07:30:00 GMT",
        "2026-11-24T07:30:00Z",
        "2026-11-24 07:30:00",
        "Tue, 24 Nov 2026 07:30 +0000",
        "Tue, 24 Nov 2026 08:30:00 CET",
        "Tue, 24 Nov 2026 16:30:00 JST",
        "Tue, 24 Nov 2026 09:30:00 GMT+2",
        "Tue, 24 Nov 2026 08:30:00 UTC+01:00",
        "Tue, 24 Nov 2026 07:30:00",
        "Tue, 24 Nov 2026 02:30 AM EST",
        "mar., 24 nov. 2026 08:30:00 +0100",
        "Di, 24 Nov 2026 08:30:00 +0100",
        "1795505400",
    ],
)
def test_dates(date: str) -> None:
    assert one(rss(item(more=f"<pubDate>{date}</pubDate>"))).published == WHEN


@pytest.mark.parametrize("date", ["", "soon", "99 Foo 2026", "0000-00-00T00:00:00Z", "0001-01-01T00:00:00+01:00"])
def test_unreadable_dates_are_none(date: str) -> None:
    assert one(rss(item(more=f"<pubDate>{date}</pubDate>"))).published is None


BROKEN = {
    "not closed": rss(item())[:-20],
    "cut in a tag": rss(item() + item("<link>https://ferry.example/b"))[:-40],
    "blanks before the declaration": b"\n\n  " + rss(item()),
    "byte order mark": b"\xef\xbb\xbf" + rss(item()),
    "bare ampersand": rss(item(more="<title>Fish & chips</title>")),
    "HTML entity": rss(item(more="<title>Caf&eacute;&nbsp;open</title>")),
    "control character": rss(item(more="<title>A\x0bB</title>")),
    "undeclared prefix": rss(item(more="<media:thumbnail url='x'/>")),
    "wrong charset": rss(item(more="<title>Caf\xe9</title>")).replace(b'"1.0"?', b'"1.0" encoding="utf-8"?'),
    "UTF-16": rss(item()).decode().encode("utf-16"),
    "HTML after the feed": rss(item()) + b"<!-- cached --><script>x</script>",
}


def test_links_are_relative_to_the_site_of_the_feed() -> None:
    channel = "<channel><link>https://ferry.example/</link><item><link>news/a</link></item></channel>"
    body = f'<rss version="2.0">{channel}</rss>'.encode()
    assert parse(body, "https://feeds.example/x/feed.xml").links[0].url == "https://ferry.example/news/a"
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://ferry.example/b/"><link href="https://other.example/"/>'
        '<entry><link href="a"/></entry></feed>'
    )
    assert parse(atom.encode(), "https://feeds.example/x").links[0].url == "https://ferry.example/b/a"


@pytest.mark.parametrize("link", ["www.ferry.example/a", "ferry.example/a", "//ferry.example/a"])
def test_link_without_a_scheme(link: str) -> None:
    assert one(rss(item(f"<link>{link}</link>"))).url in ("https://ferry.example/a", "https://www.ferry.example/a")


def test_comparison_signs_in_a_title_are_no_markup() -> None:
    title = "Inflation &lt; 2 % while growth &gt; 3 %, &lt;b&gt;says&lt;/b&gt; bank"
    assert one(rss(item(more=f"<title>{title}</title>"))).title == "Inflation < 2 % while growth > 3 %, says bank"


@pytest.mark.parametrize(
    "more",
    [
        "<title>A<b>c</title>",
        "<description>x<br>y</description>",
        "<title>A</title></p>",
        "</b><title>A</title>",
        "<title>A</title><description>x & y<p>z</description>",
    ],
)
def test_html_tags_in_an_entry_lose_nothing(more: str) -> None:
    body = rss(
        item("<link>https://ferry.example/a?x=1&amp;y=2</link>", more) + item("<link>https://ferry.example/b</link>")
    )
    found = parse(body, URL)
    assert [f.url for f in found.links] == ["https://ferry.example/a?x=1&y=2", "https://ferry.example/b"]
    assert found.skipped == {}


def test_entries_in_a_text_are_not_counted() -> None:
    body = rss(item(more="<description><![CDATA[<item>]]></description>") + "<!-- <item> -->")
    assert parse(body, URL).skipped == {}


def test_entries_that_are_not_taken_are_counted() -> None:
    body = rss(item() + item() + item("<guid>rp-1</guid>")) + b"<item>"
    assert parse(body, URL).skipped == {Skipped.REPEATED: 1, Skipped.NO_ADDRESS: 1, Skipped.UNREADABLE: 1}


def test_json_id_may_be_the_url() -> None:
    items = [{"id": "https://ferry.example/a"}, {"id": "7"}, {"id": "https://ferry.example/x", "url": "/b"}]
    feed = parse(json.dumps({"items": items}).encode(), URL)
    assert [f.url for f in feed.links] == ["https://ferry.example/a", "https://ferry.example/b"]
    assert feed.skipped == {Skipped.NO_ADDRESS: 1}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_readable_entries_of_a_broken_feed(body: bytes) -> None:
    assert parse(body, URL).links[0].url == "https://ferry.example/a"


def test_charset_of_the_header() -> None:
    body = '<rss version="2.0"><channel><item><link>https://ferry.example/a</link><title>Žižka</title></item></channel></rss>'
    assert one(body.encode("iso-8859-2"), "text/xml; charset=iso-8859-2").title == "Žižka"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body><p>Not found</p></body></html>",
        b"{}",
        b'{"items": 5, "x"',
        b"[1]",
        b"\x00\x01\x02",
        b"plain",
        b"[" * 90_000,
    ],
)
def test_other_body_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match="feed"):
        parse(body, URL)


def test_empty_feed() -> None:
    assert parse(rss(""), URL) == Feed(title="Ferry Times")


def test_entities_are_not_expanded_and_files_are_not_read() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    begin = time.process_time()
    for doctype in (
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]>',
        '<!DOCTYPE rss [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
    ):
        body = rss(item(more="<title>&l9;</title>")).replace(b"<rss", doctype.encode() + b"<rss")
        for found in parse(body, URL).links:
            assert "root:" not in (found.title or "")
            assert len(found.title or "") < 10_000
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("filler", [b"a", b"[a", b"<!DOCTYPE "])
def test_endless_doctype_is_fast(filler: bytes) -> None:
    begin = time.process_time()
    with pytest.raises(Unreadable):
        parse(b"<!DOCTYPE " + filler * (200_000 // len(filler)), URL)
    assert time.process_time() - begin < 1


def test_json_fields_of_wrong_types() -> None:
    items = [{"url": f"/{n}", "authors": authors} for n, authors in enumerate([True, 5, "Ada", {"name": "Ada"}])]
    feed = parse(json.dumps({"title": 5, "hubs": 5, "items": items}).encode(), URL)
    assert [f.authors for f in feed.links] == [()] * 4


def test_long_feed_is_fast() -> None:
    body = rss("".join(item(f"<link>https://ferry.example/{n}</link>", f"<title>T{n}</title>") for n in range(1000)))
    begin = time.process_time()
    assert len(parse(body, URL).links) == 1000
    assert time.process_time() - begin < 3


def test_huge_title_is_fast() -> None:
    begin = time.process_time()
    assert len(plain_text("<" * 2_000_000) or "") == MAX_TEXT_CHARS
    assert time.process_time() - begin < 3


@pytest.mark.parametrize(("bound", "most"), [("MAX_TAGS", 400), ("MAX_CHARS", 5000)])
def test_beginning_of_a_very_long_feed(monkeypatch: pytest.MonkeyPatch, bound: str, most: int) -> None:
    monkeypatch.setattr(feeds, bound, most)
    body = rss("".join(item(f"<link>https://ferry.example/{n:04}</link>") for n in range(500)))
    found = parse(body, URL).links
    assert 90 < len(found) < 100
    assert [f.url for f in found] == [f"https://ferry.example/{n:04}" for n in range(len(found))], "none is cut"


def test_beginning_of_a_very_long_json_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MAX_ENTRIES", 3)
    items = [{"url": f"/{n}"} for n in range(9)]
    assert len(parse(json.dumps({"items": items}).encode(), URL).links) == 3
