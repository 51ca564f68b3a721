"""Accept URLs. Accepted means: its ledger row is written. The frontier is told next; should that fail, the sweeper
does it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redis.exceptions import RedisError

from worker import urls
from worker.desk.admitting import admit, again
from worker.desk.parts import Desk
from worker.errors import BadInput
from worker.records import Admission, Row, State, Target

log = logging.getLogger(__name__)
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """The answer for one URL: `created`, `requeued`, `known`, or `refused` with the problem and no row."""

    url: str
    verdict: str
    row: Row | None = None
    problem: str | None = None


def add(desk: Desk, given: Sequence[str], *, source: str = "", force: bool = False) -> list[Added]:
    """Accept each URL, one answer each, in order; a wrong one does not harm the others."""
    answers: list[Added] = []
    for start in range(0, len(given), BATCH):
        answers += _add_batch(desk, given[start : start + BATCH], source, force)
    return answers


def _add_batch(desk: Desk, given: Sequence[str], source: str, force: bool) -> list[Added]:
    targets: dict[int, Target] = {}
    answers: dict[int, Added] = {}
    for n, url in enumerate(given):
        try:
            targets[n] = urls.target(url, source=source, force=force)
        except BadInput as e:
            answers[n] = Added(url=url, verdict="refused", problem=str(e))
    admissions = admit(desk, list(targets.values()))
    for n, admission in zip(targets, admissions, strict=True):
        answers[n] = _answer(given[n], admission)
    enqueue_admitted(desk, admissions)
    return [answers[n] for n in range(len(given))]


def _answer(url: str, admission: Admission) -> Added:
    if admission.verdict == "blocked":
        problem = f"{url} was taken down and is blocked; `copydesk articles unblock` lets it in again"
        return Added(url=url, verdict="refused", problem=problem)
    return Added(url=url, verdict=admission.verdict, row=admission.row)


def retry(desk: Desk, rows: Sequence[Row]) -> list[Admission]:
    """Queue settled rows again, as they are."""
    admissions = admit(desk, [again(row) for row in rows])
    enqueue_admitted(desk, admissions)
    return admissions


def enqueue_admitted(desk: Desk, admissions: Iterable[Admission]) -> bool:
    """`enqueue` for rows as they were admitted: one that was queued before, and whose page waits to be read already, is
    not fetched once more."""
    rows = [a.row for a in admissions if a.is_queued or not _is_fetched(desk, a.row)]
    return enqueue(desk, rows)


def _is_fetched(desk: Desk, row: Row) -> bool:
    try:
        return row.state is State.QUEUED and desk.spool.contains(row.id)
    except RedisError:
        return False


def enqueue(desk: Desk, rows: Iterable[Row]) -> bool:
    """Put queued rows into their hosts' queues. An id that is there already stays as it is.

    Without Redis the rows wait in the ledger, so nothing is lost: False, and the sweeper puts them in later.
    """
    jobs = [(r.host, r.id) for r in rows if r.state is State.QUEUED]
    try:
        desk.frontier.push(jobs)
    except RedisError as e:
        log.warning("The broker does not answer; %d URLs wait in the ledger: %s", len(jobs), e)
        return False
    return True
