"""copydesk sources add | list | show | pause | resume | remove | discover | import | export, and copydesk crawl"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.add import report
from api.cli.console import errors, output, print_json
from api.cli.desk import open_desk
from api.cli.waiting import Timeout, check_all, check_timeout, wait
from worker.catalog import Source, SourceKind
from worker.desk import source_lists
from worker.desk.adding import Added
from worker.desk.backfilling import backfill
from worker.desk.discovering import discover as discover_sources
from worker.desk.parts import Desk
from worker.desk.pushing import standings
from worker.desk.sources import Crawled, crawl_now, crawl_once, health, register
from worker.desk.sources import remove as remove_source
from worker.desk.subscribing import subscribe
from worker.errors import BadInput, CopydeskError
from worker.fetching.history import History

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
    desk = open_desk(begin=True)
    source = register(desk, url, name=name, kind=kind, every=every)
    if as_json:
        print_json(as_dict(desk, source, standings(desk, [source.name])))
        return
    output.print(f"{source.name}: a {source.kind}, crawled {source.schedule}", markup=False, soft_wrap=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the sources with their health and when they are due."""
    desk = open_desk()
    found = list(desk.catalog.sources.all())
    if as_json:
        hubs = standings(desk, [s.name for s in found])
        print_json([as_dict(desk, s, hubs) for s in found])
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("name", "kind", "health", "schedule", "due (UTC)", "last new (UTC)", "url"):
        table.add_column(column)
    for s in found:
        last_new = History(**s.history).last_new_at
        news = datetime.fromtimestamp(last_new, desk.now().tzinfo).strftime("%m-%d %H:%M") if last_new else ""
        due = s.next_due_at.strftime("%m-%d %H:%M") if s.next_due_at and not s.paused else ""
        table.add_row(Text(s.name), str(s.kind), health(desk, s), s.schedule, due, news, Text(s.url))
    output.print(table if found else "There are no sources; add one with: copydesk sources add URL")


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show what is known of a source."""
    desk = open_desk()
    source, hubs = desk.catalog.sources.get(name), standings(desk, [name])
    if as_json:
        print_json(as_dict(desk, source, hubs))
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for key, value in _facts(desk, source, hubs).items():
        if value:
            table.add_row(Text(key, style="dim"), Text(value))
    output.print(table)


@app.command()
def pause(name: Name) -> None:
    """Leave a source alone until it is resumed."""
    open_desk().catalog.sources.change(name, lambda s: replace(s, paused=True))


@app.command()
def resume(name: Name) -> None:
    """Crawl a paused source again, at once."""
    desk = open_desk()
    desk.catalog.sources.change(name, lambda s: replace(s, paused=False, next_due_at=desk.now()))


@app.command()
def remove(name: Name) -> None:
    """Forget a source; its articles stay."""
    if not remove_source(open_desk(), name):
        raise BadInput(f"there is no source {name!r}; `copydesk sources list` names them all")


@app.command()
def discover(
    url: Annotated[str, typer.Argument(help="a site's home page")],
    as_json: AsJson = False,
) -> None:
    """Find a site's feeds and sitemaps, and say what each would bring. Nothing is queued."""
    found = discover_sources(open_desk(), url)
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
    entries = source_lists.read(file)
    desk = open_desk(begin=True)
    answers = []
    for answer in subscribe(desk, entries):
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
    found = open_desk().catalog.sources.all()
    sys.stdout.write(source_lists.to_opml(found) if opml else source_lists.to_toml(found))


def crawl(
    source: Annotated[str, typer.Argument(help="a source's name, or the address of a feed, sitemap or section page")],
    wait_: Annotated[bool, typer.Option("--wait", help="wait until all that it lists is settled")] = False,
    all_: Annotated[
        bool,
        typer.Option("--all", help="however old, to the end of a tree of sitemaps; run again to go on after a break"),
    ] = False,
    timeout: Timeout = None,
) -> None:
    """Crawl a source now, or any address once."""
    check_timeout(timeout, waits=wait_)
    desk = open_desk(begin=_is_url(source))
    answers: list[Added] = []
    failed = False
    for crawled in _parts(desk, source, everything=all_, to_the_end=wait_):
        if crawled.problem and not all_:
            raise CopydeskError(crawled.problem)
        _say(crawled)
        failed = failed or bool(crawled.problem)
        if wait_:
            answers += crawled.answers
        elif crawled.answers:
            report(list(crawled.answers), {})
    rows = {a.row.id: a.row for a in answers if a.row}
    ends = wait(desk, list(rows.values()), timeout) if wait_ else {}
    if wait_:
        report(answers, ends)
        check_all(ends, len(rows))
    if failed:
        raise typer.Exit(1)


def _is_url(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _parts(desk: Desk, source: str, *, everything: bool, to_the_end: bool) -> Iterator[Crawled]:
    """One crawl, or several where there is more and it is wanted."""
    is_url = _is_url(source)
    if everything:
        url = source if is_url else desk.catalog.sources.get(source).url
        yield from backfill(desk, url, source="" if is_url else source)
    elif is_url:
        crawled = crawl_once(desk, source)
        yield crawled
        if crawled.more:
            errors.print("a large tree of sitemaps: the rest comes with --all", markup=False)
    else:
        yield (crawled := crawl_now(desk, source))
        while crawled.more and to_the_end:
            yield (crawled := crawl_now(desk, source))


def _say(crawled: Crawled) -> None:
    if crawled.problem:
        errors.print(crawled.problem, markup=False, soft_wrap=True)
    elif crawled.is_unchanged:
        errors.print("not changed since the last crawl", markup=False)
    else:
        more = "; a tree of sitemaps is read in parts, and this was one" if crawled.more else ""
        errors.print(f"{crawled.listed} listed{more}", markup=False)


def _facts(desk: Desk, source: Source, hubs: Mapping[str, str]) -> dict[str, str]:
    """What people want to know; "" where there is nothing to say."""
    history = History(**source.history)
    due = source.next_due_at if not source.paused else None
    return {
        "name": source.name,
        "url": source.url,
        "kind": source.kind,
        "schedule": source.schedule,
        "health": ailment(source, health(desk, source)),
        "last visit": _time(history.last_at),
        "last news": _time(history.last_new_at),
        "next visit": _time(due.timestamp() if due else None),
        "visits": str(history.visits),
        "listed last": f"{history.listed} articles" if history.visits else "",
        "ETag": "not believed: its content changed behind it" if history.lies else "",
        "hub": hubs.get(source.name, ""),
        "added": _time(source.created_at.timestamp()),
    }


def ailment(source: Source, health: str) -> str:
    """The health of a source, with the reason where it needs a look."""
    history = History(**source.history)
    why = {
        "failing": f"{history.failed}, {history.failures} visits in a row",
        "empty": "it named articles once and names none now",
        "silent": f"nothing new since {_time(history.last_new_at or history.first_at)}",
    }
    return f"{health}: {why[health]}" if health in why else health


def _time(seconds: float | None) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC") if seconds else ""


def as_dict(desk: Desk, source: Source, hubs: Mapping[str, str]) -> dict[str, object]:
    """What people see of a source."""
    history = History(**source.history)
    return {
        "name": source.name,
        "url": source.url,
        "kind": source.kind,
        "schedule": source.schedule,
        "health": health(desk, source),
        "paused": source.paused,
        "next_due_at": source.next_due_at,
        "visits": history.visits,
        "failures_in_row": history.failures,
        "failed": history.failed,
        "listed": history.listed,
        "etag_lies": history.lies,
        "hub": hubs.get(source.name),
        "created_at": source.created_at,
    }
