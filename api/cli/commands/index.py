"""copydesk index setup | status | rebuild | drop"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.cli.context import check_store, open_context
from api.cli.output.console import errors, output, print_json
from worker.config.loading import load
from worker.services.maintenance.reindex import ArchiveRebuild, rebuild_from_archive
from worker.storage.ports import Index, RebuildResult
from worker.wiring import open_stores

app = typer.Typer(help="Look after the index of articles.", no_args_is_help=True, rich_markup_mode=None)


def _index(*, begin: bool = False) -> Index:
    settings = load()
    if not begin:
        check_store(settings)
    return open_stores(settings).index


@app.command()
def setup() -> None:
    """Create what is missing. Never deletes anything; safe to repeat."""
    output.print(f"{_index(begin=True).check()}: set up", markup=False)


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
def rebuild(
    from_archive: Annotated[
        bool, typer.Option("--from-archive", help="read the archived pages again, and bring back lost articles")
    ] = False,
) -> None:
    """File every article anew by today's mapping, while searches and writes go on. Elasticsearch keeps the old one."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("looking through the archive" if from_archive else "rebuilding", total=None)

        def progress(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        renewed = rebuild_from_archive(open_context(begin=True), progress) if from_archive else None
        rebuilt = renewed.rebuilt if renewed else _index().rebuild(partial(progress, "rebuilding"))
    _report(rebuilt)
    if renewed:
        _report_renewed(renewed)


def _report(done: RebuildResult) -> None:
    took = f"after {done.elapsed_s:.1f} s, of which writers waited {done.paused_s:.2f} s"
    output.print(f"{done.name} holds {done.documents} articles {took}.", markup=False, soft_wrap=True)
    if done.previous != done.name:  # SQLite files anew in place
        output.print(f"{done.previous} is kept until: copydesk index drop", markup=False, soft_wrap=True)


def _report_renewed(done: ArchiveRebuild) -> None:
    """Exit code 1 where articles are lost, as the audit has it."""
    kept = ", ".join(f"{n} {why}" for why, n in Counter(done.kept).most_common())
    stay = f"; {sum(done.kept.values())} stay as they stood ({kept})" if kept else ""
    output.print(f"{done.read} read anew, {done.restored} brought back{stay}.", markup=False, soft_wrap=True)
    if not done.lost:
        return
    for url in done.lost_urls:
        errors.print(url, markup=False, soft_wrap=True)
    advice = "fetch them again: copydesk add --force URL; or let go of them: copydesk articles remove URL"
    why = ", ".join(f"{n} {why}" for why, n in Counter(done.lost).most_common())
    what = (
        f"{sum(done.lost.values())} articles of the ledger are not in the index, nor does the archive hold them ({why})"
    )
    errors.print(f"{what}; {advice}", markup=False, soft_wrap=True)
    raise typer.Exit(1)


@app.command()
def drop() -> None:
    """Delete the generations that are not current."""
    dropped = _index().drop()
    output.print(f"dropped: {', '.join(dropped)}" if dropped else "There is only the current generation.", markup=False)
