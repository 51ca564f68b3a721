"""Accept URLs. Accepted means: its ledger row is written. The frontier is told next; should that fail, the sweeper
does it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redis.exceptions import RedisError

from worker import urls
from worker.errors import BadInput
from worker.model.records import Admission, Row, State, Target
from worker.services.context import AppContext
from worker.services.ledger.admission import admit, again

log = logging.getLogger(__name__)
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """The answer for one URL: `created`, `requeued`, `known`, or `refused` with the problem and no row."""

    url: str
    verdict: str
    row: Row | None = None
    problem: str | None = None


def add(context: AppContext, given: Sequence[str], *, source: str = "", force: bool = False) -> list[Added]:
    """Accept each URL, one answer each, in order; a wrong one does not harm the others."""
    answers: list[Added] = []
    for start in range(0, len(given), BATCH):
        answers += _add_batch(context, given[start : start + BATCH], source, force)
    return answers


def _add_batch(context: AppContext, given: Sequence[str], source: str, force: bool) -> list[Added]:
    targets: dict[int, Target] = {}
    answers: dict[int, Added] = {}
    for n, url in enumerate(given):
        try:
            targets[n] = urls.target(url, source=source, force=force)
        except BadInput as e:
            answers[n] = Added(url=url, verdict="refused", problem=str(e))
    admissions = admit(context, list(targets.values()))
    for n, admission in zip(targets, admissions, strict=True):
        answers[n] = _answer(given[n], admission)
    enqueue_admitted(context, admissions)
    return [answers[n] for n in range(len(given))]


def _answer(url: str, admission: Admission) -> Added:
    if admission.verdict == "blocked":
        problem = f"{url} was taken down and is blocked; `copydesk articles unblock` lets it in again"
        return Added(url=url, verdict="refused", problem=problem)
    return Added(url=url, verdict=admission.verdict, row=admission.row)


def retry(context: AppContext, rows: Sequence[Row]) -> list[Admission]:
    """Queue finished rows again, as they are."""
    admissions = admit(context, [again(row) for row in rows])
    enqueue_admitted(context, admissions)
    return admissions


def enqueue_admitted(context: AppContext, admissions: Iterable[Admission]) -> bool:
    """`enqueue` for rows as they were admitted: one that was queued before, and whose page waits to be read already, is
    not fetched once more."""
    rows = [a.row for a in admissions if a.is_queued or not _is_fetched(context, a.row)]
    return enqueue(context, rows)


def _is_fetched(context: AppContext, row: Row) -> bool:
    try:
        return row.state is State.QUEUED and context.spool.contains(row.id)
    except RedisError:
        return False


def enqueue(context: AppContext, rows: Iterable[Row]) -> bool:
    """Put queued rows into their hosts' queues. An id that is there already stays as it is.

    Without Redis the rows wait in the ledger, so nothing is lost: False, and the sweeper puts them in later.
    """
    jobs = [(r.host, r.id) for r in rows if r.state is State.QUEUED]
    try:
        context.frontier.push(jobs)
    except RedisError as e:
        log.warning("The broker does not answer; %d URLs wait in the ledger: %s", len(jobs), e)
        return False
    return True
