"""Articles for the tests of the pages: the corpus of the contract suites, ledger rows, and an article with markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.pages.corpus import CORPUS, document
from worker import urls
from worker.model.catalog import Revision
from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Document, Image, Outcome, Provenance, Target
from worker.services.context import AppContext
from worker.storage.catalog.revisions import revision

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SCRIPT = "<script>window.pwned=1</script>"
BREAK = "\"'><img src=x onerror=window.pwned=1><svg/onload=window.pwned=1>{{ 7*7 }}"
JAVASCRIPT = "javascript:window.pwned=1"


def hostile() -> Document:
    """Return an article with script and markup in every field that comes from a page."""
    found = document(
        "hostile",
        f"Zebra {SCRIPT}{BREAK}",
        f"Zebra body {SCRIPT}\n{BREAK}",
        description=f"Zebra {BREAK}",
        author=(BREAK, SCRIPT),
        article_section=BREAK,
        keywords=(BREAK, "onclick=window.pwned=1"),
        agency=BREAK,
        dateline=BREAK,
        publisher=f'" onmouseover="window.pwned=1 {SCRIPT}',
        language='en" onfocus="window.pwned=1',
        images=(
            Image(
                url=JAVASCRIPT, caption=f"Zebra {BREAK}", credit_text=SCRIPT, creator=(BREAK,), agency=BREAK, alt=BREAK
            ),
            Image(url=f'https://img.example/" onclick="window.pwned=1/{SCRIPT}', caption=f"Zebra {SCRIPT}"),
        ),
        provenance={
            SCRIPT: Provenance(source=BREAK, rule=SCRIPT, rivals=((BREAK, SCRIPT),)),
            "headline": Provenance(source=BREAK, rule=BREAK, rivals=((SCRIPT, BREAK),)),
        },
        source=BREAK,
        host=f'https://"onload=window.pwned=1/{SCRIPT}',
    )
    return replace(found, url=JAVASCRIPT, article=replace(found.article, canonical_url=JAVASCRIPT, url=JAVASCRIPT))


def with_ledger_id(document: Document) -> Document:
    """Return the document with the id of its URL in the ledger, or of a made-up URL if it has no web URL."""
    url = document.url if document.url.startswith("http") else f"https://hostile.example/{document.id}"
    return replace(document, id=urls.url_id(urls.canonicalize(url)))


DOCUMENTS = tuple(with_ledger_id(d) for d in CORPUS)
HOSTILE = with_ledger_id(hostile())


def document_by_headline(headline: str) -> Document:
    """Return the document whose headline begins with this text."""
    return next(d for d in DOCUMENTS if (d.article.headline or "").startswith(headline))


def earlier_revision(document: Document, hours: int, **changes: Any) -> Revision:
    """Return a revision from so many hours before the document was fetched."""
    now = revision(document, replaced_at=document.fetched_at - timedelta(hours=hours - 1))
    return replace(now, version=-hours, fetched_at=document.fetched_at - timedelta(hours=hours), **changes)


def _keep_revisions(context: AppContext) -> None:
    flood = document_by_headline("Floods cut")
    body = flood.article.article_body.replace("forty people", "thirty people")
    oldest = earlier_revision(flood, 2, headline="Floods cut off two villages", author=(), article_body=body)
    for one in (oldest, earlier_revision(flood, 1, article_body=body)):
        context.catalog.revisions.keep({flood.id: one}, 9)
    attack = dict.fromkeys(("headline", "description", "article_body"), SCRIPT)
    context.catalog.revisions.keep(
        {HOSTILE.id: earlier_revision(HOSTILE, 1, author=(SCRIPT,), caption_text=(BREAK,), **attack)}, 9
    )


def fill(context: AppContext) -> None:
    """Write the articles, earlier revisions of some, and ledger rows with several outcomes."""
    _keep_revisions(context)
    assert {w.status for w in context.index.write([*DOCUMENTS, HOSTILE])} == {"written"}
    targets = [_target(d.url, d.host) for d in DOCUMENTS]
    finish(context, targets, Outcome.INDEXED, Reason.ARTICLE)
    finish(
        context,
        [_target(f"https://ledger.example/gone-{n}") for n in range(3)],
        Outcome.FAILED,
        Reason("http-404"),
        "Gone",
    )
    finish(context, [_target("https://coast.example/slow")], Outcome.FAILED, Reason.TIMEOUT, SCRIPT + BREAK)
    finish(
        context,
        [_target("https://coast.example/private")],
        Outcome.REJECTED,
        Reason.ROBOTS,
        "Not allowed by robots.txt",
    )
    duplicate = _target("https://ledger.example/en-flood-short")
    finish(context, [duplicate], Outcome.DUPLICATE, Reason.REDIRECT, article_id=document_by_headline("Floods cut").id)
    context.ledger.admit([_target("https://ledger.example/waits")], NOW)
    context.ledger.refresh()
    context.index.refresh()


def finish(
    context: AppContext,
    targets: list[Target],
    outcome: Outcome,
    reason: Reason,
    detail: str | None = None,
    article_id: str | None = None,
) -> None:
    """Admit URLs and finish their crawls."""
    for admission in context.ledger.admit(targets, NOW):
        row = admission.row
        own = row.id if outcome is Outcome.INDEXED else article_id
        crawl_result = CrawlResult(
            id=row.id,
            crawl=row.crawl,
            outcome=outcome,
            finished_at=NOW + timedelta(minutes=1),
            reason=reason,
            detail=detail,
            http_status=404 if reason == Reason("http-404") else 200,
            article_id=own,
        )
        assert context.ledger.finish([crawl_result]) == [True]


def _target(url: str, host: str = "") -> Target:
    canonical = urls.canonicalize(url)
    return Target(
        id=urls.url_id(canonical),
        url=url,
        canonical_url=canonical,
        host=host or "https://ledger.example",
        source="feeds",
    )
