"""The index made anew from the archive, by real processes of today's reader."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from tests.desk.conftest import Answer, Clock, Ingest, Web, page, work_off
from worker import reading
from worker.catalog import HostBlocks
from worker.desk.adding import add
from worker.desk.auditing import audit
from worker.desk.parts import Desk, utc_now
from worker.desk.readers import Readers, Reading, Unread
from worker.desk.rebuilding import Renewed, rebuild_from_archive
from worker.desk.removing import remove
from worker.desk.turn import host_turn
from worker.errors import BadInput, Unavailable
from worker.records import Article, Document, Fetched, Outcome, Page, Row, State, document_version
from worker.settings import Settings
from worker.wiring import open_stores

WALL = (
    "<!doctype html><html lang=en><head><title>Before you continue</title></head><body><div id=consent class=consent>"
    "<h1>We value your privacy</h1><p>We and our partners store cookies on your device. You may accept all cookies or "
    "manage your choices.</p><button>Accept all</button><button>Reject all</button></div></body></html>"
)


@pytest.fixture
def desk(desk: Desk) -> Desk:
    return replace(desk, settings=desk.settings.model_copy(update={"digest_processes": 1}))


@pytest.fixture
def yesterday(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A reader one revision older than today's, until `undo`: it finds a section of its own and nothing else."""
    explain = reading.explain

    def older(*args: Any, **more: Any) -> reading.Explanation:
        explained = explain(*args, **more)
        article = replace(explained.article, article_section="Yesterday", article_body="It said little.")
        return replace(explained, article=article)

    monkeypatch.setattr(reading, "explain", older)
    monkeypatch.setattr(reading, "REVISION", reading.REVISION - 1)
    return monkeypatch


def rebuild(desk: Desk) -> Renewed:
    return rebuild_from_archive(desk, lambda stage, done, total: None)


def filed(desk: Desk, row: Row) -> Document:
    found = desk.index.get([row.id])[0]
    assert found
    return found


def now(desk: Desk, row: Row) -> Row:
    found = desk.ledger.get([row.id])[0]
    assert found
    return found


def events(desk: Desk) -> list[bytes]:
    return [fields[b"type"] for _, fields in desk.redis.xrange("copydesk:events")]


def full_disk(fetched: Fetched) -> str:
    raise Unavailable("the archive takes nothing")


def test_all_is_read_anew_and_what_was_lost_comes_back(
    desk: Desk, web: Web, ingest: Ingest, yesterday: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        web[f"/{name}"] = page(f"Story {name}")
    web["/print/d-long-story-of-the-pier"] = page(
        "Story d", head=f'<link rel=canonical href="{web.url("/d-long-story-of-the-pier")}">'
    )
    a, b, c = (ingest(web.url(f"/{name}")) for name in "abc")
    alias = ingest(web.url("/print/d-long-story-of-the-pier"))
    assert (alias.outcome, alias.article_id != alias.id) == (Outcome.DUPLICATE, True)
    assert ingest(web.url("/a"), force=True).outcome is Outcome.UNCHANGED  # its document stays that of the first crawl
    yesterday.undo()
    desk.index.delete([b.id, str(alias.article_id)])
    remove(desk, c.id, block=True)
    before, crawled = events(desk), web.requests.total()

    renewed = rebuild(desk)

    assert (renewed.read, renewed.restored, renewed.kept, renewed.lost) == (1, 2, {}, {})
    assert renewed.rebuilt.documents == 3
    assert audit(desk).is_clean
    assert desk.index.get([c.id]) == [None]
    for id in (a.id, b.id, str(alias.article_id)):
        [document] = desk.index.get([id])
        assert document
        assert document.version == document_version(1, reading.REVISION)
        assert "what happened next" in document.article.article_body
        assert document.article.article_section != "Yesterday"
    assert (events(desk), web.requests.total()) == (before, crawled)
    assert ingest(web.url("/a"), force=True).outcome is Outcome.UNCHANGED
    assert ingest(web.url("/b"), force=True).outcome is Outcome.UNCHANGED


def test_a_document_stays_where_the_archive_has_nothing_better(
    desk: Desk, web: Web, ingest: Ingest, yesterday: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    web["/walled"], web["/later"] = page("Walled in since"), page("As it was")
    walled, later = ingest(web.url("/walled")), ingest(web.url("/later"))
    web["/walled"], web["/later"] = WALL, page("As it is")
    assert ingest(web.url("/walled"), force=True).reason == "consent-page"
    monkeypatch.setattr(desk.archive, "write", full_disk)
    ingest(web.url("/later"), force=True)
    yesterday.undo()
    stood = [filed(desk, walled), filed(desk, later)]
    renewed = rebuild(desk)
    assert (renewed.read, renewed.kept) == (0, {"consent-page": 1, "not-archived": 1})
    assert [filed(desk, walled), filed(desk, later)] == stood
    assert audit(desk).is_clean


def test_what_is_nowhere_is_named_and_comes_back_by_the_next_crawl(
    desk: Desk, web: Web, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="holds no pages"):
        rebuild(desk)
    with monkeypatch.context() as disk:
        disk.setattr(desk.archive, "write", full_disk)
        web["/s"], web["/walled"] = Answer(page("Nowhere"), headers={"ETag": '"same"'}), page("Walled in")
        row, walled = ingest(web.url("/s")), ingest(web.url("/walled"))
    web["/walled"] = WALL
    ingest(web.url("/walled"), force=True)
    desk.index.delete([row.id, walled.id])
    renewed = rebuild(desk)
    assert renewed.lost == {"not-archived": 1, "consent-page": 1}
    assert sorted(renewed.named) == [web.url("/s"), web.url("/walled")]
    assert ingest(web.url("/s"), force=True).outcome is Outcome.INDEXED
    web["/walled"] = page("Walled in")
    assert ingest(web.url("/walled"), force=True).outcome is Outcome.INDEXED
    assert audit(desk).is_clean


def test_what_a_wall_has_covered_comes_back_from_an_earlier_page(desk: Desk, web: Web, ingest: Ingest) -> None:
    for content in (page("At first"), page("And then"), WALL, WALL):
        web["/s"] = content
        row = ingest(web.url("/s"), force=True)
    assert (row.crawl, row.reason) == (4, "consent-page")
    desk.index.delete([row.id])
    renewed = rebuild(desk)
    assert (renewed.restored, renewed.read, renewed.kept, renewed.lost) == (1, 0, {}, {})
    assert filed(desk, row).article.headline == "And then"
    assert audit(desk).is_clean


def test_a_row_whose_next_crawl_is_under_way(desk: Desk, web: Web, clock: Clock, ingest: Ingest) -> None:
    """Its page is in the archive and waits to be read: the document may have it early, who listens is told in time."""
    web["/s"] = page("As it was")
    row = ingest(web.url("/s"))
    desk.index.delete([row.id])
    web["/s"] = page("As it is")
    add(desk, [web.url("/s")], force=True)
    host_turn(desk, row.host, lambda: None)
    assert (now(desk, row).state, desk.spool.contains(row.id)) == (State.QUEUED, True)
    assert rebuild(desk).restored == 1
    assert filed(desk, row).version == document_version(1, reading.REVISION)
    work_off(desk, clock)
    assert filed(desk, row).version == document_version(2, reading.REVISION)
    assert filed(desk, row).article.headline == "As it is"
    assert events(desk) == [b"article.indexed", b"article.changed"]
    assert audit(desk).is_clean


@pytest.mark.parametrize("store", ["sqlite", "elastic"])
def test_what_workers_do_meanwhile_wins(
    request: pytest.FixtureRequest,
    store: str,
    desk: Desk,
    web: Web,
    clock: Clock,
    yesterday: pytest.MonkeyPatch,
) -> None:
    """Between the moments at which a page is read anew and at which it is filed."""
    settings: Settings = request.getfixturevalue(f"{store}_settings")
    stores = open_stores(settings)
    desk = replace(desk, ledger=stores.ledger, index=stores.index, catalog=stores.catalog)
    urls = {name: web.url(f"/{name}") for name in ("still", "changed", "removed", "lost", "lost-removed")}
    for name in urls:
        web[f"/{name}"] = page(f"The {name} story")
    rows = {name: a.row for name, a in zip(urls, add(desk, list(urls.values())), strict=True) if a.row}
    work_off(desk, clock)
    yesterday.undo()
    desk.index.delete([rows["lost"].id, rows["lost-removed"].id])
    desk.ledger.refresh()
    read, stages = Readers.read, iter(("restoring", "rebuilding"))

    def slow(readers: Readers, pages: Sequence[Unread]) -> list[Reading]:
        answers = read(readers, pages)
        if (stage := next(stages, "")) == "restoring":
            remove(desk, rows["lost-removed"].id, block=False)
        elif stage == "rebuilding":
            web["/changed"] = page("The story as it goes on")
            add(desk, [urls["changed"]], force=True)
            work_off(desk, clock)
            remove(desk, rows["removed"].id, block=False)
        return answers

    yesterday.setattr(Readers, "read", slow)
    renewed = rebuild(desk)
    assert next(stages, None) is None
    assert (renewed.restored, renewed.lost) == (1, {})
    assert renewed.kept == ({"read-meanwhile": 1} if store == "elastic" else {})
    assert desk.index.get([rows["removed"].id, rows["lost-removed"].id]) == [None, None]
    assert filed(desk, rows["changed"]).article.headline == "The story as it goes on"
    assert filed(desk, rows["changed"]).version == document_version(2, reading.REVISION)
    for name in ("still", "lost"):
        assert filed(desk, rows[name]).version == document_version(1, reading.REVISION)
        assert filed(desk, rows[name]).article.article_section != "Yesterday"
    assert audit(desk).is_clean


class Bomb:
    """Ends the process that receives it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


@dataclass(frozen=True)
class Endless(reading.Hints):
    """Whoever reads with it never comes back."""

    def __post_init__(self) -> None:
        while self.fetched_at:
            time.sleep(0.01)


def unread(n: int, hints: object) -> Unread:
    url, body = f"https://news.example/{n}", page(f"Story {n}").encode()
    found = Page(id=str(n), crawl=1, url=url, content_type="text/html", status=200, fetched_at=utc_now(), body=body)
    return Unread(page=found, known=HostBlocks(host="https://news.example"), hints=cast(reading.Hints, hints))


def test_a_page_that_takes_for_ever_harms_no_other() -> None:
    with Readers(1, page_s=2) as readers:
        first, second = readers.read([unread(0, reading.Hints()), unread(1, Endless())])
        assert isinstance(first, Article)
        assert (first.headline, second) == ("Story 0", "breaks-reader")


def test_a_page_that_ends_its_reader_harms_no_other() -> None:
    pages = [unread(0, reading.Hints()), unread(1, Bomb()), unread(2, reading.Hints())]
    with Readers(1) as readers:
        first, second, third = readers.read(pages)
        assert isinstance(first, Article) and isinstance(third, Article)
        assert (first.headline, second, third.headline) == ("Story 0", "breaks-reader", "Story 2")
        with pytest.raises(Unavailable, match="end at once"):
            readers.read([unread(0, Bomb()), unread(1, Bomb())])


def test_a_page_without_text_does_not_replace_a_story(desk: Desk, web: Web, ingest: Ingest) -> None:
    web["/a"] = page("Story a")
    row = ingest(web.url("/a"))
    picture = (
        '<figure><img src="/a.jpg" width=900><figcaption>The pier on Monday. (AP Photo/Dana Whitlock)</figcaption>'
    )
    web["/a"] = f"<html><title>Story a</title><body><article><h1>Story a</h1>{picture}</article></body></html>"
    assert ingest(web.url("/a"), force=True).reason == "no-text"
    assert rebuild(desk).kept == {"no-text": 1}
    assert "what happened next" in filed(desk, row).article.article_body
