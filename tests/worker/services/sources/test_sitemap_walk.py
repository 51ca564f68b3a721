"""Trees of sitemaps: visited in parts as a source, or read to the end by a backfill."""

from __future__ import annotations

from itertools import islice
from types import SimpleNamespace
from typing import Any

import pytest

from tasks.limits import longest_task_s
from tests.worker.services.conftest import Answer, Clock, Web
from tests.worker.services.sources.test_registry import feed, sitemap
from worker.errors import BadInput, CopydeskError
from worker.model.catalog import SourceKind
from worker.services.context import AppContext
from worker.services.crawl.source_fetch import WAIT_S
from worker.services.sources import registry, sitemap_walk, visits
from worker.services.sources.backfill import backfill
from worker.services.sources.discovery import discover
from worker.services.sources.sitemap_walk import WalkedPart

OLD = "<lastmod>2001-01-01</lastmod>"


def tree(web: Web, parts: int) -> str:
    """Serve a sitemap index whose parts list one old page each. Return its URL."""
    web["/sitemap.xml"] = sitemap(web, *(f"/part{n}.xml" for n in range(parts)), index=True)
    for n in range(parts):
        web[f"/part{n}.xml"] = sitemap(web, f"/story/{n}").replace("</loc>", f"</loc>{OLD}")
    return web.url("/sitemap.xml")


def test_a_broken_sitemap_does_not_end_the_walk(context: AppContext, web: Web) -> None:
    web["/sitemap.xml"] = sitemap(web, "/away.xml", "/part.xml", index=True)
    web.redirect("/away.xml", "ftp://127.0.0.1/x")
    web["/part.xml"] = sitemap(web, "/story/1")
    registry.register(context, web.url("/sitemap.xml"), name="map", kind=SourceKind.SITEMAP)
    crawled = visits.crawl_now(context, "map")
    assert (crawled.problem, crawled.new, crawled.more) == (None, 1, False)


def test_a_broken_candidate_does_not_end_discovery(context: AppContext, web: Web) -> None:
    web["/"] = "<html><body><p>Home</p></body></html>"
    web.redirect("/feed", "ftp://127.0.0.1/x")
    web["/rss"] = feed(web, "/1")
    assert [o.url for o in discover(context, web.url("/"))] == [web.url("/rss")]


def test_a_visit_ends_before_its_claim(
    context: AppContext, web: Web, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.register(context, tree(web, 5), name="map", kind=SourceKind.SITEMAP)
    step = sitemap_walk._step

    def slow_step(*args: Any) -> WalkedPart:
        clock.forward(70)
        return step(*args)

    monkeypatch.setattr(sitemap_walk, "_step", slow_step)
    monkeypatch.setattr(sitemap_walk, "time", SimpleNamespace(monotonic=lambda: clock().timestamp()))
    assert visits.crawl_now(context, "map").more
    assert sum(web.requests[f"/part{n}.xml"] for n in range(5)) == 1
    while visits.crawl_now(context, "map").more:
        pass
    assert sum(web.requests[f"/part{n}.xml"] for n in range(5)) == 5


def test_a_large_sitemap_tree_is_read_in_parts(context: AppContext, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap_walk, "MAX_PAGES", 2)
    web["/sitemap.xml"] = sitemap(web, *(f"/part{n}.xml" for n in range(5)), index=True)
    for n in range(5):
        web[f"/part{n}.xml"] = sitemap(web, f"/story/{n}")
    registry.register(context, web.url("/sitemap.xml"), name="map", kind=SourceKind.SITEMAP)
    crawled = visits.crawl_now(context, "map")
    assert (crawled.new, crawled.more) == (2, True)


def test_no_message_is_given_to_another_while_a_visit_lasts(context: AppContext) -> None:
    longest = sitemap_walk.longest_walk_s(context.settings)
    assert longest > sitemap_walk.MAX_S + WAIT_S
    assert longest <= longest_task_s(context.settings) < visits.CLAIM_S


def test_an_unchanged_part_costs_a_304(context: AppContext, web: Web, clock: Clock) -> None:
    web["/sitemap.xml"] = sitemap(web, "/part.xml", index=True)
    web["/part.xml"] = Answer(sitemap(web, "/story/1"), headers={"ETag": '"a"'})
    registry.register(context, web.url("/sitemap.xml"), name="map", kind=SourceKind.SITEMAP)
    assert visits.crawl_now(context, "map").listed == 1
    assert visits.crawl_now(context, "map").listed == 0
    web["/part.xml"] = Answer(sitemap(web, "/story/1", "/story/2"), headers={"ETag": '"b"'})
    assert visits.crawl_now(context, "map").new == 1
    web["/part.xml"] = Answer(sitemap(web, "/story/3"), headers={"ETag": '"b"'})
    assert visits.crawl_now(context, "map").new == 0
    clock.forward(7 * 3600)
    assert visits.crawl_now(context, "map").new == 1, "every six hours the whole is asked for"


def test_a_single_unchanged_sitemap_is_healthy(context: AppContext, web: Web) -> None:
    web["/sitemap.xml"] = Answer(sitemap(web, "/story/1"), headers={"ETag": '"a"'})
    registry.register(context, web.url("/sitemap.xml"), name="map", kind=SourceKind.SITEMAP)
    assert visits.crawl_now(context, "map").new == 1
    assert visits.crawl_now(context, "map").is_unchanged
    assert registry.health(context, context.catalog.sources.get("map")) == "ok"


def test_a_backfill_queues_articles_of_any_age(context: AppContext, web: Web) -> None:
    url = tree(web, 30)
    once = visits.crawl_once(context, url)
    assert (once.listed, once.more) == (0, True)
    parts = list(backfill(context, url))
    assert sum(p.listed for p in parts) == 30
    assert context.ledger.counts()["queued"] == 30
    assert not list((context.settings.data_dir / "walks").iterdir())


def test_an_interrupted_backfill_continues_at_its_position(context: AppContext, web: Web, clock: Clock) -> None:
    url = tree(web, 4)
    assert len(list(islice(backfill(context, url), 3))) == 3
    pause = context.frontier.record_failure(web.origin, clock().timestamp(), "http-503", 3600)
    assert pause
    with pytest.raises(CopydeskError, match="run the same command again"):
        list(backfill(context, url))
    clock.forward(3601)
    assert sum(p.listed for p in backfill(context, url)) == 2
    assert [web.requests[f"/part{n}.xml"] for n in range(4)] == [1, 1, 1, 1]


def test_a_backfill_skips_and_reports_a_broken_sitemap(context: AppContext, web: Web) -> None:
    url = tree(web, 3)
    web["/part1.xml"] = "<html><p>no sitemap</p></html>"
    parts = list(backfill(context, url))
    assert sum(p.listed for p in parts) == 2
    (problem,) = [p.problem for p in parts if p.problem]
    assert "/part1.xml" in problem


def test_a_backfill_accepts_a_feed_and_refuses_invalid_urls(context: AppContext, web: Web) -> None:
    web["/feed"] = feed(web, "/1", "/2")
    assert [p.listed for p in backfill(context, web.url("/feed"), source="daily")] == [2]
    assert {r.source for r in context.ledger.rows()} == {"daily"}
    with pytest.raises(CopydeskError, match="404"):
        list(backfill(context, web.url("/none")))
    with pytest.raises(BadInput, match="not a web URL"):
        list(backfill(context, "http://["))
