"""copydesk failures list | retry | drop"""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.context import open_context
from api.cli.output.console import errors, output, print_json
from worker.errors import BadInput
from worker.model.records import Outcome, Row
from worker.services.context import AppContext
from worker.services.intake.submit import retry as retry_rows
from worker.services.ledger import lookup

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
    rows = _matching(open_context(), host, reason, rejected, limit)
    if as_json:
        print_json(rows)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("finished (UTC)", "reason", "url", "detail"):
        table.add_column(column)
    for row in rows:
        finished = row.finished_at.strftime("%m-%d %H:%M:%S") if row.finished_at else ""
        table.add_row(finished, Text(row.reason or ""), Text(row.url), Text(row.detail or ""))
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
    context = open_context()
    rows = _chosen(context, which, host, reason, rejected, limit)
    answers = retry_rows(context, rows)
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
    context = open_context()
    rows = _chosen(context, which, host, reason, rejected, limit)
    dropped = context.ledger.delete([r.id for r in rows])
    if as_json:
        print_json({"dropped": dropped})
    else:
        errors.print(f"{dropped} dropped" if rows else NONE)


def _chosen(
    context: AppContext, which: list[str] | None, host: str | None, reason: str | None, rejected: bool, limit: int
) -> list[Row]:
    if not which:
        return _matching(context, host, reason, rejected, limit)
    ids = [lookup.identify(w) for w in which]
    found = context.ledger.get(ids)
    for given, row in zip(which, found, strict=True):
        if row is None or row.outcome not in (Outcome.FAILED, Outcome.REJECTED):
            raise BadInput(f"{given} is not among the failures; see: copydesk show {quote(given)}")
    return [row for row in found if row]


def _matching(context: AppContext, host: str | None, reason: str | None, rejected: bool, limit: int) -> list[Row]:
    context.ledger.refresh()
    outcomes = [Outcome.FAILED, Outcome.REJECTED] if rejected else [Outcome.FAILED]
    return context.ledger.rows(outcomes=outcomes, host=host, reason=reason, limit=limit)
