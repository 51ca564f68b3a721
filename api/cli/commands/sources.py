"""copydesk sources add | list | show | pause | resume | remove | discover | import | export."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import open_context
from api.cli.options import AsJson
from api.cli.output.console import errors, output, print_json
from api.cli.output.source import source_facts, source_to_json
from api.cli.output.tables import Cell, facts_table, print_list
from worker.discovery.source_history import SourceHistory
from worker.errors import BadInput
from worker.model.catalog import Source, SourceKind
from worker.services.context import AppContext
from worker.services.sources import lists
from worker.services.sources.bulk_add import add_all
from worker.services.sources.discovery import discover as discover_sources
from worker.services.sources.registry import health, register
from worker.services.sources.registry import remove as remove_source
from worker.services.sources.websub import hub_states

app = typer.Typer(
    help="Manage the sources that are visited on a schedule.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(help="the name of the source")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="URL of a feed, a sitemap or a section page")],
    name: Annotated[str, typer.Option(help="source name to store with the articles; default: made from the URL")] = "",
    kind: Annotated[SourceKind | None, typer.Option(help="default: detected from the content of the URL")] = None,
    every: Annotated[str, typer.Option(help='"15m", "adaptive 5m..6h" or a cron expression')] = "",
    as_json: AsJson = False,
) -> None:
    """Add a source, which is visited on a schedule from now on."""
    context = open_context(create=True)
    source = register(context, url, name=name, kind=kind, every=every)
    if as_json:
        print_json(source_to_json(context, source, hub_states(context, [source.name])))
        return
    output.print_line(f"{source.name}: {source.kind}, schedule {source.schedule}")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the sources with their health and the time of the next visit."""
    context = open_context()
    sources = list(context.catalog.sources.all())
    if as_json:
        hubs = hub_states(context, [s.name for s in sources])
        print_json([source_to_json(context, s, hubs) for s in sources])
        return
    headings = ("name", "kind", "health", "schedule", "next visit (UTC)", "last new article (UTC)", "url")
    empty = "There are no sources. Add one with: copydesk sources add URL"
    print_list(headings, [_list_row(context, s) for s in sources], empty=empty)


def _list_row(context: AppContext, source: Source) -> tuple[Cell, ...]:
    last_new_at = SourceHistory(**source.history).last_new_at
    last_new = f"{datetime.fromtimestamp(last_new_at, UTC):%m-%d %H:%M}" if last_new_at else ""
    due = f"{source.next_due_at:%m-%d %H:%M}" if source.next_due_at and not source.paused else ""
    return source.name, source.kind, health(context, source), source.schedule, due, last_new, source.url


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show a source."""
    context = open_context()
    source, hubs = context.catalog.sources.get(name), hub_states(context, [name])
    if as_json:
        print_json(source_to_json(context, source, hubs))
    else:
        output.print(facts_table(source_facts(context, source, hubs)))


@app.command()
def pause(name: Name) -> None:
    """Pause a source until it is resumed."""
    open_context().catalog.sources.change(name, lambda s: replace(s, paused=True))


@app.command()
def resume(name: Name) -> None:
    """Resume a paused source and visit it now."""
    context = open_context()
    context.catalog.sources.change(name, lambda s: replace(s, paused=False, next_due_at=context.now()))


@app.command()
def remove(name: Name) -> None:
    """Delete a source. Its articles stay."""
    if not remove_source(open_context(), name):
        raise BadInput(f"Unknown source: {name!r}. `copydesk sources list` lists all sources.")


@app.command()
def discover(
    url: Annotated[str, typer.Argument(help="the home page of a site")],
    as_json: AsJson = False,
) -> None:
    """Find the feeds and sitemaps of a site and show how many articles each lists. Nothing is queued."""
    candidates = discover_sources(open_context(), url)
    if as_json:
        print_json(candidates)
        return
    rows = [
        (c.kind, c.listed, f"{c.newest.astimezone(UTC):%Y-%m-%d %H:%M}" if c.newest else "", c.how, c.url)
        for c in candidates
    ]
    empty = "No feed or sitemap found. A section page can be added as a source instead."
    print_list(("kind", "articles", "newest (UTC)", "found in", "url"), rows, empty=empty, numeric=("articles",))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="a .toml or .opml file")],
    as_json: AsJson = False,
) -> None:
    """Add every source in a file. Existing sources are not changed."""
    entries = lists.read(file)
    context = open_context(create=True)
    answers = []
    for answer in add_all(context, entries):
        answers.append(answer)
        if not as_json:
            errors.print_line(f"{answer.name}: {answer.problem or answer.verdict}")
    if as_json:
        print_json(answers)
    if any(answer.problem for answer in answers):
        raise typer.Exit(1)


@app.command()
def export(
    opml: Annotated[
        bool, typer.Option("--opml", help="as OPML, with feeds only; default: TOML with all sources")
    ] = False,
) -> None:
    """Print all sources in a format that `sources import` reads."""
    sources = open_context().catalog.sources.all()
    sys.stdout.write(lists.to_opml(sources) if opml else lists.to_toml(sources))
