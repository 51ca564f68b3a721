"""copydesk searches add | list | show | test | pause | resume | remove."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.context import open_context
from api.cli.options import QUERY_COMMAND, AsJson, SearchFilter, SearchScope
from api.cli.output.console import errors, output, print_json
from api.cli.output.tables import facts_table, print_list
from api.presentation.query_input import join_words, parse_date, parse_filters
from worker.errors import CopydeskError
from worker.model.catalog import SavedSearch
from worker.model.query import Query
from worker.services.alerts import saved_searches
from worker.services.alerts.webhook_delivery import try_out
from worker.services.context import AppContext

app = typer.Typer(
    help="Save searches and be alerted to each new article that matches.", no_args_is_help=True, rich_markup_mode=None
)

Id = Annotated[str, typer.Argument(help="the id in `copydesk searches list`")]


@app.command(context_settings=QUERY_COMMAND)
def add(
    name: Annotated[str, typer.Argument(help="a name for the search")],
    query: Annotated[
        list[str] | None, typer.Argument(help="a query as for `copydesk search`; default: all articles")
    ] = None,
    filter: SearchFilter = None,
    since: Annotated[str | None, typer.Option(help="published at or after this date")] = None,
    until: Annotated[str | None, typer.Option(help="published before this date")] = None,
    scope: SearchScope = "all",
    webhook: Annotated[str | None, typer.Option(help="URL that receives each alert by POST")] = None,
    as_json: AsJson = False,
) -> None:
    """Save a search. Each match is written to the event stream and sent to the webhook if there is one."""
    search_query = Query(
        text=join_words(query or []),
        filters=parse_filters(filter or []),
        since=parse_date(since) if since else None,
        until=parse_date(until) if until else None,
        scope=scope,
    )
    context = open_context(create=True)
    saved = saved_searches.save(context, name, search_query, webhook=webhook)
    if as_json:
        more = {"secret": saved.search.secret, "found": saved.today.total, "notes": saved.today.notes}
        print_json(search_to_json(context, saved.search) | more)
        return
    for note in saved.today.notes:
        errors.print_line(note)
    errors.print_line(f"{saved.today.total} articles match today. You are alerted to new ones.")
    output.print_line(saved.search.id)
    if saved.search.secret:
        errors.print_line("Webhook requests are signed with this secret, which is not shown again:")
        output.print_line(saved.search.secret)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the saved searches and the state of their webhooks."""
    context = open_context()
    searches = list(context.catalog.saved_searches.all())
    if as_json:
        print_json([search_to_json(context, s) for s in searches])
        return
    rows = [(s.id, s.name, s.query.text, s.webhook, _state(s), context.outbox.waiting(s.id)) for s in searches]
    empty = "There are no saved searches. Add one with: copydesk searches add NAME QUERY"
    print_list(("id", "name", "query", "webhook", "state", "waiting deliveries"), rows, empty=empty)


def _state(search: SavedSearch) -> str:
    return "paused" if search.paused else "failing" if search.failures_in_row else "ok"


@app.command()
def show(id: Id, as_json: AsJson = False) -> None:
    """Show a saved search."""
    context = open_context()
    facts = search_to_json(context, saved_searches.find(context, id))
    if as_json:
        print_json(facts)
    else:
        output.print(facts_table(facts))


@app.command()
def test(id: Id) -> None:
    """Send the newest matching article to the search's webhook, once."""
    context = open_context()
    delivery = try_out(context, saved_searches.find(context, id))
    if delivery.problem:
        raise CopydeskError(delivery.problem)
    output.print_line(f"The webhook accepted the delivery with status {delivery.status}.")


@app.command()
def pause(id: Id) -> None:
    """Pause a search. Waiting deliveries are kept."""
    saved_searches.pause(open_context(), id)


@app.command()
def resume(id: Id) -> None:
    """Resume a paused search and send the waiting deliveries."""
    saved_searches.resume(open_context(), id)


@app.command()
def remove(id: Id) -> None:
    """Delete a search and its waiting deliveries."""
    saved_searches.remove(open_context(), id)


def search_to_json(context: AppContext, search: SavedSearch) -> dict[str, object]:
    """Return a saved search as a JSON object, without its secret."""
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
