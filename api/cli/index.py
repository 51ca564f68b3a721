"""copydesk index setup | status | rebuild | drop"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.cli.console import errors, output, print_json
from worker.settings import load
from worker.storing.ports import Index
from worker.wiring import open_stores

app = typer.Typer(help="Look after the index of articles.", no_args_is_help=True, rich_markup_mode=None)


def _index() -> Index:
    return open_stores(load()).index


@app.command()
def setup() -> None:
    """Create what is missing. Never deletes anything; safe to repeat."""
    output.print(f"{_index().check()}: set up", markup=False)


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False) -> None:
    """List the generations of the index: the current one, and older ones that a rebuild left."""
    generations = _index().generations()
    if as_json:
        print_json(generations)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("generation", "documents", "MiB", "", "note"):
        table.add_column(column, justify="right" if column in ("documents", "MiB") else "left")
    for g in generations:
        size = f"{g.size_bytes / 2**20:.1f}"
        table.add_row(g.name, str(g.documents), size, "current" if g.is_current else "old", g.note)
    output.print(table)


@app.command()
def rebuild() -> None:
    """File every article anew by today's mapping, while searches and writes go on. Elasticsearch keeps the old one."""
    columns = (TextColumn("rebuilding"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("rebuilding", total=None)
        done = _index().rebuild(lambda n, total: progress.update(task, completed=n, total=total))
    took = f"after {done.elapsed_s:.1f} s, of which writers waited {done.paused_s:.2f} s"
    output.print(f"{done.name} holds {done.documents} articles {took}.", markup=False, soft_wrap=True)
    if done.previous != done.name:  # SQLite files anew in place
        output.print(f"{done.previous} is kept until: copydesk index drop", markup=False, soft_wrap=True)


@app.command()
def drop() -> None:
    """Delete the generations that are not current."""
    dropped = _index().drop()
    output.print(f"dropped: {', '.join(dropped)}" if dropped else "There is only the current generation.", markup=False)
