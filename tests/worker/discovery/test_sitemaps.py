"""Tests of sitemaps with the irregularities of real ones. All sitemaps are written for these tests."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from datetime import UTC, datetime

import pytest

from worker.discovery import sitemaps
from worker.discovery.discovered_link import DiscoveredLink, Skipped
from worker.discovery.sitemaps import Sitemap, parse
from worker.errors import Unreadable

URL = "https://ferry.example/sitemap.xml"
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
WHEN = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def urlset(entries: str, attributes: str = XMLNS) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {attributes}>{entries}</urlset>'.encode()


def entry(path: str = "/a", more: str = "") -> str:
    return f"<url><loc>https://ferry.example{path}</loc>{more}</url>"


def paths(body: bytes, url: str = URL) -> list[str]:
    return [f.url.removeprefix("https://ferry.example") for f in parse(body, url).pages]


def test_urlset() -> None:
    assert parse(urlset(entry("/a", "<lastmod>2026-11-24T08:30:00+01:00</lastmod>") + entry("/b")), URL) == Sitemap(
        pages=(
            DiscoveredLink(url="https://ferry.example/a", modified=WHEN),
            DiscoveredLink(url="https://ferry.example/b"),
        )
    )


def test_index() -> None:
    body = f"""<sitemapindex {XMLNS}><sitemap><loc>https://ferry.example/s1.xml.gz</loc><lastmod>2026-11-24</lastmod></sitemap>
      <sitemap><loc>/s2.xml</loc></sitemap></sitemapindex>""".encode()
    assert parse(body, URL) == Sitemap(
        sitemaps=(
            DiscoveredLink(url="https://ferry.example/s1.xml.gz", modified=datetime(2026, 11, 24, tzinfo=UTC)),
            DiscoveredLink(url="https://ferry.example/s2.xml"),
        )
    )


def test_news() -> None:
    news = """<news:news><news:publication><news:name>Ferry Times</news:name></news:publication>
      <news:title>Tide &amp; time
      </news:title><news:publication_date>2026-11-24T07:30:00Z</news:publication_date></news:news>"""
    spaces = f'{XMLNS} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    (found,) = parse(urlset(entry("/a", news), spaces), URL).pages
    assert (found.title, found.published, found.modified) == ("Tide & time", WHEN, None)


def test_url_of_an_image_is_not_the_page() -> None:
    image = "<image:image><image:loc>https://ferry.example/heron.jpg</image:loc><image:title>Heron</image:title></image:image>"
    spaces = f'{XMLNS} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    body = urlset(f"<url>{image}<loc>https://ferry.example/a</loc></url>", spaces)
    assert parse(body, URL).pages == (DiscoveredLink(url="https://ferry.example/a"),)


def test_gzip() -> None:
    assert paths(gzip.compress(urlset(entry()))) == ["/a"]


def test_gzip_of_several_members() -> None:
    whole = urlset("".join(entry(f"/{n}") for n in range(3000)))
    parts = [gzip.compress(whole[:50_000]), gzip.compress(b""), gzip.compress(whole[50_000:])]
    assert len(paths(b"".join(parts))) == 3000
    assert len(paths(b"".join([*parts, b"trailing"]))) == 3000
    begin = time.process_time()
    assert paths(gzip.compress(urlset(entry())) + gzip.compress(b"") * 100_000) == ["/a"]
    assert time.process_time() - begin < 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16(encoding: str) -> None:
    assert paths(urlset(entry("/ä")).decode().replace("UTF-8", "UTF-16").encode(encoding)) == ["/%C3%A4"]


def test_date_before_the_year_1_is_ignored() -> None:
    (found,) = parse(urlset(entry("/a", "<lastmod>0001-01-01T00:00:00+01:00</lastmod>")), URL).pages
    assert found.modified is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Fri, 05 Feb 2010 10:00:00 GMT", datetime(2010, 2, 5, 10, tzinfo=UTC)),
        ("24/11/2026", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-1-4", datetime(2026, 1, 4, tzinfo=UTC)),
        ("2026-11-24T9:05", datetime(2026, 11, 24, 9, 5, tzinfo=UTC)),
        ("2010-02", datetime(2010, 2, 28, 23, 59, 59, tzinfo=UTC)),
        ("yesterday", None),
    ],
)
def test_dates_in_any_form(text: str, day: datetime | None) -> None:
    (found,) = parse(urlset(entry("/a", f"<lastmod>{text}</lastmod>")), URL).pages
    assert found.modified == day


def test_beginning_of_a_truncated_gzip_file() -> None:
    whole = gzip.compress(urlset("".join(entry(f"/{n * 7919}") for n in range(2000))))
    assert len(paths(whole[: len(whole) // 2])) > 500


def test_gzip_bomb_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_BYTES", 1_000_000)
    bomb = gzip.compress(bytes(30_000_000))
    tracemalloc.start()
    with pytest.raises(Unreadable, match="unpacks to more than"):
        parse(bomb, URL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_newest_pages_of_a_very_long_sitemap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sitemaps are often sorted from the oldest to the newest page."""
    monkeypatch.setattr(sitemaps, "MAX_URLS", 10)
    body = urlset("".join(entry(f"/{n}", f"<lastmod>2026-01-{n + 1:02}</lastmod>") for n in range(30)))
    found = parse(gzip.compress(body), URL)
    assert [f.url.rpartition("/")[2] for f in found.pages] == [str(n) for n in range(20, 30)]
    assert found.skipped == {Skipped.TOO_MANY: 20}
    undated = parse("\n".join(f"https://ferry.example/{n}" for n in range(30)).encode(), URL)
    assert [f.url.rpartition("/")[2] for f in undated.pages] == [str(n) for n in range(10)]


@pytest.mark.parametrize(
    "filler", [b"<x/>" * 200_000, b"<x " + b" ".join(b"a%d=''" % n for n in range(20_000)) + b"/>"]
)
def test_other_elements_count_towards_the_limit(monkeypatch: pytest.MonkeyPatch, filler: bytes) -> None:
    monkeypatch.setattr(sitemaps, "MAX_ELEMENTS", 100_000)
    assert paths(urlset(entry("/a") + filler.decode() + entry("/b"))) == ["/a"]


def test_list_of_lines() -> None:
    body = b"\xef\xbb\xbfhttps://ferry.example/a\r\nhttps://ferry.example/b\n\nhttps://ferry.example/a\n"
    assert paths(body) == ["/a", "/b"]


def test_feed_as_sitemap() -> None:
    body = (
        b'<rss version="2.0"><channel><item><title>A</title><link>https://ferry.example/a</link></item></channel></rss>'
    )
    assert parse(body, URL).pages == (DiscoveredLink(url="https://ferry.example/a", title="A"),)


def test_other_sites_are_left_out() -> None:
    others = "".join(
        f"<url><loc>{u}</loc></url>" for u in ("https://evil.example/x", "https://www.ferry.example/b", "ftp://x/")
    )
    body = urlset(others + entry())
    assert paths(body) == ["https://www.ferry.example/b", "/a"]
    assert parse(body, URL).skipped == {Skipped.OTHER_SITE: 1, Skipped.NO_ADDRESS: 1}


def test_site_that_names_the_sitemap_may_be_another_one() -> None:
    body = urlset(entry() + "<url><loc>https://cdn.example/x</loc></url>")
    found = parse(body, "https://cdn.example/maps/1.xml", sites=["ferry.example"])
    assert [p.url for p in found.pages] == ["https://ferry.example/a", "https://cdn.example/x"]


def test_parts_of_an_index_may_be_on_another_host_and_in_a_urlset() -> None:
    part = "<sitemap><loc>https://cdn.example/1.xml</loc></sitemap>"
    index = f"<sitemapindex {XMLNS}>{part}</sitemapindex>".encode()
    for body in (index, urlset(part + entry())):
        assert [s.url for s in parse(body, URL).sitemaps] == ["https://cdn.example/1.xml"]
    assert paths(urlset(part + entry())) == ["/a"]


def test_entries_that_are_not_taken_are_counted() -> None:
    body = urlset(entry() + entry("/a?utm_source=x") + "<url><loc/></url>" + "<url><loc>https://ferry")
    assert parse(body, URL).skipped == {Skipped.REPEATED: 1, Skipped.NO_ADDRESS: 1, Skipped.OTHER_SITE: 1}


BROKEN = {
    "no namespace": urlset(entry(), ""),
    "a namespace of its own": urlset(entry(), 'xmlns="https://www.google.com/schemas/sitemap/0.84"'),
    "a prefix": urlset(entry().replace("url>", "s:url>").replace("loc>", "s:loc>"), 'xmlns:s="http://x"'),
    "an undeclared prefix": urlset(entry("/a", "<news:news><news:title>x</news:title></news:news>")),
    "blanks before the declaration": b"\n \n" + urlset(entry()),
    "byte order mark": b"\xef\xbb\xbf" + urlset(entry()),
    "spaces in the URL": urlset("<url><loc>\n  https://ferry.example/a\n </loc></url>"),
    "CDATA": urlset("<url><loc><![CDATA[https://ferry.example/a]]></loc></url>"),
    "capitals": urlset(entry().replace("url>", "URL>").replace("loc>", "Loc>")),
    "bare ampersand": urlset(entry("/a") + entry("/b?x=1&y=2")),
    "two byte order marks": b"\xef\xbb\xbf" * 2 + urlset(entry()),
    "a wrong encoding": urlset(entry()).replace(b"UTF-8", b"utf-16"),
    "a warning before it": b"<br />\n<b>Warning</b>: foo() in /x.php on line <b>3</b>\n" + urlset(entry()),
    "not closed": urlset(entry() + "<url><loc>https://ferry"),
    "a bad date": urlset(entry("/a", "<lastmod>yesterday</lastmod>")),
    "an empty entry": urlset("<url/><url><loc/></url>" + entry()),
    "HTML around it": b"<!-- cached --><?xml-stylesheet href='x'?>" + urlset(entry()).partition(b"?>\n")[2],
    "comments": urlset("<url><!-- x --><loc>https://ferry.example/a</loc><!-- y --></url>"),
}


@pytest.mark.parametrize("stray", ["</b>", "</urlset>", "<b>", "</url>"])
def test_nothing_behind_a_stray_tag_is_lost(stray: str) -> None:
    body = urlset(entry() + stray + "".join(entry(f"/{n}") for n in range(50)))
    assert paths(body) == ["/a", *(f"/{n}" for n in range(50))]


def test_nothing_behind_a_fault_is_lost() -> None:
    faults = ("/b?x=1&y=2&copy=3", "/caf&eacute;", "/a<b", "/&#0;x", "/&nbsp;y")
    body = urlset("".join(entry(f"/{n}") for n in range(5)) + "".join(map(entry, faults)) + entry("/z") * 1000)
    assert paths(body)[:7] == ["/0", "/1", "/2", "/3", "/4", "/b?x=1&y=2&copy=3", "/caf%C3%A9"]
    assert paths(body)[-1] == "/z"


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_readable_entries_of_a_broken_sitemap(body: bytes) -> None:
    assert paths(body)[0] == "/a"


@pytest.mark.parametrize(
    "body", [b"", b"<html><p>x</p></html>", b"\x00\x01", b"some words", gzip.compress(b"", mtime=0), b"\x1f\x8bxx"]
)
def test_other_body_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"sitemap\.xml is"):
        parse(body, URL)


def test_entities_are_not_expanded_and_files_are_not_read() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    begin = time.process_time()
    for doctype in (
        f'<!DOCTYPE urlset [<!ENTITY l0 "ha">{laughs}]>',
        '<!DOCTYPE urlset [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
    ):
        body = urlset(entry("/&l9;") + entry()).replace(b"<urlset", doctype.encode() + b"<urlset")
        assert all("root" not in a and len(a) < 10_000 for a in paths(body))
    assert time.process_time() - begin < 2


@pytest.mark.slow
def test_largest_sitemap_is_fast_and_limited() -> None:
    body = urlset("".join(entry(f"/{n}") for n in range(50_010)))
    begin = time.process_time()
    assert len(parse(body, URL).pages) == 50_000
    assert time.process_time() - begin < 10
