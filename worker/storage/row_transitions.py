"""The life of a ledger's row, apart from where it is kept: how it is admitted, touched, finished and dropped.

(nothing) --admit--> queued --settle--> finished --admit, once due or forced--> queued …
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from worker.model.records import Admission, CrawlResult, Outcome, Row, State, Target

#: Text that others wrote, and so may hold what no store takes: half a surrogate pair.
FOREIGN = ("source", "detail", "etag", "last_modified")
TIMES = ("queued_at", "finished_at", "first_seen_at", "gone_at", "next_crawl_at")


def admit(row: Row | None, target: Target, now: datetime) -> Admission:
    """What becomes of a target whose row stands thus; `known` leaves the row as it is."""
    if row is None:
        return Admission(verdict="created", row=_new(target, now))
    is_due = target.force or (row.next_crawl_at is not None and row.next_crawl_at <= now)
    if row.state is State.QUEUED or not is_due:
        return Admission(verdict="known", row=row)
    again = replace(
        row,
        state=State.QUEUED,
        crawl=row.crawl + 1,
        attempts=0,
        hops=target.hops,
        queued_at=now,
        next_crawl_at=None,
    )
    return Admission(verdict="requeued", row=again)


def finish(row: Row | None, end: CrawlResult) -> Row | None:
    """The row after its crawl has ended so; None where that is not the crawl it waits for."""
    if row is None or row.state is not State.QUEUED or row.crawl != end.crawl:
        return None
    return replace(
        row,
        state=State.FINISHED,
        outcome=end.outcome,
        reason=end.reason,
        detail=end.detail,
        finished_at=end.finished_at,
        http_status=end.http_status,
        etag=end.etag if end.etag is not None else row.etag,
        last_modified=end.last_modified if end.last_modified is not None else row.last_modified,
        content_hash=end.content_hash if end.content_hash is not None else row.content_hash,
        article_id=end.article_id if end.article_id is not None else row.article_id,
        gone_at=_gone_at(row, end),
        next_crawl_at=end.next_crawl_at,
    )


def tombstone(row: Row | None, now: datetime, reason: str, detail: str) -> Row | None:
    """The row without its document, ended by rule; None where there is no row."""
    if row is None:
        return None
    return replace(
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


def update_content_hash(row: Row | None, wanted: Row) -> Row | None:
    """The row with the other's content hash and validators; None where it has changed since that was read."""
    if row is None or (row.state, row.crawl, row.article_id) != (wanted.state, wanted.crawl, wanted.article_id):
        return None
    return replace(row, content_hash=wanted.content_hash, etag=wanted.etag, last_modified=wanted.last_modified)


def move(row: Row | None, crawl: int, url: str, host: str) -> Row | None:
    """The row under another spelling of its address; None where that crawl is not under way."""
    if row is None or row.state is not State.QUEUED or row.crawl != crawl:
        return None
    return replace(row, url=url, host=host, hops=row.hops + 1)


def touch(row: Row | None, now: datetime) -> Row | None:
    """The row after the sweeper has queued it once more; None where it no longer waits."""
    if row is None or row.state is not State.QUEUED:
        return None
    return replace(row, attempts=row.attempts + 1, queued_at=now)


def is_droppable(row: Row | None) -> bool:
    """Whether the row may be forgotten: its crawl has ended, and no document hangs on it."""
    return row is not None and row.state is State.FINISHED and row.article_id != row.id


def is_aged(row: Row | None, before: datetime) -> bool:
    """Whether the row is at rest, has a document of its own, and was first seen before that time."""
    if row is None or row.state is not State.FINISHED or row.article_id != row.id:
        return False
    return row.first_seen_at is not None and row.first_seen_at < before


def tally(groups: Iterable[tuple[str, str | None, str | None, int]]) -> dict[str, int]:
    """`Ledger.counts` from the number of rows by state, outcome and reason."""
    counts = Counter({str(state): 0 for state in State})
    for state, outcome, reason, count in groups:
        counts[state] += count
        if state == State.FINISHED and outcome:
            counts[outcome] += count
            if reason:
                counts[f"{outcome}/{reason}"] += count
    return dict(counts)


def to_dict(row: Row) -> dict[str, Any]:
    """As a store keeps it: times as text of one width in UTC, so that they sort as text.

    `changed_at`, when the row was last queued or finished, is added for the stores to sort by; `lag_s`, the
    seconds that
    the last crawl took from queued to finished, for Kibana.
    """
    fields = {name: getattr(row, name) for name in Row.__dataclass_fields__}
    fields["changed_at"] = row.queued_at if row.state is State.QUEUED else row.finished_at
    fields["lag_s"] = _lag_s(row)
    fields |= {name: to_text(fields[name]) for name in (*TIMES, "changed_at")}
    return fields | {name: _storable(fields[name]) for name in FOREIGN}


def from_dict(fields: Mapping[str, Any]) -> Row:
    """The reverse of `to_dict`; fields of the store's own are left out."""
    values = {name: fields[name] for name in Row.__dataclass_fields__ if name in fields}
    values |= {name: from_text(values.get(name)) for name in TIMES}
    values["state"] = State(values["state"])
    values["outcome"] = Outcome(values["outcome"]) if values.get("outcome") else None
    return Row(**values)


def to_text(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC to the microsecond: "2026-11-24T05:43:20.000000+00:00"."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def _lag_s(row: Row) -> float | None:
    if row.state is State.QUEUED or row.queued_at is None or row.finished_at is None:
        return None
    return (row.finished_at - row.queued_at).total_seconds()


def _storable(text: str | None) -> str | None:
    return text.encode("utf-8", "replace").decode() if text else text


def from_text(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


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


def _gone_at(row: Row, end: CrawlResult) -> datetime | None:
    if end.gone is None:
        return row.gone_at
    return (row.gone_at or end.finished_at) if end.gone else None
