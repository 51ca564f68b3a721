"""copydesk import and copydesk replay."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli.context import open_context
from api.cli.output.console import errors
from worker.archive.warc_reader import ArchivedPage, NotWarc, read_pages
from worker.config.folders import create_private_file, make_data_folder
from worker.errors import Unavailable, Unreadable
from worker.model.records import Fetched
from worker.services.context import AppContext
from worker.services.intake.warc_import import import_pages, latest_places
from worker.services.intake.warc_import import replay as replay_places


def import_(
    files: Annotated[list[Path], typer.Argument(help="WARC, WET or ARC files, compressed with gzip or not")],
    source: Annotated[str, typer.Option(help="source name to store with the articles")] = "import",
) -> None:
    """Import archived pages from WARC files.

    An interrupted import continues where it stopped, and no page is imported twice.
    """
    context = open_context(create=True)
    codes = [_import_file(context, file, source) for file in files]
    if any(codes):
        raise typer.Exit(max(codes))


def _import_file(context: AppContext, file: Path, source: str) -> int:
    """Import one file and return its exit code. A file that cannot be read does not stop the others."""
    counts: Counter[str] = Counter()
    started = time.monotonic()
    problem, code = "", 0
    try:
        progress = _ImportProgress(context.settings.data_dir / "imports.json", file)
        resumed = progress.offset > 0
        with file.open("rb") as stream:
            _import_stream(context, stream, progress, source, counts)
    except (OSError, NotWarc) as e:
        problem, code = getattr(e, "strerror", None) or str(e), 2
    except Unreadable as e:
        problem, code = f"{e}. The pages before that position are imported", 1
    if problem:
        errors.print_line(f"copydesk: Cannot read {file}: {problem}.")
    if counts or not problem:
        nothing = "nothing new, the file was imported before" if resumed else "the file has no pages"
        summary = ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common()) or nothing
        rate = counts.total() / max(time.monotonic() - started, 0.001)
        errors.print_line(f"{file.name}: {summary} ({rate:.0f} pages/s)")
    return code


def _import_stream(
    context: AppContext, stream: BinaryIO, progress: _ImportProgress, source: str, counts: Counter[str]
) -> None:
    """Import the pages after the saved offset, and add to `counts` for each verdict."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task(progress.name, total=progress.size, completed=progress.offset)
        stream.seek(progress.offset)
        responses = _Responses(read_pages(stream, max_bytes=context.settings.fetch_max_body_bytes))
        for verdicts in import_pages(context, responses, source=source):
            counts += verdicts
            progress.save(responses.offset)
            bar.update(task, completed=responses.offset)
    progress.save(progress.size)


class _Responses(Iterator[Fetched]):
    """The responses in a WARC file, with the offset of the latest one."""

    def __init__(self, archived: Iterator[ArchivedPage]) -> None:
        self._archived = archived
        self.offset = 0

    def __next__(self) -> Fetched:
        """Return the next response."""
        page = next(self._archived)
        self.offset = page.offset
        return page.fetched


class _ImportProgress:
    """The progress of the import of one file, saved in `imports.json` in the data folder.

    A file whose size or modification time changed starts at 0. Raises `OSError` if the file does not exist,
    `Unavailable` if the progress cannot be saved.
    """

    def __init__(self, path: Path, file: Path) -> None:
        status = file.stat()
        self.name, self.size = file.name, status.st_size
        self._path, self._key = path, f"{file.absolute()} {status.st_size} {status.st_mtime_ns}"
        self.offset = int(self._read().get(self._key, 0))

    def save(self, offset: int) -> None:
        """Save the offset up to which the file is imported."""
        self.offset = offset
        new = self._path.with_suffix(".new")
        make_data_folder(self._path.parent)
        try:
            create_private_file(new)
            new.write_text(json.dumps(self._read() | {self._key: offset}, indent=1), "utf-8")
            new.replace(self._path)
        except OSError as e:
            problem = f"Cannot save the progress of the import in {self._path} ({e.strerror})."
            advice = "Make the file writable and import again: no page is imported twice."
            raise Unavailable(f"{problem} {advice}") from None

    def _read(self) -> dict[str, int]:
        try:
            offsets: dict[str, int] = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return offsets


def replay() -> None:
    """Extract every archived page again, without fetching, and update the articles that have changed."""
    context = open_context()
    with errors.status("reading the archive"):
        places = latest_places(context)
    counts: Counter[str] = Counter()
    with Progress(console=errors, transient=True) as bar:
        task = bar.add_task("replaying", total=len(places))
        for verdicts in replay_places(context, places):
            counts += verdicts
            bar.advance(task, verdicts.total())
    errors.print_line(", ".join(f"{n} {verdict}" for verdict, n in counts.most_common()) or "The archive is empty.")
