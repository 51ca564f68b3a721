"""copydesk failures list | retry | drop"""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.console import errors, output, print_json
from api.cli.desk import open_desk
from worker.desk import asking
from worker.desk.adding import retry as retry_rows
from worker.desk.parts import Desk
from worker.errors import BadInput
from worker.records import Outcome, Row

NONE = "Nothing matches."
app = typer.Typer(help="Look at, retry or forget what failed.", no_args_is_help=True, rich_markup_mode=None)

Which = Annotated[list[str] | None, typer.Argument(help="addresses or ids; none: all that match the options")]
Host = Annotated[str | None, typer.Option(help="only this host: example.org, example.org:8443 or https://example.org")]
Reason = Annotated[str | None, typer.Option(help="only this reason, such as http-503 or timeout")]
Rejected = Annotated[bool, typer.Option("--rejected", help="also what was rejected by rule")]
Limit = Annotated[int, typer.Option(min=1, help="at most so many")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command("list")
def list_(
    host: Host = None,
    reason: Reason = None,
    rejected: Rejected = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List failures, the latest first."""
    rows = _matching(open_desk(), host, reason, rejected, limit)
    if as_json:
        print_json(rows)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("settled (UTC)", "reason", "url", "detail"):
        table.add_column(column)
    for row in rows:
        settled = row.settled_at.strftime("%m-%d %H:%M:%S") if row.settled_at else ""
        table.add_row(settled, Text(row.reason or ""), Text(row.url), Text(row.detail or ""))
    output.print(table if rows else NONE if host or reason else "Nothing has failed.")


@app.command()
def retry(
    which: Which = None,
    host: Host = None,
    reason: Reason = None,
    rejected: Rejected = False,
    limit: Limit = 10_000,
    as_json: AsJson = False,
) -> None:
    """Queue failures again."""
    desk = open_desk()
    rows = _chosen(desk, which, host, reason, rejected, limit)
    answers = retry_rows(desk, rows)
    queued = [a.row for a in answers if a.is_queued and a.row]
    if as_json:
        print_json(queued)
    else:
        errors.print(f"{len(queued)} queued again" if rows else NONE)


@app.command()
def drop(
    which: Which = None,
    host: Host = None,
    reason: Reason = None,
    rejected: Rejected = False,
    limit: Limit = 10_000,
    all_: Annotated[bool, typer.Option("--all", help="all there are, if neither named nor chosen")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget failures: their rows leave the ledger. Rows with an article stay."""
    if not (which or host or reason or all_):
        raise BadInput("name failures, choose some with --host or --reason, or forget all of them with --all")
    desk = open_desk()
    rows = _chosen(desk, which, host, reason, rejected, limit)
    dropped = desk.ledger.delete([r.id for r in rows])
    if as_json:
        print_json({"dropped": dropped})
    else:
        errors.print(f"{dropped} dropped" if rows else NONE)


def _chosen(
    desk: Desk, which: list[str] | None, host: str | None, reason: str | None, rejected: bool, limit: int
) -> list[Row]:
    if not which:
        return _matching(desk, host, reason, rejected, limit)
    ids = [asking.identify(w) for w in which]
    found = desk.ledger.get(ids)
    for given, row in zip(which, found, strict=True):
        if row is None or row.outcome not in (Outcome.FAILED, Outcome.REJECTED):
            raise BadInput(f"{given} is not among the failures; see: copydesk show {quote(given)}")
    return [row for row in found if row]


def _matching(desk: Desk, host: str | None, reason: str | None, rejected: bool, limit: int) -> list[Row]:
    desk.ledger.refresh()
    outcomes = [Outcome.FAILED, Outcome.REJECTED] if rejected else [Outcome.FAILED]
    return desk.ledger.rows(outcomes=outcomes, host=host, reason=reason, limit=limit)
