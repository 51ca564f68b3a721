"""Digest: read the pages that wait in the spool, decide about them, and write the decisions.

A page leaves the spool only after its row is finished. A batch of pages costs as many store requests as one page.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence

from redis.exceptions import RedisError

from worker.errors import CopydeskError, Unavailable
from worker.extraction import Hints
from worker.model.records import Document, Page, Row
from worker.services.context import AppContext
from worker.services.digest.decide import (
    Decision,
    Ignore,
    Lookups,
    PageInput,
    decide_batch,
    may_read,
    needs_document,
)
from worker.services.digest.read_page import ReadResult, ReadTask, read_page
from worker.services.digest.writer import write
from worker.services.intake.feed_hints import recall
from worker.services.ledger.duplicates import canonical_target, load_view

FOR_S = 3.0  # time of one task; the other tasks of its pool wait for it
PAUSE_S = 5.0  # wait before pages are tried again after a store did not answer


def digest(context: AppContext, *, for_s: float = FOR_S) -> int:
    """Read and write waiting pages for about `for_s` seconds. Return the number of pages that left the spool.

    Raises `Unavailable` if a store does not answer; the pages are then back in the spool.
    """
    settings = context.settings
    done, until = 0, context.now().timestamp() + for_s
    while (now := context.now().timestamp()) < until:
        batch = context.spool.take(now, settings.digest_batch, settings.digest_lease_s)
        if not batch.pages:
            break
        ids = [p.id for p in batch.pages]
        try:
            digest_batch(context, batch.pages)
        except (CopydeskError, RedisError) as e:  # a store is the cause, not the pages
            context.spool.give_back(batch.token, ids, context.now().timestamp() + PAUSE_S)
            raise e if isinstance(e, CopydeskError) else Unavailable(f"Redis does not take the results: {e}") from e
        context.spool.done(batch.token, ids)
        done += len(ids)
    return done


def digest_batch(context: AppContext, pages: Sequence[Page]) -> None:
    """Read pages, decide about them and write the decisions."""
    ids = [page.id for page in pages]
    rows = {row.id: row for row in context.ledger.get(ids) if row}
    blocked = context.catalog.blocklist.blocked(ids)
    readable = [p for p in pages if may_read(p, rows.get(p.id), blocked, context.settings)]
    reads, seconds = _read_pages(context, readable, rows)
    inputs = [PageInput(page=p, row=rows.get(p.id), read=reads.get(p.id)) for p in pages]
    articles = [(rows[id], read.article) for id, read in reads.items() if read.article]
    targets = [target for row, article in articles if (target := canonical_target(row, article))]
    needed = [row.id for row, article in articles if needs_document(row, article)]
    lookups = Lookups(
        settings=context.settings,
        ledger=load_view(context, targets),
        blocked=blocked,
        documents=_load_documents(context, needed),
    )
    decisions = decide_batch(inputs, lookups)
    write(context, decisions, lookups.ledger.now)
    context.telemetry.observe({"read": seconds})
    _count_blocks(context, inputs, decisions)


def _read_pages(
    context: AppContext, pages: Sequence[Page], rows: Mapping[str, Row]
) -> tuple[dict[str, ReadResult], list[float]]:
    """Read pages one after another. Return the results by row, and the seconds that each page took."""
    hosts = context.catalog.boilerplate.of(list({rows[page.id].host for page in pages}))
    hints = recall(context, [page.id for page in pages])
    results, seconds = {}, []
    for page in pages:
        row = rows[page.id]
        began = time.perf_counter()
        task = ReadTask(
            page=page,
            host_blocks=hosts[row.host],
            hints=hints.get(page.id, Hints()),
            wants_fingerprints=row.crawl == 1 and page.attempt == 0,
            wants_html=context.settings.index_html,
        )
        results[page.id] = read_page(task)
        seconds.append(time.perf_counter() - began)
    return results, seconds


def _load_documents(context: AppContext, ids: Sequence[str]) -> dict[str, Document]:
    return {document.id: document for document in context.index.get(ids) if document} if ids else {}


def _count_blocks(context: AppContext, inputs: Sequence[PageInput], decisions: Sequence[Decision]) -> None:
    """Count the blocks of each host, once per row: otherwise a recrawled article would look like boilerplate."""
    shown: dict[str, list[frozenset[str]]] = defaultdict(list)
    for one, decision in zip(inputs, decisions, strict=True):
        if one.row and one.read and one.read.fingerprints is not None and not isinstance(decision, Ignore):
            shown[one.row.host].append(one.read.fingerprints)
    context.catalog.boilerplate.add(shown)
