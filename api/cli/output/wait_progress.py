"""Wait, with a progress bar, until rows are finished, each followed to where its redirects and canonical links end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from shlex import quote
from typing import Annotated

import typer
from redis.exceptions import RedisError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.cli.output.console import errors
from worker.errors import BadInput, Unavailable
from worker.model.records import Row, State
from worker.services.context import AppContext
from worker.services.crawl import host_status
from worker.services.ledger import lookup

POLL_S = 0.25
LOOK_S = 2.0  # between two looks at the hosts
MOST_HOSTS = 50  # that are looked at each time
SILENT_S = 15.0  # a running stack leaves a sign of life each second
Timeout = Annotated[float | None, typer.Option(min=0, help="with --wait: seconds after which to wait no longer")]


def check_timeout(timeout_s: float | None, *, waits: bool) -> None:
    """`BadInput` for a time after which to wait no longer where nobody waits."""
    if timeout_s is not None and not waits:
        raise BadInput("--timeout says how long to wait; give it with --wait")


def wait(context: AppContext, rows: Sequence[Row], timeout_s: float | None = None) -> dict[str, Row]:
    """By id, the rows at the end of each chain, once all are finished or the time is over; hosts that are waited for
    because they are left alone are named. `Unavailable` when nothing runs that could do it."""
    ends: dict[str, Row] = {}
    waiting = {row.id: row for row in rows}
    total = len(waiting)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    started, paused = time.time(), _Paused(context)
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("finished", total=total)
        while waiting:
            for row in context.ledger.get(list(waiting)):
                if row is not None and (end := _end(context, row)):
                    ends[row.id] = end
                    del waiting[row.id]
            progress.update(task, completed=len(ends))
            if waiting:
                if timeout_s is not None and time.time() - started >= timeout_s:
                    break
                _check_alive(context, started)
                paused.tell(waiting.values())
                time.sleep(POLL_S)
    return ends


class _Paused:
    """Says once of each host that it is waited for, as long as its pause stands."""

    def __init__(self, context: AppContext) -> None:
        self._desk = context
        self._told: dict[str, datetime] = {}
        self._look_at = 0.0

    def tell(self, rows: Iterable[Row]) -> None:
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_S
        for name in list(dict.fromkeys(row.host for row in rows))[:MOST_HOSTS]:
            host = host_status.paused(self._desk, name)
            if host and host.paused_until and self._told.get(name) != host.paused_until:
                self._told[name] = host.paused_until
                until = f"{host.paused_until:%m-%d %H:%M:%S UTC}, because of {host.why}"
                advice = f"to go on at once: copydesk hosts resume {quote(name)}"
                errors.print(f"{name} is left alone until {until}; {advice}", markup=False, soft_wrap=True)


def check_all(ends: Mapping[str, Row], total: int) -> None:
    """End with exit code 1 where not all are finished."""
    if len(ends) < total:
        left = f"{total - len(ends)} of {total} are not finished yet; they stay queued"
        errors.print(f"{left}, see: copydesk status", markup=False, soft_wrap=True)
        raise typer.Exit(1)


def _end(context: AppContext, row: Row) -> Row | None:
    return lookup.finished(context, row) if row.state is State.FINISHED else None


def _check_alive(context: AppContext, started: float) -> None:
    try:
        last = context.redis.get(context.keys.alive("fetch"))
    except RedisError as e:
        raise Unavailable(f"the broker does not answer ({e}). {_ADVICE}") from None
    seen = float(last) if isinstance(last, bytes) else 0.0
    if time.time() - max(seen, started) > SILENT_S:
        raise Unavailable(f"no worker has given a sign of life for {SILENT_S:.0f} s. {_ADVICE}")


_ADVICE = "The URLs are accepted and wait; start the workers with: copydesk run"
