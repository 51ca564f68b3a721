"""Sources: registration, visits by kind and schedule, health, and lists."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.paths import PROJECT
from tests.worker.services.conftest import Answer, Clock, Web, page, work_off
from worker.discovery import schedule
from worker.discovery.source_history import SourceHistory
from worker.errors import BadInput
from worker.model.catalog import SourceKind
from worker.services.context import AppContext
from worker.services.crawl.recrawl import recrawl
from worker.services.sources import lists, registry, sitemap_walk, visits
from worker.services.sources.bulk_add import add_all
from worker.services.sources.discovery import discover

RSS = {"Content-Type": "application/rss+xml"}


def feed(web: Web, *paths: str) -> str:
    items = "".join(f"<item><title>About {p}</title><link>{web.url(p)}</link></item>" for p in paths)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>{items}</channel></rss>'


def sitemap(web: Web, *paths: str, index: bool = False) -> str:
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    entries = "".join(f"<{inner}><loc>{web.url(p)}</loc></{inner}>" for p in paths)
    return f'<?xml version="1.0"?><{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{outer}>'


def wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_feed_is_recognised_crawled_and_due_again(context: AppContext, web: Web, clock: Clock) -> None:
    web["/feed"] = feed(web, "/1", "/2")
    web["/1"], web["/2"] = page("One"), page("Two")
    source = registry.register(context, web.url("/feed"), name="daily", every="15m")
    assert source.kind is SourceKind.FEED
    (claimed,) = visits.claim_due(context, 10)
    assert visits.claim_due(context, 10) == [], "claimed by this caller"
    crawled = visits.crawl(context, claimed)
    assert (crawled.listed, crawled.new) == (2, 2)
    work_off(context, clock)
    assert context.ledger.counts()["indexed"] == 2
    assert visits.claim_due(context, 10) == []
    clock.forward(15 * 60)
    (again,) = visits.claim_due(context, 10)
    assert visits.crawl(context, again).new == 0


def test_the_sources_of_one_site_need_no_names(context: AppContext) -> None:
    paths = ("/feed", "/sport/feed", "/sport/feed?page=1", "/sport/feed?page=2", "/world/")
    named = [registry.register(context, f"https://news.example{p}", kind=SourceKind.FEED).name for p in paths]
    sport = "news.example/sport/feed"
    assert named == ["news.example", sport, f"{sport} 2", f"{sport} 3", "news.example/world"]


def test_a_url_has_at_most_one_source(context: AppContext) -> None:
    registry.register(context, "https://news.example/feed?b=2&a=1", name="daily", kind=SourceKind.FEED)
    with pytest.raises(BadInput, match="The source 'daily' has this URL already"):
        registry.register(context, "http://www.News.example/feed?a=1&b=2", name="again", kind=SourceKind.FEED)
    entries = [
        lists.Listed(url="https://news.example/feed?a=1&b=2", name="again", kind=SourceKind.FEED),
        lists.Listed(url="https://news.example/sport", kind=SourceKind.FEED),
        lists.Listed(url="https://news.example/sport", kind=SourceKind.FEED, name="sport"),
        lists.Listed(url="https://other.example/feed", kind=SourceKind.FEED, name="daily"),
    ]
    *answers, taken = add_all(context, entries)
    named = [(a.verdict, a.name) for a in answers]
    assert named == [("known", "daily"), ("added", "news.example"), ("known", "news.example")]
    assert (taken.verdict, "Choose another name" in str(taken.problem)) == ("refused", True)


def test_a_lost_claim_records_nothing(context: AppContext, web: Web, clock: Clock) -> None:
    web["/feed"] = feed(web, "/1")
    registry.register(context, web.url("/feed"), name="slow", kind=SourceKind.FEED)
    (first,) = visits.claim_due(context, 10)
    clock.forward(visits.CLAIM_S + 1)
    (second,) = visits.claim_due(context, 10)
    visits.crawl(context, second)
    due = context.catalog.sources.get("slow").next_due_at
    visits.crawl(context, first)
    assert context.catalog.sources.get("slow").next_due_at == due


def test_an_unchanged_feed_costs_a_304(context: AppContext, web: Web, clock: Clock) -> None:
    web["/feed"] = Answer(feed(web, "/1"), headers={"ETag": '"a"'})
    registry.register(context, web.url("/feed"), name="tagged", kind=SourceKind.FEED)
    assert visits.crawl_now(context, "tagged").listed == 1
    assert visits.crawl_now(context, "tagged").is_unchanged


def test_the_beginning_of_a_too_long_sitemap_is_read(context: AppContext, web: Web, clock: Clock) -> None:
    short = context.settings.model_copy(update={"fetch_max_body_bytes": 1000})
    object.__setattr__(context, "settings", short)
    web["/sitemap.xml"] = sitemap(web, *(f"/{n}" for n in range(100)))
    registry.register(context, web.url("/sitemap.xml"), name="long", kind=SourceKind.SITEMAP)
    assert 5 < visits.crawl_now(context, "long").new < 50


def test_a_source_that_fails_delays_its_host_as_well(context: AppContext, web: Web, clock: Clock) -> None:
    web["/robots.txt"] = "User-agent: *\nCrawl-delay: 2"
    registry.register(context, web.url("/feed"), name="none", kind=SourceKind.FEED)
    assert visits.crawl_now(context, "none").problem
    assert context.frontier.lease(web.origin, clock().timestamp() + 1.5, 1) is None


def test_an_unchanged_sitemap_is_healthy(context: AppContext, web: Web, clock: Clock) -> None:
    entry = f"<url><loc>{web.url('/old')}</loc><lastmod>2020-01-01</lastmod></url>"
    web["/sitemap.xml"] = f"<urlset>{entry}</urlset>"
    registry.register(context, web.url("/sitemap.xml"), name="old", kind=SourceKind.SITEMAP)
    for _ in range(2):
        visits.crawl_now(context, "old")
        assert registry.health(context, context.catalog.sources.get("old")) == "ok"


def test_a_sitemap_index_is_crawled_in_parts(
    context: AppContext, web: Web, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap_walk, "MAX_SITEMAPS", 2)
    web["/sitemap.xml"] = sitemap(web, *(f"/part{n}.xml" for n in range(5)), index=True)
    for n in range(5):
        web[f"/part{n}.xml"] = sitemap(web, f"/story/{n}")
    source = registry.register(context, web.url("/sitemap.xml"), name="map")
    assert source.kind is SourceKind.SITEMAP
    listed, parts = 0, 0
    more = True
    while more:
        crawled = visits.crawl_now(context, "map")
        listed, parts, more = listed + crawled.listed, parts + 1, crawled.more
    assert (listed, parts) == (5, 3)
    assert all(web.requests[f"/part{n}.xml"] == 1 for n in range(5))


def test_a_section_page_is_a_source(context: AppContext, web: Web) -> None:
    links = "".join(
        f'<h2><a href="/2026/03/{n:02d}/harbour-story-number-{n}">A harbour story with a headline, number {n}</a></h2>'
        for n in range(1, 8)
    )
    web["/politics/"] = f"<html><body><nav><a href='/about'>About us</a></nav><main>{links}</main></body></html>"
    source = registry.register(context, web.url("/politics/"), name="politics")
    assert source.kind is SourceKind.SECTION
    crawled = visits.crawl_now(context, "politics")
    assert crawled.listed == 7


def test_a_section_learns_from_the_outcomes_of_its_links(context: AppContext, web: Web, clock: Clock) -> None:
    links = "".join(
        f'<h2><a href="/2026/03/{n:02d}/harbour-story-number-{n}">A harbour story with a headline, number {n}</a></h2>'
        for n in range(1, 8)
    )
    web["/politics/"] = f"<html><body><main>{links}</main></body></html>"
    for n in range(1, 6):
        web[f"/2026/03/{n:02d}/harbour-story-number-{n}"] = page(f"A harbour story with a headline, number {n}")
    registry.register(context, web.url("/politics/"), name="politics", kind=SourceKind.SECTION)
    visits.crawl_now(context, "politics")
    assert context.catalog.sources.get("politics").learned == {}
    work_off(context, clock)
    for _ in range(2):
        visits.crawl_now(context, "politics")
        (counts,) = context.catalog.sources.get("politics").learned.values()
        assert list(counts) == [5, 0], "each row counts once; the two that failed say nothing"


def test_unhealthy_lists_failing_empty_and_silent_sources(context: AppContext, web: Web) -> None:
    web["/feed"] = feed(web, "/1")
    for name, path in (("well", "/feed"), ("gone", "/gone"), ("paused", "/away")):
        registry.register(context, web.url(path), name=name, kind=SourceKind.FEED, paused=name == "paused")
    visits.crawl_now(context, "well")
    for _ in range(3):
        visits.crawl_now(context, "gone")
    assert registry.unhealthy(context) == {"gone": "failing"}


def test_a_failing_source_is_reported_and_visited_less_often(context: AppContext, web: Web, clock: Clock) -> None:
    registry.register(context, web.url("/gone"), name="gone", kind=SourceKind.FEED, every="5m")
    waits = []
    for _ in range(3):
        assert visits.crawl_now(context, "gone").problem
        due = context.catalog.sources.get("gone").next_due_at
        assert due
        waits.append(due - clock())
    found = context.catalog.sources.get("gone")
    assert registry.health(context, found) == "failing"
    assert SourceHistory.from_dict(found.history).failed == "http-404"
    assert waits == sorted(waits)
    assert waits[-1] > timedelta(minutes=20)


def test_a_truncated_emoji_does_not_stop_a_feed(context: AppContext, web: Web) -> None:
    items = f'[{{"url": "{web.url("/1")}", "title": "Ferry \\ud83d", "authors": [{{"name": "Dana \\ude00"}}]}}]'
    web["/feed.json"] = f'{{"version": "https://jsonfeed.org/version/1.1", "items": {items}}}'
    registry.register(context, web.url("/feed.json"), name="cut", kind=SourceKind.FEED)
    assert visits.crawl_now(context, "cut").new == 1
    assert SourceHistory.from_dict(context.catalog.sources.get("cut").history).visits == 1


def test_an_internal_error_is_a_failed_visit(
    context: AppContext, web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> str:
        raise ArithmeticError("nobody thought of this")

    web["/feed"] = feed(web, "/1")
    registry.register(context, web.url("/feed"), name="odd", kind=SourceKind.FEED, every="15m")
    monkeypatch.setattr(visits, "fingerprint", broken)
    for _ in range(3):
        assert visits.crawl_now(context, "odd").problem == "ArithmeticError: nobody thought of this"
    found = context.catalog.sources.get("odd")
    assert (registry.health(context, found), found.history["failed"]) == ("failing", "crawl-error")
    assert "Traceback" in caplog.text


def test_old_entries_are_skipped(context: AppContext, web: Web) -> None:
    old = "<item><link>{}</link><pubDate>Mon, 02 Mar 2020 08:00:00 GMT</pubDate></item>".format(web.url("/old"))
    web["/feed"] = feed(web, "/new").replace("</channel>", f"{old}</channel>")
    registry.register(context, web.url("/feed"), name="mixed", kind=SourceKind.FEED)
    crawled = visits.crawl_now(context, "mixed")
    assert [a.url for a in crawled.answers] == [web.url("/new")]


def test_discovery_lists_the_sources_of_a_site(context: AppContext, web: Web) -> None:
    link = '<link rel="alternate" type="application/rss+xml" title="News" href="/news.rss">'
    web["/"] = f"<html><head>{link}</head><body>Home</body></html>"
    web["/robots.txt"] = f"Sitemap: {web.url('/map.xml')}"
    web["/news.rss"] = feed(web, "/1", "/2")
    web["/map.xml"] = sitemap(web, "/1")
    offers = {o.url: o for o in discover(context, web.url("/"))}
    assert offers[web.url("/news.rss")].listed == 2
    assert offers[web.url("/map.xml")].kind is SourceKind.SITEMAP
    assert all(offer.listed for offer in offers.values())


def test_a_wrong_source_is_explained(context: AppContext, web: Web) -> None:
    with pytest.raises(BadInput, match="not a schedule"):
        registry.register(context, web.url("/feed"), kind=SourceKind.FEED, every="often")
    registry.register(context, web.url("/feed"), name="x", kind=SourceKind.FEED)
    with pytest.raises(BadInput, match="x"):
        registry.register(context, web.url("/other"), name="x", kind=SourceKind.FEED)
    with pytest.raises(BadInput, match="Unknown source"):
        visits.crawl_now(context, "nobody")


@pytest.mark.parametrize("form", ["toml", "opml"])
def test_exported_lists_can_be_imported(context: AppContext, web: Web, tmp_path: Path, form: str) -> None:
    registry.register(context, web.url("/feed?a=1&b=2"), name='Ö "quoted" & <odd>', kind=SourceKind.FEED, every="2h")
    written = {"toml": lists.to_toml, "opml": lists.to_opml}[form](context.catalog.sources.all())
    file = tmp_path / f"sources.{form}"
    file.write_text(written, "utf-8")
    (entry,) = lists.read(file)
    assert entry.name == 'Ö "quoted" & <odd>'
    assert (entry.url, entry.kind, entry.every) == (web.url("/feed?a=1&b=2"), SourceKind.FEED, "2h")


@pytest.mark.parametrize(
    ("name", "text"), [("a.toml", "[[source]]\nurl = 1"), ("a.toml", "x ="), ("a.opml", "<opml/>"), ("a.txt", "")]
)
def test_a_broken_list_is_explained(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput):
        lists.read(tmp_path / name)


def test_the_sample_list_can_be_read() -> None:
    listed = lists.read(PROJECT / "config" / "sources.toml")
    assert [s.kind for s in listed] == [SourceKind.FEED, SourceKind.SITEMAP, SourceKind.SECTION]
    for entry in listed:
        schedule.parse(entry.every)


def test_young_articles_are_fetched_again_and_old_ones_not(context: AppContext, web: Web, clock: Clock) -> None:
    web["/feed"] = feed(web, "/1")
    web["/1"] = page("Young")
    visits.crawl_once(context, web.url("/feed"))
    work_off(context, clock)
    assert recrawl(context) == 0
    clock.forward(3600)
    assert recrawl(context) == 1
    work_off(context, clock)
    (row,) = context.ledger.rows()
    assert (row.crawl, row.reason) == (2, "same-content")
    clock.forward(4 * 86400)
    assert recrawl(context) == 1, "once more at a day's age, if it was missed"
    work_off(context, clock)
    clock.forward(40 * 86400)
    assert recrawl(context) == 0
