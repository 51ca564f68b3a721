"""Pages that others have fetched (WARC, WET), and our own archive read again: into the spool, past the fetching.

Each page is admitted like any URL, so what is known already is not read twice, and settles by the same digestion.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from operator import itemgetter

from worker import urls
from worker.errors import BadInput, Unreadable
from worker.model.reasons import Reason, Stage
from worker.model.records import Fetched, Outcome, Page, Row, State, Target
from worker.services.context import AppContext
from worker.services.ledger.admission import again

log = logging.getLogger(__name__)
BATCH = 25
PAUSE_S = 0.2  # while the spool is full
PATIENCE_S = 10.0  # with a full spool that nothing changes, until we say so
READABLE = ("text/html", "application/xhtml", "text/plain")


def import_pages(context: AppContext, pages: Iterable[Fetched], *, source: str) -> Iterator[Counter[str]]:
    """Let pages wait to be read. Yields after each batch what became of it ("created", "known", "skipped": no page, or
    no address), so that the caller can show progress and remember how far it came."""
    batch: list[Fetched] = []
    try:
        for fetched in pages:
            batch.append(fetched)
            if len(batch) == BATCH:
                yield _import_batch(context, batch, source)
                batch = []
    except Unreadable:  # a broken file: what stood before is whole
        if batch:
            yield _import_batch(context, batch, source)
        raise
    if batch:
        yield _import_batch(context, batch, source)


def _import_batch(context: AppContext, batch: Sequence[Fetched], source: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    wanted: list[tuple[Target, Fetched]] = []
    for fetched in batch:
        target = _target(fetched, source)
        if target is None:
            counts["skipped"] += 1
        else:
            wanted.append((target, fetched))
    blocked = context.catalog.blocklist.blocked([target.id for target, _ in wanted])
    wanted = [(t, f) for t, f in wanted if t.id not in blocked]
    counts["skipped"] += len(blocked)
    _wait_for_room(context)
    admissions = context.ledger.admit([target for target, _ in wanted], context.now())
    for admission, (_, fetched) in zip(admissions, wanted, strict=True):
        counts[admission.verdict] += 1
        if admission.is_queued or _was_left(admission.row, source):
            context.spool.put(replace(page(admission.row, fetched), is_imported=True))
    return counts


def _was_left(row: Row, source: str) -> bool:
    """Whether an import was interrupted between the row and its page: then the page is handed in now. Once more does no
    harm, since the spool takes each crawl once."""
    return row.state is State.QUEUED and row.crawl == 1 and row.source == source


def _target(fetched: Fetched, source: str) -> Target | None:
    if fetched.status != 200 or not fetched.content_type.lower().startswith(READABLE):
        return None
    try:
        return urls.target(fetched.url, source=source)
    except BadInput:
        return None


def _wait_for_room(context: AppContext) -> None:
    """For a batch, before its rows are admitted: of a row that waits without its page the sweeper would think that the
    page was lost, and have it fetched."""
    before, since = context.spool.depths(), time.monotonic()
    while context.spool.is_full():
        if (depths := context.spool.depths()) != before:
            before, since = depths, time.monotonic()
        elif time.monotonic() - since > PATIENCE_S:
            log.warning("The spool is full, and nothing is read from it. Is `copydesk run` running? We wait for it.")
            since = float("inf")  # once is enough
        time.sleep(PAUSE_S)


def page(row: Row, fetched: Fetched, archived: str | None = None) -> Page:
    """What waits in the spool: the answer to a row's crawl."""
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
    """Row id -> place in the archive of the page that was fetched last from its address, those fetched first first: the
    files of several processes overlap in time."""
    latest: dict[str, tuple[datetime, str]] = {}
    for place, fetched in context.archive.replay():
        if (target := _target(fetched, "")) is not None:
            found = (fetched.fetched_at, place)
            latest[target.id] = max(latest.get(target.id, found), found)
    return {id: place for id, (_, place) in sorted(latest.items(), key=itemgetter(1))}


def earlier_places(context: AppContext, ids: Collection[str]) -> dict[str, list[str]]:
    """Row id -> places of all pages that came from its address but the last one, the latest first."""
    found: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for place, fetched in context.archive.replay():
        if (target := _target(fetched, "")) is not None and target.id in ids:
            found[target.id].append((fetched.fetched_at, place))
    return {id: [place for _, place in sorted(all_, reverse=True)[1:]] for id, all_ in found.items()}


def replay(context: AppContext, places: dict[str, str]) -> Iterator[Counter[str]]:
    """Read archived pages again with today's reader; nothing is fetched. Yields counts a batch: "replayed", or
    "skipped" (under way, vanished since, blocked, or finished by something else than reading)."""
    waiting = iter(places.items())
    while batch := dict(islice(waiting, BATCH)):
        yield _replay_batch(context, owned_places(context, batch, places))


def owned_places(context: AppContext, batch: dict[str, str], places: dict[str, str]) -> dict[str, str]:
    """The same places under the rows that their pages are filed under: a page that names another address as its own was
    filed there, and that address may never have been fetched."""
    owned: dict[str, str] = {}
    for row in context.ledger.get(list(batch)):
        if row is not None:
            moved = row.outcome is Outcome.DUPLICATE and row.reason is Reason.CANONICAL and row.article_id not in places
            owned[str(row.article_id) if moved else row.id] = batch[row.id]
    return owned


def _replay_batch(context: AppContext, places: dict[str, str]) -> Counter[str]:
    blocked = context.catalog.blocklist.blocked(list(places))
    rows = [row for row in context.ledger.get(list(places)) if row and row.id not in blocked]
    pages = {
        r.id: fetched for r in rows if _may_replay(context, r) and (fetched := read_archived(context, places[r.id]))
    }
    finished = [r for r in rows if r.id in pages and r.state is State.FINISHED]
    _wait_for_room(context)
    queued = [a.row for a in context.ledger.admit([again(r) for r in finished], context.now()) if a.is_queued]
    left = [r for r in rows if r.id in pages and r.state is State.QUEUED]
    for row in (*queued, *left):
        context.spool.put(page(row, pages[row.id], places[row.id]))
    return Counter(replayed=len(queued) + len(left), skipped=len(places) - len(queued) - len(left))


def read_archived(context: AppContext, place: str) -> Fetched | None:
    """None where the archive has let go of it."""
    try:
        return context.archive.read(place)
    except Unreadable:
        return None


def _may_replay(context: AppContext, row: Row) -> bool:
    if row.gone_at:
        return False
    if row.state is State.QUEUED:  # by a replay that was interrupted, unless somebody else has it in hand
        return row.crawl > 1 and not (context.frontier.contains(row.host, row.id) or context.spool.contains(row.id))
    return row.article_id == row.id or _may_read_otherwise(row)


def _may_read_otherwise(row: Row) -> bool:
    """Return True if the crawl ended by reading, so that a better reader may find an article."""
    if row.outcome not in (Outcome.REJECTED, Outcome.FAILED) or row.reason is None:
        return False
    return row.reason.stage is Stage.READ or row.reason is Reason.INDEX_REFUSED
