"""copydesk status and copydesk audit."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from api.cli.context import open_context
from api.cli.options import AsJson
from api.cli.output.console import errors, output, print_json
from api.cli.output.source import describe_health
from api.cli.output.tables import counts_table, facts_table
from worker.queues.frontier import Pause
from worker.redis_keys import CELERY_QUEUES
from worker.services.ledger import lookup
from worker.services.ledger.lookup import Status
from worker.services.maintenance import audit as auditing
from worker.services.sources import registry
from worker.telemetry import WINDOW_S


def status(as_json: AsJson = False) -> None:
    """Show the states of all URLs, the queues, the rates of the last minute, paused hosts and failing sources."""
    context = open_context()
    counts = lookup.status(context)
    paused, unhealthy = context.frontier.paused(context.now().timestamp()), registry.unhealthy(context)
    messages = {queue: int(context.redis.llen(context.keys.celery_queue(queue))) for queue in CELERY_QUEUES}
    if as_json:
        hosts = [{"host": p.host, "until": _time(p), "reason": p.reason} for p in paused]
        print_json({"status": counts, "messages": messages, "paused_hosts": hosts, "unhealthy_sources": unhealthy})
        return
    _print_counts(counts, messages)
    if paused:
        until = {p.host: f"until {_time(p):%m-%d %H:%M UTC}, because of {p.reason}" for p in paused}
        output.print(facts_table(until, title="Paused hosts"))
    if unhealthy:
        sources = [s for s in context.catalog.sources.all() if s.name in unhealthy]
        health = {s.name: describe_health(s, unhealthy[s.name]) for s in sources}
        output.print(facts_table(health, title="Unhealthy sources"))


def _print_counts(counts: Status, messages: dict[str, int]) -> None:
    states = {name: n for name, n in counts.ledger.items() if "/" not in name}
    reasons = {name: n for name, n in counts.ledger.items() if "/" in name}
    output.print(counts_table(states, title="Ledger"))
    if reasons:
        output.print(counts_table(reasons, title="Reasons"))
    output.print(counts_table(dict(counts.frontier), title="Frontier"))
    output.print(counts_table(dict(counts.spool), title="Spool"))
    output.print(counts_table(messages, title="Messages"))
    rates = {f"{name}/min": round(n * 60 / WINDOW_S) for name, n in counts.rates.items()}
    output.print(counts_table(rates, title="Rates"))
    output.print(counts_table({"documents": counts.documents}, title="Index"))


def _time(pause: Pause) -> datetime:
    return datetime.fromtimestamp(pause.until, UTC)


def audit(as_json: AsJson = False) -> None:
    """Compare the ledger with the index. Exit with 1 if they differ."""
    result = auditing.audit(open_context())
    if as_json:
        print_json(result)
    else:
        rows = f"{result.rows} accepted = {result.finished} finished + {result.queued} queued"
        outcomes = ", ".join(f"{n} {outcome}" for outcome, n in result.outcomes.most_common())
        documents = f"{result.with_document} rows with a document, {result.documents} documents in the index"
        output.print_line(f"{rows}\n{outcomes}\n{documents}")
        for problem in result.problems:
            errors.print_line(problem)
        verdict = "No differences." if result.is_clean else f"{result.problem_count} differences."
        output.print_line(verdict, style="bold")
    if not result.is_clean:
        raise typer.Exit(1)
