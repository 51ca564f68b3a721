"""Tests of walks through the sitemaps of a site and of their validators."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from worker.discovery import sitemap_tree
from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.sitemap_tree import SitemapValidators, SitemapWalk
from worker.discovery.sitemaps import Sitemap
from worker.discovery.source_history import FULL_FETCH_AFTER_S
from worker.model.records import Fetched

DAY = 86_400
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://n.example/sitemap.xml"


def link(path: str, days_ago: int | None = None) -> DiscoveredLink:
    modified = None if days_ago is None else datetime.fromtimestamp(NOON.timestamp() - days_ago * DAY, UTC)
    return DiscoveredLink(url=f"https://n.example{path}", modified=modified)


def sitemap_of(count: int, start: int = 0) -> Sitemap:
    return Sitemap(pages=tuple(link(f"/a/{start + n}") for n in range(count)))


def response(**headers: str) -> Fetched:
    values = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fetched(url=URL, status=200, headers=values, body=b"", fetched_at=datetime.now(UTC), elapsed_s=0)


INDEX = Sitemap(sitemaps=(link("/old.xml", 300), link("/new.xml", 0), link("/undated.xml"), link("/week.xml", 7)))


def test_newest_parts_come_first() -> None:
    walk = SitemapWalk.begin([URL, "https://n.example/news.xml", URL])
    assert walk.next_url == URL
    walk, pages = walk.advance(INDEX)
    assert pages == ()
    order = []
    while walk.next_url:
        order.append(walk.next_url.rpartition("/")[2])
        walk, _ = walk.advance(Sitemap())
    assert order == ["new.xml", "week.xml", "old.xml", "undated.xml", "news.xml"]
    assert walk.visited == 6


def test_walk_survives_json() -> None:
    walk, _ = SitemapWalk.begin([URL], since=NOON.timestamp(), most_urls=77).advance(INDEX)
    assert SitemapWalk.from_dict(json.loads(json.dumps(walk.as_dict()))) == walk


def test_each_sitemap_is_visited_once() -> None:
    walk = SitemapWalk.begin([URL])
    walk, _ = walk.advance(Sitemap(sitemaps=(link("/sitemap.xml"), link("/a.xml"), link("/a.xml#x"))))
    assert walk.pending == ("https://n.example/a.xml",)
    walk, _ = walk.advance(Sitemap(sitemaps=(link("/sitemap.xml"), link("/a.xml"))))
    assert walk.next_url is None


def test_since_leaves_out_unchanged_sitemaps_and_pages() -> None:
    walk = SitemapWalk.begin([URL], since=NOON.timestamp() - 10 * DAY)
    walk, _ = walk.advance(INDEX)
    assert [u.rpartition("/")[2] for u in walk.pending] == ["new.xml", "week.xml", "undated.xml"]
    walk, pages = walk.advance(Sitemap(pages=(link("/a", 20), link("/b", 1), link("/c"), link("/late", 11))))
    assert [page.url.rpartition("/")[2] for page in pages] == ["b", "c", "late"]
    assert (walk.found, walk.named) == (3, 8)


def test_walk_is_limited_in_pages_and_sitemaps(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = SitemapWalk.begin(["https://n.example/1.xml", "https://n.example/2.xml"], most_urls=15)
    walk, pages = walk.advance(sitemap_of(10))
    assert len(pages) == 10
    walk, pages = walk.advance(sitemap_of(10, 10))
    assert len(pages) == 5
    assert (walk.next_url, walk.found) == (None, 15)
    monkeypatch.setattr(sitemap_tree, "MAX_SITEMAPS", 5)
    walk, _ = SitemapWalk.begin([URL]).advance(Sitemap(sitemaps=tuple(link(f"/{n}.xml") for n in range(9))))
    assert len(walk.pending) == 4
    walk, _ = walk.advance(Sitemap(sitemaps=(link("/more.xml"),)))
    assert len(walk.pending) == 3


def test_skip_passes_an_unavailable_sitemap() -> None:
    walk = SitemapWalk.begin(["https://n.example/1.xml", "https://n.example/2.xml"]).skip()
    assert (walk.next_url, walk.visited) == ("https://n.example/2.xml", 1)


def test_validators_expire_and_survive_json() -> None:
    validators = SitemapValidators().with_response(URL, response(etag='"a"', last_modified="Tue"), 1000.0)
    validators = SitemapValidators(json.loads(json.dumps(validators.kept)))
    assert validators.get(URL + "#x", 1000.0 + FULL_FETCH_AFTER_S) == ('"a"', "Tue")
    assert validators.get(URL, 1001.0 + FULL_FETCH_AFTER_S) == (None, None)
    assert validators.get(URL + "?other", 1000.0) == (None, None)
    assert validators.with_response(URL, response(), 1000.0).get(URL, 1000.0) == (None, None)


def test_oldest_validators_are_dropped() -> None:
    validators = SitemapValidators()
    for n in range(sitemap_tree.MAX_VALIDATORS + 1):
        validators = validators.with_response(f"{URL}?{n}", response(etag="x"), float(n))
    assert len(validators.kept) == sitemap_tree.MAX_VALIDATORS
    assert validators.get(f"{URL}?0", 0.0) == (None, None)
    assert validators.get(f"{URL}?1", 0.0) == ("x", None)
