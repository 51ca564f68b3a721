"""Pages from WARC and WET files, and replays of our own archive: they go into the spool without being fetched.

Each page is admitted like any URL, so that known URLs are not read twice, and is then digested like a fetched page.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from operator import itemgetter

from worker import urls
from worker.errors import BadInput, Unreadable
from worker.model.reasons import Reason, Stage
from worker.model.records import Fetched, Outcome, Page, Row, State, Target
from worker.services.context import AppContext
from worker.services.ledger.lifecycle import again

log = logging.getLogger(__name__)
BATCH = 25
PAUSE_S = 0.2  # between two checks of a full spool
PATIENCE_S = 10.0  # wait for a full spool that does not change, before a warning is logged
READABLE_TYPES = ("text/html", "application/xhtml", "text/plain")


def import_pages(context: AppContext, pages: Iterable[Fetched], *, source: str) -> Iterator[Counter[str]]:
    """Put pages into the spool. Yield the counts of each batch, so that the caller can show and store progress.

    The counts are `created`, `requeued`, `known`, and `skipped`: not a page, no web address, or blocked. Raises
    `Unreadable` for a damaged file, after the pages before the damage are imported.
    """
    batch: list[Fetched] = []
    try:
        for fetched in pages:
            batch.append(fetched)
            if len(batch) == BATCH:
                yield _import_batch(context, batch, source)
                batch = []
    except Unreadable:
        if batch:
            yield _import_batch(context, batch, source)
        raise
    if batch:
        yield _import_batch(context, batch, source)


def _import_batch(context: AppContext, batch: Sequence[Fetched], source: str) -> Counter[str]:
    found = [(target, fetched) for fetched in batch if (target := _target(fetched, source))]
    blocked = context.catalog.blocklist.blocked([target.id for target, _ in found])
    accepted = [(target, fetched) for target, fetched in found if target.id not in blocked]
    counts = Counter(skipped=len(batch) - len(accepted))
    _wait_for_room(context)
    admissions = context.ledger.admit([target for target, _ in accepted], context.now())
    for admission, (_, fetched) in zip(admissions, accepted, strict=True):
        counts[admission.verdict] += 1
        if admission.is_queued or _was_interrupted(admission.row, source):
            context.spool.put(replace(make_page(admission.row, fetched), is_imported=True))
    return +counts


def _was_interrupted(row: Row, source: str) -> bool:
    """Return True if an earlier import may have ended after it wrote the row and before it put the page.

    The page is then put again. That does no harm: the spool takes each crawl once.
    """
    return row.state is State.QUEUED and row.crawl == 1 and row.source == source


def _target(fetched: Fetched, source: str) -> Target | None:
    if fetched.status != 200 or not fetched.content_type.lower().startswith(READABLE_TYPES):
        return None
    try:
        return urls.target(fetched.url, source=source)
    except BadInput:
        return None


def _wait_for_room(context: AppContext) -> None:
    """Block until the spool has room for the batch.

    Call this before admitting rows: the sweeper fetches again every queued row whose page it cannot find.
    """
    before, since = context.spool.depths(), time.monotonic()
    while context.spool.is_full():
        if (depths := context.spool.depths()) != before:
            before, since = depths, time.monotonic()
        elif time.monotonic() - since > PATIENCE_S:
            log.warning("The spool is full, and no page is read from it. Is `copydesk run` running? Waiting for it.")
            since = float("inf")  # warn once
        time.sleep(PAUSE_S)


def make_page(row: Row, fetched: Fetched, archived: str | None = None) -> Page:
    """Return the page for the spool: the response to the current crawl of a row."""
    return Page(
        id=row.id,
        crawl=row.crawl,
        url=fetched.url,
        content_type=fetched.content_type,
        status=fetched.status,
        fetched_at=fetched.fetched_at,
        body=fetched.body,
        etag=fetched.headers.get("etag"),
        last_modified=fetched.headers.get("last-modified"),
        archived=archived,
    )


def latest_places(context: AppContext) -> dict[str, str]:
    """Return the archive position of the latest page of each row, in the order of fetching.

    The files of several processes overlap in time, so the order of the files is not the order of fetching.
    """
    latest: dict[str, tuple[datetime, str]] = {}
    for place, fetched in context.archive.replay():
        if (target := _target(fetched, "")) is not None:
            found = (fetched.fetched_at, place)
            latest[target.id] = max(latest.get(target.id, found), found)
    return {id: place for id, (_, place) in sorted(latest.items(), key=itemgetter(1))}


def earlier_places(context: AppContext, ids: Collection[str]) -> dict[str, list[str]]:
    """Return the archive positions of all pages of these rows except the latest one, newest first."""
    found: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for place, fetched in context.archive.replay():
        if (target := _target(fetched, "")) is not None and target.id in ids:
            found[target.id].append((fetched.fetched_at, place))
    return {id: [place for _, place in sorted(all_, reverse=True)[1:]] for id, all_ in found.items()}


def replay(context: AppContext, places: Mapping[str, str]) -> Iterator[Counter[str]]:
    """Read archived pages again with the current reader, without fetching. Yield the counts of each batch.

    The counts are `replayed` and `skipped`. A page is skipped if its row is missing, blocked or being crawled, or if
    the last crawl of the row ended before a page was read.
    """
    waiting = iter(places.items())
    while batch := dict(islice(waiting, BATCH)):
        yield _replay_batch(context, places_by_owner(context, batch, places))


def places_by_owner(context: AppContext, batch: Mapping[str, str], places: Mapping[str, str]) -> dict[str, str]:
    """Return the same archive positions by the rows that own the articles of the pages.

    A page that names another URL as canonical was indexed at that URL, which may never have been fetched.
    """
    owned: dict[str, str] = {}
    for row in context.ledger.get(list(batch)):
        if row is not None:
            moved = row.outcome is Outcome.DUPLICATE and row.reason is Reason.CANONICAL and row.article_id not in places
            owned[str(row.article_id) if moved else row.id] = batch[row.id]
    return owned


def _replay_batch(context: AppContext, places: Mapping[str, str]) -> Counter[str]:
    blocked = context.catalog.blocklist.blocked(list(places))
    rows = [row for row in context.ledger.get(list(places)) if row and row.id not in blocked]
    busy = _rows_under_way(context, [row for row in rows if row.state is State.QUEUED])
    readable = [row for row in rows if row.id not in busy and _may_replay(row)]
    fetched = {row.id: page for row in readable if (page := read_archived(context, places[row.id]))}
    finished = [row for row in readable if row.id in fetched and row.state is State.FINISHED]
    _wait_for_room(context)
    queued = [a.row for a in context.ledger.admit([again(r) for r in finished], context.now()) if a.is_queued]
    interrupted = [row for row in readable if row.id in fetched and row.state is State.QUEUED]
    for row in (*queued, *interrupted):
        context.spool.put(make_page(row, fetched[row.id], places[row.id]))
    replayed = len(queued) + len(interrupted)
    return Counter(replayed=replayed, skipped=len(places) - replayed)


def read_archived(context: AppContext, place: str) -> Fetched | None:
    """Return the page at an archive position, or None if it is no longer in the archive."""
    try:
        return context.archive.read(place)
    except Unreadable:
        return None


def _rows_under_way(context: AppContext, rows: Sequence[Row]) -> set[str]:
    """Return the ids of the queued rows that wait in the frontier or the spool."""
    if not rows:
        return set()
    waiting = context.frontier.contain([(row.host, row.id) for row in rows])
    queued = {row.id for row, is_waiting in zip(rows, waiting, strict=True) if is_waiting}
    return queued | context.spool.contained([row.id for row in rows])


def _may_replay(row: Row) -> bool:
    if row.gone_at:
        return False
    if row.state is State.QUEUED:  # by an interrupted replay; new rows cannot be in this state
        return row.crawl > 1
    return row.article_id == row.id or _ended_by_reading(row)


def _ended_by_reading(row: Row) -> bool:
    """Return True if the last crawl read a page, so that a better reader may find an article in it."""
    if row.outcome not in (Outcome.REJECTED, Outcome.FAILED) or row.reason is None:
        return False
    return row.reason.stage is Stage.READ or row.reason is Reason.INDEX_REFUSED
