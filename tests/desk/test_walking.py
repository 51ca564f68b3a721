"""Through a site's tree of sitemaps: as a source that remembers, and once, to the end."""

from __future__ import annotations

import pytest

from tasks.app import longest_task_s
from tests.desk.conftest import Answer, Clock, Web
from tests.desk.test_sources import feed, sitemap
from worker.catalog import SourceKind
from worker.desk import sources, walking
from worker.desk.backfilling import backfill
from worker.desk.crawling import PATIENCE_S
from worker.desk.discovering import discover
from worker.desk.parts import Desk
from worker.errors import BadInput, CopydeskError

OLD = "<lastmod>2001-01-01</lastmod>"


def tree(web: Web, parts: int) -> str:
    """An index whose parts list one old page each; its address."""
    web["/sitemap.xml"] = sitemap(web, *(f"/part{n}.xml" for n in range(parts)), index=True)
    for n in range(parts):
        web[f"/part{n}.xml"] = sitemap(web, f"/story/{n}").replace("</loc>", f"</loc>{OLD}")
    return web.url("/sitemap.xml")


def test_a_part_that_leads_nowhere_does_not_end_the_walk(desk: Desk, web: Web) -> None:
    web["/sitemap.xml"] = sitemap(web, "/away.xml", "/part.xml", index=True)
    web.redirect("/away.xml", "ftp://127.0.0.1/x")
    web["/part.xml"] = sitemap(web, "/story/1")
    sources.register(desk, web.url("/sitemap.xml"), name="map", kind=SourceKind.SITEMAP)
    crawled = sources.crawl_now(desk, "map")
    assert (crawled.problem, crawled.new, crawled.more) == (None, 1, False)


def test_a_candidate_that_leads_nowhere_does_not_end_discovery(desk: Desk, web: Web) -> None:
    web["/"] = "<html><body><p>Home</p></body></html>"
    web.redirect("/feed", "ftp://127.0.0.1/x")
    web["/rss"] = feed(web, "/1")
    assert [o.url for o in discover(desk, web.url("/"))] == [web.url("/rss")]


def test_a_visit_ends_before_its_claim(desk: Desk, web: Web, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    sources.register(desk, tree(web, 5), name="map", kind=SourceKind.SITEMAP)
    visit = walking.visit

    def slowly(*given: object, **named: object) -> object:
        clock.forward(70)
        return visit(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(walking, "visit", slowly)
    assert sources.crawl_now(desk, "map").more
    assert sum(web.requests[f"/part{n}.xml"] for n in range(5)) == 1
    while sources.crawl_now(desk, "map").more:
        pass
    assert sum(web.requests[f"/part{n}.xml"] for n in range(5)) == 5


def test_a_walk_that_names_much_is_done_in_parts(desk: Desk, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "PAGES_A_VISIT", 2)
    web["/sitemap.xml"] = sitemap(web, *(f"/part{n}.xml" for n in range(5)), index=True)
    for n in range(5):
        web[f"/part{n}.xml"] = sitemap(web, f"/story/{n}")
    sources.register(desk, web.url("/sitemap.xml"), name="map", kind=SourceKind.SITEMAP)
    crawled = sources.crawl_now(desk, "map")
    assert (crawled.new, crawled.more) == (2, True)


def test_no_message_is_given_to_another_while_a_visit_lasts(desk: Desk) -> None:
    longest = walking.longest_s(desk.settings)
    assert longest > walking.VISIT_S + PATIENCE_S
    assert longest <= longest_task_s(desk.settings) < sources.CLAIM_S


def test_an_unchanged_part_costs_a_304(desk: Desk, web: Web, clock: Clock) -> None:
    web["/sitemap.xml"] = sitemap(web, "/part.xml", index=True)
    web["/part.xml"] = Answer(sitemap(web, "/story/1"), headers={"ETag": '"a"'})
    sources.register(desk, web.url("/sitemap.xml"), name="map", kind=SourceKind.SITEMAP)
    assert sources.crawl_now(desk, "map").listed == 1
    assert sources.crawl_now(desk, "map").listed == 0
    web["/part.xml"] = Answer(sitemap(web, "/story/1", "/story/2"), headers={"ETag": '"b"'})
    assert sources.crawl_now(desk, "map").new == 1
    web["/part.xml"] = Answer(sitemap(web, "/story/3"), headers={"ETag": '"b"'})
    assert sources.crawl_now(desk, "map").new == 0
    clock.forward(7 * 3600)
    assert sources.crawl_now(desk, "map").new == 1, "every six hours the whole is asked for"


def test_a_sitemap_of_its_own_that_is_unchanged_is_well(desk: Desk, web: Web) -> None:
    web["/sitemap.xml"] = Answer(sitemap(web, "/story/1"), headers={"ETag": '"a"'})
    sources.register(desk, web.url("/sitemap.xml"), name="map", kind=SourceKind.SITEMAP)
    assert sources.crawl_now(desk, "map").new == 1
    assert sources.crawl_now(desk, "map").is_unchanged
    assert sources.health(desk, desk.catalog.sources.get("map")) == "ok"


def test_a_whole_archive_is_queued_however_old(desk: Desk, web: Web) -> None:
    url = tree(web, 30)
    once = sources.crawl_once(desk, url)
    assert (once.listed, once.more) == (0, True)
    parts = list(backfill(desk, url))
    assert sum(p.listed for p in parts) == 30
    assert desk.ledger.counts()["queued"] == 30
    assert not list((desk.settings.data_dir / "walks").iterdir())


def test_a_backfill_goes_on_where_it_stood(desk: Desk, web: Web, clock: Clock) -> None:
    url = tree(web, 4)
    walk = backfill(desk, url)
    for _ in range(3):
        next(walk)
    walk.close()
    pause = desk.frontier.strike(web.origin, clock().timestamp(), "http-503", 3600)
    assert pause
    with pytest.raises(CopydeskError, match="goes on where it stood"):
        list(backfill(desk, url))
    clock.forward(3601)
    assert sum(p.listed for p in backfill(desk, url)) == 2
    assert [web.requests[f"/part{n}.xml"] for n in range(4)] == [1, 1, 1, 1]


def test_a_backfill_leaves_out_a_part_that_is_broken_and_says_so(desk: Desk, web: Web) -> None:
    url = tree(web, 3)
    web["/part1.xml"] = "<html><p>no sitemap</p></html>"
    parts = list(backfill(desk, url))
    assert sum(p.listed for p in parts) == 2
    (problem,) = [p.problem for p in parts if p.problem]
    assert "/part1.xml" in problem


def test_a_backfill_of_a_feed_and_of_nothing(desk: Desk, web: Web) -> None:
    web["/feed"] = feed(web, "/1", "/2")
    assert [p.listed for p in backfill(desk, web.url("/feed"), source="daily")] == [2]
    assert {r.source for r in desk.ledger.rows()} == {"daily"}
    with pytest.raises(CopydeskError, match="404"):
        list(backfill(desk, web.url("/none")))
    with pytest.raises(BadInput, match="not a web address"):
        list(backfill(desk, "http://["))
