"""The index is rebuilt from the archive by real reader processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.support.events import published_types
from tests.worker.services.conftest import Answer, Clock, Ingest, Web, page, work_off
from worker import extraction
from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable
from worker.model.records import Document, Fetched, Outcome, Row, State, document_version
from worker.services.articles.takedown import remove
from worker.services.context import AppContext
from worker.services.crawl.host_visit import visit_host
from worker.services.digest.read_page import ReadResult, ReadTask
from worker.services.digest.reader_pool import ReaderPool
from worker.services.intake.submit import add
from worker.services.maintenance.audit import audit
from worker.services.maintenance.reindex import ArchiveRebuild, rebuild_from_archive
from worker.wiring import set_up_stores

pytestmark = pytest.mark.slow

WALL = (
    "<!doctype html><html lang=en><head><title>Before you continue</title></head><body><div id=consent class=consent>"
    "<h1>We value your privacy</h1><p>We and our partners store cookies on your device. You may accept all cookies or "
    "manage your choices.</p><button>Accept all</button><button>Reject all</button></div></body></html>"
)


@pytest.fixture
def context(context: AppContext) -> AppContext:
    return replace(context, settings=context.settings.model_copy(update={"digest_processes": 1}))


@pytest.fixture
def yesterday(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Replace the reader by one of the previous revision, until `undo`. It differs only in the section."""
    explain = extraction.explain

    def older(*args: Any, **more: Any) -> extraction.Explanation:
        explained = explain(*args, **more)
        article = replace(explained.article, article_section="Yesterday", article_body="It said little.")
        return replace(explained, article=article)

    monkeypatch.setattr(extraction, "explain", older)
    monkeypatch.setattr(extraction, "REVISION", extraction.REVISION - 1)
    return monkeypatch


def rebuild(context: AppContext) -> ArchiveRebuild:
    return rebuild_from_archive(context, lambda stage, done, total: None)


def filed(context: AppContext, row: Row) -> Document:
    found = context.index.get([row.id])[0]
    assert found
    return found


def now(context: AppContext, row: Row) -> Row:
    found = context.ledger.get([row.id])[0]
    assert found
    return found


def full_disk(fetched: Fetched) -> str:
    raise Unavailable("the archive takes nothing")


def test_all_pages_are_read_again_and_lost_documents_return(
    context: AppContext, web: Web, ingest: Ingest, yesterday: pytest.MonkeyPatch
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
    context.index.delete([b.id, str(alias.article_id)])
    remove(context, c.id, block=True)
    before, crawled = published_types(context), web.requests.total()

    renewed = rebuild(context)

    assert (renewed.read, renewed.restored, renewed.kept, renewed.lost) == (1, 2, {}, {})
    assert renewed.rebuilt.documents == 3
    assert audit(context).is_clean
    assert context.index.get([c.id]) == [None]
    for id in (a.id, b.id, str(alias.article_id)):
        [document] = context.index.get([id])
        assert document
        assert document.version == document_version(1, extraction.REVISION)
        assert "what happened next" in document.article.article_body
        assert document.article.article_section != "Yesterday"
    assert (published_types(context), web.requests.total()) == (before, crawled)
    assert ingest(web.url("/a"), force=True).outcome is Outcome.UNCHANGED
    assert ingest(web.url("/b"), force=True).outcome is Outcome.UNCHANGED


def test_a_document_without_a_better_archived_page_stays(
    context: AppContext, web: Web, ingest: Ingest, yesterday: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    web["/walled"], web["/later"] = page("Walled in since"), page("As it was")
    walled, later = ingest(web.url("/walled")), ingest(web.url("/later"))
    web["/walled"], web["/later"] = WALL, page("As it is")
    assert ingest(web.url("/walled"), force=True).reason == "consent-page"
    monkeypatch.setattr(context.archive, "write", full_disk)
    ingest(web.url("/later"), force=True)
    yesterday.undo()
    stood = [filed(context, walled), filed(context, later)]
    renewed = rebuild(context)
    assert (renewed.read, renewed.kept) == (0, {"consent-page": 1, "not-archived": 1})
    assert [filed(context, walled), filed(context, later)] == stood
    assert audit(context).is_clean


def test_an_unarchived_lost_article_is_reported_and_crawled_again(
    context: AppContext, web: Web, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="does not hold any pages"):
        rebuild(context)
    with monkeypatch.context() as disk:
        disk.setattr(context.archive, "write", full_disk)
        web["/s"], web["/walled"] = Answer(page("Nowhere"), headers={"ETag": '"same"'}), page("Walled in")
        row, walled = ingest(web.url("/s")), ingest(web.url("/walled"))
    web["/walled"] = WALL
    ingest(web.url("/walled"), force=True)
    context.index.delete([row.id, walled.id])
    renewed = rebuild(context)
    assert renewed.lost == {"not-archived": 1, "consent-page": 1}
    assert sorted(renewed.lost_urls) == [web.url("/s"), web.url("/walled")]
    assert ingest(web.url("/s"), force=True).outcome is Outcome.INDEXED
    web["/walled"] = page("Walled in")
    assert ingest(web.url("/walled"), force=True).outcome is Outcome.INDEXED
    assert audit(context).is_clean


def test_an_article_behind_a_wall_is_restored_from_an_earlier_page(
    context: AppContext, web: Web, ingest: Ingest
) -> None:
    for content in (page("At first"), page("And then"), WALL, WALL):
        web["/s"] = content
        row = ingest(web.url("/s"), force=True)
    assert (row.crawl, row.reason) == (4, "consent-page")
    context.index.delete([row.id])
    renewed = rebuild(context)
    assert (renewed.restored, renewed.read, renewed.kept, renewed.lost) == (1, 0, {}, {})
    assert filed(context, row).article.headline == "And then"
    assert audit(context).is_clean


def test_a_row_that_is_crawled_again_is_restored_and_then_changed(
    context: AppContext, web: Web, clock: Clock, ingest: Ingest
) -> None:
    """The page is in the archive and in the spool. The rebuild may index it early; its event follows later."""
    web["/s"] = page("As it was")
    row = ingest(web.url("/s"))
    context.index.delete([row.id])
    web["/s"] = page("As it is")
    add(context, [web.url("/s")], force=True)
    visit_host(context, row.host, lambda: None)
    assert (now(context, row).state, context.spool.contains(row.id)) == (State.QUEUED, True)
    assert rebuild(context).restored == 1
    assert filed(context, row).version == document_version(1, extraction.REVISION)
    work_off(context, clock)
    assert filed(context, row).version == document_version(2, extraction.REVISION)
    assert filed(context, row).article.headline == "As it is"
    assert published_types(context) == ["article.indexed", "article.changed"]
    assert audit(context).is_clean


@pytest.mark.parametrize("store", ["sqlite", "elastic"])
def test_writes_of_workers_during_a_rebuild_win(
    request: pytest.FixtureRequest,
    store: str,
    context: AppContext,
    web: Web,
    clock: Clock,
    yesterday: pytest.MonkeyPatch,
) -> None:
    """Write between reading a page again and writing its document."""
    settings: Settings = request.getfixturevalue(f"{store}_settings")
    stores = set_up_stores(settings)
    context = replace(context, ledger=stores.ledger, index=stores.index, catalog=stores.catalog)
    urls = {name: web.url(f"/{name}") for name in ("still", "changed", "removed", "lost", "lost-removed")}
    for name in urls:
        web[f"/{name}"] = page(f"The {name} story")
    rows = {name: a.row for name, a in zip(urls, add(context, list(urls.values())), strict=True) if a.row}
    work_off(context, clock)
    yesterday.undo()
    context.index.delete([rows["lost"].id, rows["lost-removed"].id])
    context.ledger.refresh()
    read, stages = ReaderPool.read, iter(("restoring", "rebuilding"))

    def slow(readers: ReaderPool, pages: Sequence[ReadTask]) -> list[ReadResult]:
        answers = read(readers, pages)
        if (stage := next(stages, "")) == "restoring":
            remove(context, rows["lost-removed"].id, block=False)
        elif stage == "rebuilding":
            web["/changed"] = page("The story as it goes on")
            add(context, [urls["changed"]], force=True)
            work_off(context, clock)
            remove(context, rows["removed"].id, block=False)
        return answers

    yesterday.setattr(ReaderPool, "read", slow)
    renewed = rebuild(context)
    assert next(stages, None) is None
    assert (renewed.restored, renewed.lost) == (1, {})
    assert renewed.kept == ({"read-meanwhile": 1} if store == "elastic" else {})
    assert context.index.get([rows["removed"].id, rows["lost-removed"].id]) == [None, None]
    assert filed(context, rows["changed"]).article.headline == "The story as it goes on"
    assert filed(context, rows["changed"]).version == document_version(2, extraction.REVISION)
    for name in ("still", "lost"):
        assert filed(context, rows[name]).version == document_version(1, extraction.REVISION)
        assert filed(context, rows[name]).article.article_section != "Yesterday"
    assert audit(context).is_clean


def test_a_page_without_text_does_not_replace_an_article(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/a"] = page("Story a")
    row = ingest(web.url("/a"))
    picture = (
        '<figure><img src="/a.jpg" width=900><figcaption>The pier on Monday. (AP Photo/Dana Whitlock)</figcaption>'
    )
    web["/a"] = f"<html><title>Story a</title><body><article><h1>Story a</h1>{picture}</article></body></html>"
    assert ingest(web.url("/a"), force=True).reason == "no-text"
    assert rebuild(context).kept == {"no-text": 1}
    assert "what happened next" in filed(context, row).article.article_body
