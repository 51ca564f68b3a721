"""copydesk failures list | retry | drop."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer

from api.cli.context import open_context
from api.cli.options import AsJson
from api.cli.output.console import errors, print_json
from api.cli.output.tables import print_list
from worker.errors import BadInput
from worker.model.records import Outcome, Row
from worker.services.context import AppContext
from worker.services.intake.submit import retry as retry_rows
from worker.services.ledger import lookup

NONE_MATCH = "No failure matches."
app = typer.Typer(help="List, retry or drop failed URLs.", no_args_is_help=True, rich_markup_mode=None)

Failures = Annotated[list[str] | None, typer.Argument(help="URLs or ids; default: all failures that match the options")]
Host = Annotated[str | None, typer.Option(help="only this host: example.org, example.org:8443 or https://example.org")]
Reason = Annotated[str | None, typer.Option(help="only this reason, such as http-503 or timeout")]
Rejected = Annotated[bool, typer.Option("--rejected", help="include URLs that were rejected by rule")]
Limit = Annotated[int, typer.Option(min=1, help="maximum number of failures")]


@app.command("list")
def list_(
    host: Host = None,
    reason: Reason = None,
    rejected: Rejected = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List failures, latest first."""
    rows = _matching(open_context(), host, reason, rejected, limit)
    if as_json:
        print_json(rows)
        return
    print_list(
        ("finished (UTC)", "reason", "url", "detail"),
        [(f"{r.finished_at:%m-%d %H:%M:%S}" if r.finished_at else "", r.reason, r.url, r.detail) for r in rows],
        empty=NONE_MATCH if host or reason else "There are no failures.",
    )


@app.command()
def retry(
    failures: Failures = None,
    host: Host = None,
    reason: Reason = None,
    rejected: Rejected = False,
    limit: Limit = 10_000,
    as_json: AsJson = False,
) -> None:
    """Queue failures again."""
    context = open_context()
    rows = _select(context, failures, host, reason, rejected, limit)
    answers = retry_rows(context, rows)
    queued = [a.row for a in answers if a.is_queued and a.row]
    if as_json:
        print_json(queued)
    else:
        errors.print_line(f"{len(queued)} queued again" if rows else NONE_MATCH)


@app.command()
def drop(
    failures: Failures = None,
    host: Host = None,
    reason: Reason = None,
    rejected: Rejected = False,
    limit: Limit = 10_000,
    everything: Annotated[bool, typer.Option("--all", help="all failures, without naming or selecting any")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete the ledger rows of failures. Rows with an article are kept."""
    if not (failures or host or reason or everything):
        raise BadInput("No failures selected. Name some, or select by --host or --reason, or drop all with --all.")
    context = open_context()
    rows = _select(context, failures, host, reason, rejected, limit)
    dropped = context.ledger.delete([r.id for r in rows])
    if as_json:
        print_json({"dropped": dropped})
    else:
        errors.print_line(f"{dropped} dropped" if rows else NONE_MATCH)


def _select(
    context: AppContext, failures: list[str] | None, host: str | None, reason: str | None, rejected: bool, limit: int
) -> list[Row]:
    """Return the rows that are named, or all that match the options if none is named."""
    if not failures:
        return _matching(context, host, reason, rejected, limit)
    found = context.ledger.get([lookup.identify(given) for given in failures])
    for given, row in zip(failures, found, strict=True):
        if row is None or row.outcome not in (Outcome.FAILED, Outcome.REJECTED):
            raise BadInput(f"{given} is not a failure. See: copydesk show {quote(given)}")
    return [row for row in found if row]


def _matching(context: AppContext, host: str | None, reason: str | None, rejected: bool, limit: int) -> list[Row]:
    context.ledger.refresh()
    outcomes = [Outcome.FAILED, Outcome.REJECTED] if rejected else [Outcome.FAILED]
    return context.ledger.rows(outcomes=outcomes, host=host, reason=reason, limit=limit)
