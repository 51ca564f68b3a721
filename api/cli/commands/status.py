"""copydesk status and copydesk audit"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.context import open_context
from api.cli.output.console import errors, output, print_json
from api.cli.output.source import ailment
from worker.redis_keys import CELERY_QUEUES
from worker.services.ledger import lookup
from worker.services.maintenance import audit as auditing
from worker.services.sources import registry
from worker.telemetry import WINDOW_S

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


def status(as_json: AsJson = False) -> None:
    """Count states in the ledger, what waits in the queues, and the rates of the last minute; name what ails."""
    context = open_context()
    found = lookup.status(context)
    paused, ailing = context.frontier.paused(context.now().timestamp()), registry.ailing(context)
    messages = {q: int(context.redis.llen(context.keys.celery_queue(q))) for q in CELERY_QUEUES}
    if as_json:
        hosts = [{"host": p.host, "until": datetime.fromtimestamp(p.until, UTC), "why": p.reason} for p in paused]
        print_json({"status": found, "messages": messages, "paused_hosts": hosts, "ailing_sources": ailing})
        return
    ledger = {name: n for name, n in found.ledger.items() if "/" not in name}
    reasons = {name: n for name, n in found.ledger.items() if "/" in name}
    output.print(_counts("Ledger", ledger))
    if reasons:
        output.print(_counts("Reasons", reasons))
    output.print(_counts("Frontier", dict(found.frontier)))
    output.print(_counts("Spool", dict(found.spool)))
    output.print(_counts("Messages", messages))
    rates = {f"{name}/min": round(n * 60 / WINDOW_S) for name, n in found.rates.items()}
    output.print(_counts("Rates", rates | {"documents": found.documents}))
    if paused:
        output.print(
            _named("Paused hosts", {p.host: f"until {_clock(p.until)}, because of {p.reason}" for p in paused})
        )
    if ailing:
        why = {s.name: ailment(s, ailing[s.name]) for s in context.catalog.sources.all() if s.name in ailing}
        output.print(_named("Sources that need a look", why))


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%m-%d %H:%M UTC")


def _named(title: str, facts: dict[str, str]) -> Table:
    table = _table(title)
    table.add_column()
    table.add_column()
    for name, what in facts.items():
        table.add_row(Text(name), Text(what))
    return table


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", box=None, show_header=False, padding=(0, 2, 0, 2)
    )


def _counts(title: str, counts: dict[str, int]) -> Table:
    table = _table(title)
    table.add_column(justify="right")
    table.add_column()
    for name, n in counts.items():
        table.add_row(str(n), name)
    return table


def audit(as_json: AsJson = False) -> None:
    """Hold ledger and index against each other; exit code 1 if anything does not fit."""
    result = auditing.audit(open_context())
    if as_json:
        print_json(result)
    else:
        rows = f"{result.rows} accepted = {result.finished} finished + {result.queued} queued"
        outcomes = ", ".join(f"{n} {outcome}" for outcome, n in result.outcomes.most_common())
        documents = f"{result.with_document} rows with a document, {result.documents} documents in the index"
        output.print(f"{rows}\n{outcomes}\n{documents}", markup=False)
        for problem in result.problems:
            errors.print(problem, markup=False, soft_wrap=True)
        verdict = "Everything fits." if result.is_clean else f"{result.problem_count} differences."
        output.print(verdict, style="bold")
    if not result.is_clean:
        raise typer.Exit(1)
