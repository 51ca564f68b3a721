"""copydesk sources add | list | show | pause | resume | remove | discover | import | export"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.context import open_context
from api.cli.output.console import errors, output, print_json
from api.cli.output.source import as_dict, facts
from worker.discovery.source_history import SourceHistory
from worker.errors import BadInput
from worker.model.catalog import SourceKind
from worker.services.sources import lists
from worker.services.sources.bulk_add import subscribe
from worker.services.sources.discovery import discover as discover_sources
from worker.services.sources.registry import health, register
from worker.services.sources.registry import remove as remove_source
from worker.services.sources.websub import standings

app = typer.Typer(help="What is crawled again and again.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="the source's name")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="of a feed, a sitemap or a section page")],
    name: Annotated[
        str, typer.Option(help="a facet of the articles; default: the site's name, if need be with the path")
    ] = "",
    kind: Annotated[SourceKind | None, typer.Option(help="default: what is found at the address")] = None,
    every: Annotated[str, typer.Option(help='"15m", "adaptive 5m..6h" or a cron expression')] = "",
    as_json: AsJson = False,
) -> None:
    """Crawl an address from now on, by a schedule."""
    context = open_context(begin=True)
    source = register(context, url, name=name, kind=kind, every=every)
    if as_json:
        print_json(as_dict(context, source, standings(context, [source.name])))
        return
    output.print(f"{source.name}: a {source.kind}, crawled {source.schedule}", markup=False, soft_wrap=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the sources with their health and when they are due."""
    context = open_context()
    found = list(context.catalog.sources.all())
    if as_json:
        hubs = standings(context, [s.name for s in found])
        print_json([as_dict(context, s, hubs) for s in found])
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("name", "kind", "health", "schedule", "due (UTC)", "last new (UTC)", "url"):
        table.add_column(column)
    for s in found:
        last_new = SourceHistory.from_dict(s.history).last_new_at
        news = datetime.fromtimestamp(last_new, context.now().tzinfo).strftime("%m-%d %H:%M") if last_new else ""
        due = s.next_due_at.strftime("%m-%d %H:%M") if s.next_due_at and not s.paused else ""
        table.add_row(Text(s.name), str(s.kind), health(context, s), s.schedule, due, news, Text(s.url))
    output.print(table if found else "There are no sources; add one with: copydesk sources add URL")


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show what is known of a source."""
    context = open_context()
    source, hubs = context.catalog.sources.get(name), standings(context, [name])
    if as_json:
        print_json(as_dict(context, source, hubs))
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for key, value in facts(context, source, hubs).items():
        if value:
            table.add_row(Text(key, style="dim"), Text(value))
    output.print(table)


@app.command()
def pause(name: Name) -> None:
    """Leave a source alone until it is resumed."""
    open_context().catalog.sources.change(name, lambda s: replace(s, paused=True))


@app.command()
def resume(name: Name) -> None:
    """Crawl a paused source again, at once."""
    context = open_context()
    context.catalog.sources.change(name, lambda s: replace(s, paused=False, next_due_at=context.now()))


@app.command()
def remove(name: Name) -> None:
    """Forget a source; its articles stay."""
    if not remove_source(open_context(), name):
        raise BadInput(f"Unknown source: {name!r}. To see all names, run: copydesk sources list")


@app.command()
def discover(
    url: Annotated[str, typer.Argument(help="a site's home page")],
    as_json: AsJson = False,
) -> None:
    """Find a site's feeds and sitemaps, and say what each would bring. Nothing is queued."""
    found = discover_sources(open_context(), url)
    if as_json:
        print_json(found)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("kind", "lists", "newest (UTC)", "how", "url"):
        table.add_column(column)
    for f in found:
        newest = f.newest.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if f.newest else ""
        table.add_row(str(f.kind), str(f.listed), newest, f.how, Text(f.url))
    output.print(table if found else "Neither feed nor sitemap found; a section page can be a source as it is.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="a .toml or .opml file")],
    as_json: AsJson = False,
) -> None:
    """Add every source that a file lists. Those that are there already stay as they are."""
    entries = lists.read(file)
    context = open_context(begin=True)
    answers = []
    for answer in subscribe(context, entries):
        answers.append(answer)
        if not as_json:
            errors.print(f"{answer.name}: {answer.problem or answer.verdict}", markup=False, soft_wrap=True)
    if as_json:
        print_json(answers)
    if any(answer.problem for answer in answers):
        raise typer.Exit(1)


@app.command()
def export(
    opml: Annotated[bool, typer.Option("--opml", help="as OPML, feeds alone; default: TOML, all")] = False,
) -> None:
    """Print all sources in a form that `sources import` reads."""
    found = open_context().catalog.sources.all()
    sys.stdout.write(lists.to_opml(found) if opml else lists.to_toml(found))
