"""Accept URLs. A URL is accepted when its ledger row is written; after that it is queued in the frontier.

If that second step fails, the sweeper does it later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redis.exceptions import RedisError

from worker import urls
from worker.errors import BadInput
from worker.model.records import Admission, Row, State, Target
from worker.services.context import AppContext
from worker.services.ledger.lifecycle import admit, again

log = logging.getLogger(__name__)
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """The result for one URL: `created`, `requeued`, `known`, or `refused` with a problem and without a row."""

    url: str
    verdict: str
    row: Row | None = None
    problem: str | None = None


def add(context: AppContext, given: Sequence[str], *, source: str = "", force: bool = False) -> list[Added]:
    """Accept URLs; return one result each, in order. An invalid URL does not affect the others."""
    results: list[Added] = []
    for start in range(0, len(given), BATCH):
        results += _add_batch(context, given[start : start + BATCH], source, force)
    return results


def _add_batch(context: AppContext, given: Sequence[str], source: str, force: bool) -> list[Added]:
    targets: dict[int, Target] = {}
    results: dict[int, Added] = {}
    for n, url in enumerate(given):
        try:
            targets[n] = urls.target(url, source=source, force=force)
        except BadInput as e:
            results[n] = Added(url=url, verdict="refused", problem=str(e))
    admissions = admit(context, list(targets.values()))
    for n, admission in zip(targets, admissions, strict=True):
        results[n] = _added(given[n], admission)
    enqueue_admitted(context, admissions)
    return [results[n] for n in range(len(given))]


def _added(url: str, admission: Admission) -> Added:
    if admission.verdict == "blocked":
        problem = f"{url} was taken down and is blocked. To allow it again: copydesk articles unblock"
        return Added(url=url, verdict="refused", problem=problem)
    return Added(url=url, verdict=admission.verdict, row=admission.row)


def retry(context: AppContext, rows: Sequence[Row]) -> list[Admission]:
    """Queue finished rows again."""
    admissions = admit(context, [again(row) for row in rows])
    enqueue_admitted(context, admissions)
    return admissions


def enqueue_admitted(context: AppContext, admissions: Sequence[Admission]) -> bool:
    """Put admitted rows into their hosts' queues; see `enqueue`.

    A row that was queued before, and whose page is in the spool already, is not fetched a second time.
    """
    known = [a.row.id for a in admissions if not a.is_queued and a.row.state is State.QUEUED]
    fetched = _in_spool(context, known)
    return enqueue(context, [a.row for a in admissions if a.is_queued or a.row.id not in fetched])


def _in_spool(context: AppContext, ids: Sequence[str]) -> set[str]:
    try:
        return context.spool.contained(ids) if ids else set()
    except RedisError:
        return set()


def enqueue(context: AppContext, rows: Iterable[Row]) -> bool:
    """Put queued rows into their hosts' queues. A row that is in its queue already keeps its place.

    Return False if Redis does not answer. Nothing is lost: the sweeper queues the rows later.
    """
    jobs = [(r.host, r.id) for r in rows if r.state is State.QUEUED]
    if not jobs:
        return True
    try:
        context.frontier.push(jobs)
    except RedisError as e:
        log.warning("The broker does not answer (%s). URLs that are stored and wait for it: %d", e, len(jobs))
        return False
    return True
