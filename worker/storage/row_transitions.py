"""The state changes of a ledger row, independent of where the row is stored.

    (none) --admit--> queued --finish--> finished --admit, once due or forced--> queued ...

Each function takes the current row (None if there is none) and returns the decision about it. See `ports.Ledger` for
the meaning of each change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from worker.model.reasons import Reason
from worker.model.records import Admission, CrawlResult, Outcome, Row, State, Target
from worker.storage.ports import DELETE, KEEP, Delete, Keep, Put


def admit(row: Row | None, target: Target, now: datetime) -> Admission:
    """Return the admission of a target. The row of a `known` admission is unchanged."""
    if row is None:
        return Admission(verdict="created", row=_new(target, now))
    is_due = target.force or (row.next_crawl_at is not None and row.next_crawl_at <= now)
    if row.state is State.QUEUED or not is_due:
        return Admission(verdict="known", row=row)
    requeued = replace(
        row,
        state=State.QUEUED,
        crawl=row.crawl + 1,
        attempts=0,
        hops=target.hops,
        queued_at=now,
        next_crawl_at=None,
    )
    return Admission(verdict="requeued", row=requeued)


def finish(row: Row | None, result: CrawlResult) -> Put[Row] | Keep:
    """Finish a queued row with the result of its crawl. Keep a row that is finished or queued for another crawl."""
    if row is None or row.state is not State.QUEUED or row.crawl != result.crawl:
        return KEEP
    return Put(
        replace(
            row,
            state=State.FINISHED,
            outcome=result.outcome,
            reason=result.reason,
            detail=result.detail,
            finished_at=result.finished_at,
            http_status=result.http_status,
            etag=result.etag if result.etag is not None else row.etag,
            last_modified=result.last_modified if result.last_modified is not None else row.last_modified,
            content_hash=result.content_hash if result.content_hash is not None else row.content_hash,
            article_id=result.article_id if result.article_id is not None else row.article_id,
            gone_at=_gone_at(row, result),
            next_crawl_at=result.next_crawl_at,
        )
    )


def tombstone(row: Row | None, now: datetime, reason: Reason, detail: str) -> Put[Row] | Keep:
    """Finish a row as rejected, without an article."""
    if row is None:
        return KEEP
    return Put(
        replace(
            row,
            state=State.FINISHED,
            outcome=Outcome.REJECTED,
            reason=reason,
            detail=detail,
            finished_at=now,
            etag=None,
            last_modified=None,
            content_hash=None,
            article_id=None,
            gone_at=None,
            next_crawl_at=None,
        )
    )


def update_content_hash(row: Row | None, changed: Row) -> Put[Row] | Keep:
    """Copy content hash and validators from `changed`. Keep a row that has changed since `changed` was read."""
    if row is None or (row.state, row.crawl, row.article_id) != (changed.state, changed.crawl, changed.article_id):
        return KEEP
    return Put(replace(row, content_hash=changed.content_hash, etag=changed.etag, last_modified=changed.last_modified))


def move(row: Row | None, crawl: int, url: str, host: str) -> Put[Row] | Keep:
    """Change the URL of a queued row and add one hop. Keep a row that is not queued with that crawl."""
    if row is None or row.state is not State.QUEUED or row.crawl != crawl:
        return KEEP
    return Put(replace(row, url=url, host=host, hops=row.hops + 1))


def touch(row: Row | None, now: datetime) -> Put[Row] | Keep:
    """Add one attempt to a queued row. Keep a row that is not queued."""
    if row is None or row.state is not State.QUEUED:
        return KEEP
    return Put(replace(row, attempts=row.attempts + 1, queued_at=now))


def delete(row: Row | None) -> Delete | Keep:
    """Delete a finished row without an article of its own. Keep any other row."""
    is_deletable = row is not None and row.state is State.FINISHED and row.article_id != row.id
    return DELETE if is_deletable else KEEP


def is_aged(row: Row | None, before: datetime) -> bool:
    """Return True if the row is finished, has an article of its own, and was first seen before that time."""
    if row is None or row.state is not State.FINISHED or row.article_id != row.id:
        return False
    return row.first_seen_at is not None and row.first_seen_at < before


def tally(groups: Iterable[tuple[str, str | None, str | None, int]]) -> dict[str, int]:
    """Return `Ledger.counts` for groups of (state, outcome, reason, number of rows)."""
    counts = Counter({str(state): 0 for state in State})
    for state, outcome, reason, count in groups:
        counts[state] += count
        if state == State.FINISHED and outcome:
            counts[outcome] += count
            if reason:
                counts[f"{outcome}/{reason}"] += count
    return dict(counts)


def _new(target: Target, now: datetime) -> Row:
    return Row(
        id=target.id,
        url=target.url,
        canonical_url=target.canonical_url,
        host=target.host,
        source=target.source,
        state=State.QUEUED,
        crawl=1,
        hops=target.hops,
        queued_at=now,
        first_seen_at=now,
    )


def _gone_at(row: Row, result: CrawlResult) -> datetime | None:
    if result.gone is None:
        return row.gone_at
    return (row.gone_at or result.finished_at) if result.gone else None
