"""Wait with a progress bar until URLs are finished."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from shlex import quote

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
PAUSES_POLL_S = 2.0  #: seconds between two queries for paused hosts
MAX_HOSTS = 50  #: hosts in one such query
WORKERS_DOWN_S = 15.0  #: seconds without a heartbeat; a running fetch worker updates it each second
_ADVICE = "The URLs are accepted and stay queued. Start the workers with `copydesk run`."


def check_timeout(timeout_s: float | None, *, wait: bool) -> None:
    """Raise `BadInput` for a timeout without --wait."""
    if timeout_s is not None and not wait:
        raise BadInput("--timeout limits the time of --wait. Give both options.")


def wait_until_finished(context: AppContext, rows: Sequence[Row], timeout_s: float | None = None) -> dict[str, Row]:
    """Wait until all rows are finished or the timeout is over, and return the finished rows by the id of the given row.

    A redirect or canonical link leads to another row; that row, at the end of the chain, is the one returned. Hosts
    whose pause delays the rows are printed. Raise `Unavailable` if no worker runs.
    """
    finished: dict[str, Row] = {}
    waiting = {row.id: row for row in rows}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    started, pauses = time.time(), _PauseReporter(context)
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("finished", total=len(waiting))
        while waiting:
            for row in context.ledger.get(list(waiting)):
                if row is not None and (end := _end_of_chain(context, row)):
                    finished[row.id] = end
                    del waiting[row.id]
            progress.update(task, completed=len(finished))
            if waiting:
                if timeout_s is not None and time.time() - started >= timeout_s:
                    break
                _check_workers(context, started)
                pauses.report(waiting.values())
                time.sleep(POLL_S)
    return finished


def check_all_finished(finished: Mapping[str, Row], total: int) -> None:
    """Exit with 1 if some rows are not finished."""
    if len(finished) < total:
        problem = f"{total - len(finished)} of {total} URLs are not finished yet; they stay queued."
        errors.print_line(f"{problem} See `copydesk status`.")
        raise typer.Exit(1)


class _PauseReporter:
    """Prints each pause of a host once."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._reported: dict[str, datetime] = {}
        self._next_query_at = 0.0

    def report(self, rows: Iterable[Row]) -> None:
        """Print the pauses of the rows' hosts that were not printed before."""
        if time.monotonic() < self._next_query_at:
            return
        self._next_query_at = time.monotonic() + PAUSES_POLL_S
        names = list(dict.fromkeys(row.host for row in rows))[:MAX_HOSTS]
        for host in host_status.paused(self._context, names):
            if host.paused_until and self._reported.get(host.host) != host.paused_until:
                self._reported[host.host] = host.paused_until
                until = f"{host.paused_until:%m-%d %H:%M:%S UTC}, because of {host.reason}"
                errors.print_line(
                    f"{host.host} is paused until {until}. To resume it now: copydesk hosts resume {quote(host.host)}"
                )


def _end_of_chain(context: AppContext, row: Row) -> Row | None:
    return lookup.finished(context, row) if row.state is State.FINISHED else None


def _check_workers(context: AppContext, started: float) -> None:
    try:
        value = context.redis.get(context.keys.alive("fetch"))
    except RedisError as e:
        raise Unavailable(f"The broker does not answer ({e}). {_ADVICE}") from None
    heartbeat = float(value) if isinstance(value, bytes) else 0.0
    if time.time() - max(heartbeat, started) > WORKERS_DOWN_S:
        raise Unavailable(f"No worker has been running for {WORKERS_DOWN_S:.0f} s. {_ADVICE}")
