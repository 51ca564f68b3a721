"""copydesk index setup | status | rebuild | drop."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.cli.context import check_store, open_context
from api.cli.options import AsJson
from api.cli.output.console import errors, output, print_json
from api.cli.output.tables import list_table
from worker.config.loading import load
from worker.services.maintenance.reindex import ArchiveRebuild, rebuild_from_archive
from worker.storage.ports import Index, RebuildResult
from worker.wiring import open_stores, set_up_stores

app = typer.Typer(help="Set up, rebuild and inspect the article index.", no_args_is_help=True, rich_markup_mode=None)


def _open_index(*, create: bool = False) -> Index:
    settings = load()
    if not create:
        check_store(settings)
    return (set_up_stores(settings) if create else open_stores(settings)).index


@app.command()
def setup() -> None:
    """Create missing tables or indices. Deletes nothing and can be repeated."""
    output.print_line(f"{_open_index(create=True).check()}: set up")


@app.command()
def status(as_json: AsJson = False) -> None:
    """List the generations of the index: the current one, and older ones that a rebuild kept."""
    generations = _open_index().generations()
    if as_json:
        print_json(generations)
        return
    rows = [
        (g.name, g.documents, f"{g.size_bytes / 2**20:.1f}", "current" if g.is_current else "old", g.note)
        for g in generations
    ]
    headings = ("generation", "documents", "MiB", "", "note")
    output.print(list_table(headings, rows, numeric=("documents", "MiB")))


@app.command()
def rebuild(
    from_archive: Annotated[
        bool, typer.Option("--from-archive", help="extract the archived pages again and restore lost articles")
    ] = False,
) -> None:
    """Write every article into a new index with the current mapping, while searches and writes continue.

    Elasticsearch keeps the previous generation; SQLite rebuilds in place.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("reading the archive" if from_archive else "rebuilding", total=None)

        def report(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        renewed = rebuild_from_archive(open_context(create=True), report) if from_archive else None
        rebuilt = renewed.rebuilt if renewed else _open_index().rebuild(partial(report, "rebuilding"))
    _print_rebuilt(rebuilt)
    if renewed:
        _print_renewed(renewed)


def _print_rebuilt(rebuilt: RebuildResult) -> None:
    duration = f"{rebuilt.elapsed_s:.1f} s; writers waited {rebuilt.paused_s:.2f} s"
    output.print_line(f"{rebuilt.name}: {rebuilt.documents} articles after {duration}.")
    if rebuilt.previous != rebuilt.name:  # SQLite rebuilds in place
        output.print_line(f"{rebuilt.previous} is kept. To delete it: copydesk index drop")


def _print_renewed(renewed: ArchiveRebuild) -> None:
    """Print the results of a rebuild from the archive. Exit with 1 if articles of the ledger are lost."""
    kept = ", ".join(f"{n} {reason}" for reason, n in Counter(renewed.kept).most_common())
    unchanged = f"; {sum(renewed.kept.values())} kept unchanged ({kept})" if kept else ""
    output.print_line(f"{renewed.read} extracted again, {renewed.restored} restored{unchanged}.")
    if not renewed.lost:
        return
    for url in renewed.lost_urls:
        errors.print_line(url)
    reasons = ", ".join(f"{n} {reason}" for reason, n in Counter(renewed.lost).most_common())
    problem = f"{sum(renewed.lost.values())} articles of the ledger are neither in the index nor in the archive"
    advice = "To fetch them again: copydesk add --force URL. To remove them: copydesk articles remove URL"
    errors.print_line(f"{problem} ({reasons}). {advice}")
    raise typer.Exit(1)


@app.command()
def drop() -> None:
    """Delete the generations that are not current."""
    dropped = _open_index().drop()
    output.print_line(f"dropped: {', '.join(dropped)}" if dropped else "Only the current generation exists.")
