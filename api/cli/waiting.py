"""Wait, with a progress bar, until rows are settled, each followed to where its redirects and canonical links end."""

from __future__ import annotations

import time
from collections.abc import Sequence

from redis.exceptions import RedisError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.cli.console import errors
from tasks.app import ALIVE
from worker.desk import asking
from worker.desk.parts import Desk
from worker.errors import Unavailable
from worker.records import Row, State

POLL_S = 0.25
SILENT_S = 15.0  # a running stack leaves a sign of life each second


def wait(desk: Desk, rows: Sequence[Row]) -> list[Row]:
    """The rows at the end of each chain, once all are settled. `Unavailable` when nothing runs that could do it."""
    ends: dict[str, Row] = {}
    waiting = {row.id: row for row in rows}
    total = len(waiting)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    started = time.time()
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("settled", total=total)
        while waiting:
            for row in desk.ledger.get(list(waiting)):
                if row is not None and (end := _end(desk, row)):
                    ends[row.id] = end
                    del waiting[row.id]
            progress.update(task, completed=len(ends))
            if waiting:
                _check_alive(desk, started)
                time.sleep(POLL_S)
    return [ends[row.id] for row in rows]


def _end(desk: Desk, row: Row) -> Row | None:
    return asking.settled(desk, row) if row.state is State.SETTLED else None


def _check_alive(desk: Desk, started: float) -> None:
    try:
        last = desk.redis.get(ALIVE + "fetch")
    except RedisError as e:
        raise Unavailable(f"the broker does not answer ({e}). {_ADVICE}") from None
    seen = float(last) if isinstance(last, bytes) else 0.0
    if time.time() - max(seen, started) > SILENT_S:
        raise Unavailable(f"no worker has given a sign of life for {SILENT_S:.0f} s. {_ADVICE}")


_ADVICE = "The URLs are accepted and wait; start the workers with: copydesk run"
