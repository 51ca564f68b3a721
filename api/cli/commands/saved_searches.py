"""copydesk searches add | list | show | test | pause | resume | remove"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.commands.search import WORDS
from api.cli.context import open_context
from api.cli.output.console import errors, output, print_json
from api.presentation.query_input import join_words, parse_date, parse_filters
from worker.errors import CopydeskError
from worker.model.catalog import SavedSearch
from worker.model.query import Query
from worker.services.alerts import saved_searches
from worker.services.alerts.webhook_delivery import try_out
from worker.services.context import AppContext

app = typer.Typer(help="Saved searches: told of each new match.", no_args_is_help=True, rich_markup_mode=None)

Id = Annotated[str, typer.Argument(help="as `copydesk searches list` names it")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command(context_settings=WORDS)
def add(
    name: Annotated[str, typer.Argument(help="what people call it")],
    query: Annotated[list[str] | None, typer.Argument(help="as of `copydesk search`; without it, everything")] = None,
    filter: Annotated[list[str] | None, typer.Option("--filter", help="field=value, repeatable")] = None,
    since: Annotated[str | None, typer.Option(help="published at or after this date")] = None,
    until: Annotated[str | None, typer.Option(help="published before this date")] = None,
    scope: Annotated[str, typer.Option(help="where words are looked for: all, headline, body, captions")] = "all",
    webhook: Annotated[str | None, typer.Option(help="address that each match is posted to")] = None,
    as_json: AsJson = False,
) -> None:
    """Save a search. Matches go to the stream of events, and to its webhook if it has one."""
    asked = Query(
        text=join_words(query or []),
        filters=parse_filters(filter or []),
        since=parse_date(since) if since else None,
        until=parse_date(until) if until else None,
        scope=scope,
    )
    context = open_context(begin=True)
    saved = saved_searches.save(context, name, asked, webhook=webhook)
    if as_json:
        more = {"secret": saved.search.secret, "found": saved.today.total, "notes": saved.today.notes}
        print_json(as_dict(context, saved.search) | more)
        return
    for note in saved.today.notes:
        errors.print(note, markup=False)
    errors.print(f"It finds {saved.today.total} articles today; you are told of those to come.", markup=False)
    output.print(saved.search.id, markup=False)
    if saved.search.secret:
        errors.print("What is sent to the webhook is signed with this secret, which is not shown again:", markup=False)
        output.print(saved.search.secret, markup=False, soft_wrap=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the saved searches, and how their webhooks fare."""
    context = open_context()
    found = list(context.catalog.saved_searches.all())
    if as_json:
        print_json([as_dict(context, s) for s in found])
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("id", "name", "query", "webhook", "state", "waiting"):
        table.add_column(column)
    for s in found:
        state = "paused" if s.paused else "failing" if s.failures_in_row else "ok"
        waiting = str(context.outbox.waiting(s.id))
        table.add_row(s.id, Text(s.name), Text(s.query.text), Text(s.webhook or ""), state, waiting)
    output.print(table if found else "There are no saved searches; make one with: copydesk searches add NAME QUERY")


@app.command()
def show(id: Id, as_json: AsJson = False) -> None:
    """Show what is known of a saved search."""
    context = open_context()
    facts = as_dict(context, saved_searches.find(context, id))
    if as_json:
        print_json(facts)
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for key, value in facts.items():
        table.add_row(Text(key, style="dim"), Text(str(value)))
    output.print(table)


@app.command()
def test(id: Id) -> None:
    """Send the newest article that a search finds to its webhook, now and once."""
    context = open_context()
    tried = try_out(context, saved_searches.find(context, id))
    if tried.problem:
        raise CopydeskError(tried.problem)
    output.print(f"It was taken, with status {tried.status}", markup=False)


@app.command()
def pause(id: Id) -> None:
    """Let a search rest; what waits for its webhook is kept."""
    saved_searches.pause(open_context(), id)


@app.command()
def resume(id: Id) -> None:
    """Let a paused search go on, and send what was kept."""
    saved_searches.resume(open_context(), id)


@app.command()
def remove(id: Id) -> None:
    """Forget a search, and what waits for its webhook."""
    saved_searches.remove(open_context(), id)


def as_dict(context: AppContext, search: SavedSearch) -> dict[str, object]:
    """What people see of a saved search: all but its secret."""
    return {
        "id": search.id,
        "name": search.name,
        "q": search.query.text,
        "filters": search.query.filters,
        "since": search.query.since,
        "until": search.query.until,
        "scope": search.query.scope,
        "webhook": search.webhook,
        "paused": search.paused,
        "problem": search.problem,
        "failures_in_row": search.failures_in_row,
        "waiting": context.outbox.waiting(search.id),
        "last_sent_at": search.last_sent_at,
        "created_at": search.created_at,
    }
