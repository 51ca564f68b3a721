"""Through a site's sitemaps, bounded and resumable."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from worker.discovery import sitemap_tree as walks
from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.sitemap_tree import SitemapWalk
from worker.discovery.sitemaps import Sitemap

DAY = 86_400
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def found(path: str, days_ago: int | None = None) -> DiscoveredLink:
    modified = None if days_ago is None else datetime.fromtimestamp(NOON.timestamp() - days_ago * DAY, UTC)
    return DiscoveredLink(url=f"https://n.example{path}", modified=modified)


def pages(count: int, start: int = 0) -> Sitemap:
    return Sitemap(pages=tuple(found(f"/a/{start + n}") for n in range(count)))


INDEX = Sitemap(sitemaps=(found("/old.xml", 300), found("/new.xml", 0), found("/undated.xml"), found("/week.xml", 7)))


def test_the_newest_parts_come_first() -> None:
    walk = SitemapWalk.begin(
        ["https://n.example/sitemap.xml", "https://n.example/news.xml", "https://n.example/sitemap.xml"]
    )
    assert walk.next_url == "https://n.example/sitemap.xml"
    walk, brought = walk.advance(INDEX)
    assert brought == ()
    order = []
    while walk.next_url:
        order.append(walk.next_url.rpartition("/")[2])
        walk, _ = walk.advance(Sitemap())
    assert order == ["new.xml", "week.xml", "old.xml", "undated.xml", "news.xml"]
    assert walk.visited == 6


def test_a_walk_goes_on_from_plain_values() -> None:
    walk, _ = SitemapWalk.begin(["https://n.example/sitemap.xml"], since=NOON.timestamp(), most_urls=77).advance(INDEX)
    assert SitemapWalk.from_dict(json.loads(json.dumps(walk.as_dict()))) == walk


def test_nothing_twice_and_no_circles() -> None:
    walk = SitemapWalk.begin(["https://n.example/sitemap.xml"])
    walk, _ = walk.advance(Sitemap(sitemaps=(found("/sitemap.xml"), found("/a.xml"), found("/a.xml#x"))))
    assert walk.pending == ("https://n.example/a.xml",)
    walk, _ = walk.advance(Sitemap(sitemaps=(found("/sitemap.xml"), found("/a.xml"))))
    assert walk.next_url is None


def test_what_has_not_changed_since_is_left_out() -> None:
    walk = SitemapWalk.begin(["https://n.example/sitemap.xml"], since=NOON.timestamp() - 10 * DAY)
    walk, _ = walk.advance(INDEX)
    assert [u.rpartition("/")[2] for u in walk.pending] == ["new.xml", "week.xml", "undated.xml"]
    walk, brought = walk.advance(Sitemap(pages=(found("/a", 20), found("/b", 1), found("/c"), found("/late", 11))))
    assert [f.url.rpartition("/")[2] for f in brought] == ["b", "c", "late"]
    assert (walk.found, walk.named) == (3, 8)


def test_bounds(monkeypatch) -> None:
    walk = SitemapWalk.begin(["https://n.example/1.xml", "https://n.example/2.xml"], most_urls=15)
    walk, brought = walk.advance(pages(10))
    assert len(brought) == 10
    walk, brought = walk.advance(pages(10, 10))
    assert len(brought) == 5
    assert (walk.next_url, walk.found) == (None, 15)
    monkeypatch.setattr(walks, "MOST_SITEMAPS", 5)
    walk, _ = SitemapWalk.begin(["https://n.example/i.xml"]).advance(
        Sitemap(sitemaps=tuple(found(f"/{n}.xml") for n in range(9)))
    )
    assert len(walk.pending) == 4
    walk, _ = walk.advance(Sitemap(sitemaps=(found("/more.xml"),)))
    assert len(walk.pending) == 3


def test_past_a_sitemap_that_cannot_be_had() -> None:
    walk = SitemapWalk.begin(["https://n.example/1.xml", "https://n.example/2.xml"]).skip()
    assert (walk.next_url, walk.visited) == ("https://n.example/2.xml", 1)
