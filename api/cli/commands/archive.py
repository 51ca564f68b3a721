"""copydesk import and copydesk replay"""

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
from worker.archive.warc_reader import NotWarc, read_pages
from worker.config.folders import create_private_file, make_data_folder
from worker.errors import Unavailable, Unreadable
from worker.model.records import Fetched
from worker.services.context import AppContext
from worker.services.intake.warc_import import import_pages, latest_places
from worker.services.intake.warc_import import replay as replay_places


def import_(
    files: Annotated[list[Path], typer.Argument(help="WARC, WET or ARC files, gzipped or not")],
    source: Annotated[str, typer.Option(help="a facet of the articles")] = "import",
) -> None:
    """Ingest pages that others have fetched. Interrupt it at will: it goes on where it stood, nothing comes twice."""
    context = open_context(begin=True)
    codes = [_import_file(context, file, source) for file in files]
    if any(codes):
        raise typer.Exit(max(codes))


def _import_file(context: AppContext, file: Path, source: str) -> int:
    """The exit code that this file alone would have: what is wrong with one does not keep out the others."""
    counts: Counter[str] = Counter()
    started = time.monotonic()
    problem, code = "", 0
    try:
        memory = _Memory(context.settings.data_dir / "imports.json", file)
        begun_at = memory.offset
        with file.open("rb") as stream:
            _import_stream(context, stream, memory, source, counts)
    except (OSError, NotWarc) as e:
        problem, code = getattr(e, "strerror", None) or str(e), 2
    except Unreadable as e:
        problem, code = f"{e}; what stood before is in", 1
    if problem:
        errors.print(f"copydesk: cannot read {file}: {problem}", markup=False, soft_wrap=True)
    if counts or not problem:
        nothing = "nothing new: it was imported before" if begun_at else "it holds no pages"
        summary = ", ".join(f"{n} {what}" for what, n in counts.most_common()) or nothing
        rate = counts.total() / max(time.monotonic() - started, 0.001)
        errors.print(f"{file.name}: {summary} ({rate:.0f} pages/s)", markup=False, soft_wrap=True)
    return code


def _import_stream(context: AppContext, stream: BinaryIO, memory: _Memory, source: str, counts: Counter[str]) -> None:
    """Go on where the memory says; adds to the counts."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task(memory.name, total=memory.size, completed=memory.offset)
        stream.seek(memory.offset)
        answers = _Answers(read_pages(stream, max_bytes=context.settings.fetch_max_body_bytes))
        for done in import_pages(context, answers, source=source):
            counts += done
            memory.remember(answers.offset)
            progress.update(task, completed=answers.offset)
    memory.remember(memory.size)


class _Answers(Iterator[Fetched]):
    """The pages of a file, and where the last one began."""

    def __init__(self, recorded: Iterator[object]) -> None:
        self._recorded = recorded
        self.offset = 0

    def __next__(self) -> Fetched:
        recorded = next(self._recorded)
        self.offset = recorded.offset  # type: ignore[attr-defined]
        return recorded.fetched  # type: ignore[attr-defined, no-any-return]


class _Memory:
    """How far each file was read, in a file beside the data. A file that has changed begins anew. `OSError` where there
    is no such file, `Unavailable` where nothing can be remembered."""

    def __init__(self, path: Path, file: Path) -> None:
        status = file.stat()
        self.name, self.size = file.name, status.st_size
        self._path, self._key = path, f"{file.absolute()} {status.st_size} {status.st_mtime_ns}"
        self.offset = int(self._read().get(self._key, 0))

    def remember(self, offset: int) -> None:
        self.offset = offset
        fresh = self._path.with_suffix(".new")
        make_data_folder(self._path.parent)
        try:
            create_private_file(fresh)
            fresh.write_text(json.dumps(self._read() | {self._key: offset}, indent=1), "utf-8")
            fresh.replace(self._path)
        except OSError as e:
            problem = f"cannot write to {self._path} how far it came ({e.strerror})"
            raise Unavailable(f"{problem}; import again once it can be written to: nothing comes twice") from None

    def _read(self) -> dict[str, int]:
        try:
            found: dict[str, int] = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found


def replay() -> None:
    """Read every archived page again with today's reader, without fetching; what comes out otherwise is filed anew."""
    context = open_context()
    with errors.status("looking through the archive"):
        places = latest_places(context)
    counts: Counter[str] = Counter()
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("replaying", total=len(places))
        for done in replay_places(context, places):
            counts += done
            progress.advance(task, done.total())
    errors.print(", ".join(f"{n} {what}" for what, n in counts.most_common()) or "The archive is empty.", markup=False)
