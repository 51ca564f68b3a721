"""Write the decisions about a batch of pages, in the one order that survives a crash between any two steps.

1. Rows of canonical URLs are admitted, documents of dead processes deleted, earlier texts kept as revisions.
2. Documents are written: external versions make a repetition harmless.
3. Events are published: a repetition has the same id and version.
4. Rows are finished: the crawl number makes a repetition harmless.
5. The caller removes the pages from the spool. Until then a crash brings them back.

Each step is one request for the whole batch, however many pages it has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from worker.model.reasons import Reason
from worker.model.records import Admission, CrawlResult, Document, Outcome, Row, State
from worker.queues.event_stream import Event
from worker.services.articles.revisions import erase, keep_former
from worker.services.articles.takedown import withdraw_rows
from worker.services.context import AppContext
from worker.services.digest.decide import Decision, Finish, Ignore, IndexArticle, MarkDuplicate, results_of
from worker.services.intake.submit import enqueue_admitted
from worker.services.ledger.lifecycle import admit
from worker.telemetry import crawl_seconds


@dataclass(frozen=True, slots=True)
class _Batch:
    """The decisions about a batch, by kind, and the admissions of the canonical URLs that its pages name."""

    decisions: Sequence[Decision]
    duplicates: Sequence[MarkDuplicate]
    indexed: Sequence[IndexArticle]
    admissions: Mapping[str, Admission]  #: by the row id of the canonical URL

    @property
    def documents(self) -> list[Document]:
        return [one.document for one in self.indexed]


def write(context: AppContext, decisions: Sequence[Decision], decided_at: datetime) -> None:
    """Write documents, events and rows. Raises `Unavailable` or `RedisError`; the batch can then be repeated."""
    batch = _admit_links(context, decisions, decided_at)
    results = {result.id: result for decision in batch.decisions for result in results_of(decision)}
    _prepare_index(context, batch)
    refused = _write_documents(context, batch.documents)
    results |= _refused_results(batch, results, refused)
    withdraw_rows(context, [d.row for d in batch.duplicates if d.link.target.id not in refused])
    events = [Event.of(one.document, one.event) for one in batch.indexed if one.event]
    context.events.publish([event for event in events if event.id not in refused])
    finished = _finish(context, results)
    _delete_late_documents(context, [d for d in batch.documents if d.id not in finished])
    waiting = [batch.admissions[d.link.target.id] for d in batch.duplicates if d.link.target.id not in finished]
    enqueue_admitted(context, waiting)
    _count(context, batch, results, finished, refused)


def _admit_links(context: AppContext, decisions: Sequence[Decision], decided_at: datetime) -> _Batch:
    """Admit the canonical URLs that pages name, and drop decisions about rows that have changed since.

    Such a row is queued at the same time at which its duplicate finishes. By these times, `duplicates.resolve` later
    recognises a link back to the duplicate as a loop.
    """
    duplicates = [d for d in decisions if isinstance(d, MarkDuplicate)]
    targets = {d.link.target.id: d.link.target for d in sorted(duplicates, key=lambda d: d.link.target.force)}
    admissions = dict(zip(targets, admit(context, list(targets.values()), now=decided_at), strict=True))
    confirmed = [_confirmed(d, admissions) if isinstance(d, MarkDuplicate) else d for d in decisions]
    duplicates = [d for d in confirmed if isinstance(d, MarkDuplicate)]
    return _Batch(
        decisions=confirmed,
        duplicates=duplicates,
        indexed=[d for d in confirmed if isinstance(d, IndexArticle)] + [d.index for d in duplicates if d.index],
        admissions=admissions,
    )


def _confirmed(decision: MarkDuplicate, admissions: Mapping[str, Admission]) -> MarkDuplicate:
    """Return the decision with the admitted row, and without the article if another process crawls that row now."""
    if decision.index is None:
        return decision
    admission = admissions[decision.link.target.id]
    row, expected = admission.row, decision.index.row
    if admission.verdict == "blocked" or row.state is not State.QUEUED or row.crawl != expected.crawl:
        return replace(decision, index=None)
    return decision


def _prepare_index(context: AppContext, batch: _Batch) -> None:
    deleted = [_row_id(d) for d in batch.decisions if isinstance(d, Ignore | Finish) and d.deletes_document]
    if deleted:
        erase(context, deleted)
    if without_history := [one.row.id for one in batch.indexed if one.forgets_revisions]:
        context.catalog.revisions.forget(without_history)
    keep_former(context, [one.document for one in batch.indexed if one.replaces])


def _row_id(decision: Ignore | Finish) -> str:
    return decision.page.id if isinstance(decision, Ignore) else decision.row.id


def _write_documents(context: AppContext, documents: Sequence[Document]) -> dict[str, str]:
    """Write documents. Return the reasons of the refused ones, by id."""
    written = context.index.write(documents) if documents else []
    return {w.id: str(w.reason) for w in written if w.status == "refused"}


def _refused_results(
    batch: _Batch, results: Mapping[str, CrawlResult], refused: Mapping[str, str]
) -> dict[str, CrawlResult]:
    """Return failed results for rows whose document was refused, and for the duplicates of these rows."""
    failed = {id: _refused(results[id], why) for id, why in refused.items()}
    for duplicate in batch.duplicates:
        if (target_id := duplicate.link.target.id) in refused:
            failed[duplicate.row.id] = _refused(results[duplicate.row.id], refused[target_id])
    return failed


def _refused(result: CrawlResult, why: str) -> CrawlResult:
    """Return a failed result without hash and document, so that the next crawl tries again."""
    return replace(
        result,
        outcome=Outcome.FAILED,
        reason=Reason.INDEX_REFUSED,
        detail=f"the index refused the article: {why}",
        etag=None,
        last_modified=None,
        content_hash=None,
        article_id=None,
    )


def _finish(context: AppContext, results: Mapping[str, CrawlResult]) -> set[str]:
    """Finish rows. Return the ids of the rows that were still queued with these crawls."""
    finished = context.ledger.finish(list(results.values())) if results else []
    return {id for id, is_finished in zip(results, finished, strict=True) if is_finished}


def _delete_late_documents(context: AppContext, documents: Collection[Document]) -> None:
    """Delete documents whose rows were tombstoned while the pages were read."""
    if not documents:
        return
    rows = context.ledger.get([d.id for d in documents])
    late = [d for d, row in zip(documents, rows, strict=True) if _is_without_article(row)]
    if late:
        erase(context, [d.id for d in late])
        context.events.publish([Event.of(d, "article.gone") for d in late])


def _is_without_article(row: Row | None) -> bool:
    return row is None or (row.state is State.FINISHED and row.article_id != row.id)


def _count(
    context: AppContext,
    batch: _Batch,
    results: Mapping[str, CrawlResult],
    finished: AbstractSet[str],
    refused: Mapping[str, str],
) -> None:
    rows = {d.row.id: d.row for d in batch.decisions if not isinstance(d, Ignore)}
    rows |= {one.row.id: one.row for one in batch.indexed}
    lags = [seconds for id, result in results.items() for seconds in crawl_seconds(rows[id], result)]
    context.telemetry.observe({"crawl": lags})
    indexed = finished & {d.id for d in batch.documents} - refused.keys()
    context.telemetry.count(context.now(), finished=len(finished), indexed=len(indexed))
