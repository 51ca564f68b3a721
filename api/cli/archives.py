"""copydesk import and copydesk replay"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli.console import errors
from api.cli.desk import open_desk
from worker.desk.importing import import_pages, latest_places
from worker.desk.importing import replay as replay_places
from worker.desk.parts import Desk
from worker.errors import BadInput, Unreadable
from worker.records import Fetched
from worker.storing.warcs import pages


def import_(
    files: Annotated[list[Path], typer.Argument(help="WARC, WET or ARC files, gzipped or not")],
    source: Annotated[str, typer.Option(help="a facet of the articles")] = "import",
) -> None:
    """Ingest pages that others have fetched. Interrupt it at will: it goes on where it stood, nothing comes twice."""
    desk = open_desk()
    for file in files:
        _import_file(desk, file, source)


def _import_file(desk: Desk, file: Path, source: str) -> None:
    memory = _Memory(desk.settings.data_dir / "imports.json", file)
    counts: Counter[str] = Counter()
    started = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    try:
        with file.open("rb") as stream, Progress(*columns, console=errors, transient=True) as progress:
            task = progress.add_task(file.name, total=memory.size, completed=memory.offset)
            stream.seek(memory.offset)
            answers = _Answers(pages(stream, most_bytes=desk.settings.fetch_max_body_bytes))
            for done in import_pages(desk, answers, source=source):
                counts += done
                memory.remember(answers.offset)
                progress.update(task, completed=answers.offset)
        memory.remember(memory.size)
    except OSError as e:
        raise BadInput(f"cannot read {file}: {e.strerror}") from None
    except Unreadable as e:
        errors.print(f"{file}: {e}; what stood before is in", markup=False, soft_wrap=True)
    seconds = max(time.monotonic() - started, 0.001)
    summary = ", ".join(f"{n} {what}" for what, n in counts.most_common()) or "nothing new: it was imported before"
    errors.print(f"{file.name}: {summary} ({counts.total() / seconds:.0f} pages/s)", markup=False)


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
    """How far each file was read, in a file beside the data. A file that has changed begins anew."""

    def __init__(self, path: Path, file: Path) -> None:
        try:
            status = file.stat()
        except OSError as e:
            raise BadInput(f"cannot read {file}: {e.strerror}") from None
        self.size = status.st_size
        self._path, self._key = path, f"{file.absolute()} {status.st_size} {status.st_mtime_ns}"
        self.offset = int(self._read().get(self._key, 0))

    def remember(self, offset: int) -> None:
        self.offset = offset
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(self._read() | {self._key: offset}, indent=1), "utf-8")
        fresh.replace(self._path)

    def _read(self) -> dict[str, int]:
        try:
            found: dict[str, int] = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found


def replay() -> None:
    """Read every archived page again with today's reader, without fetching; what comes out otherwise is filed anew."""
    desk = open_desk()
    with errors.status("looking through the archive"):
        places = latest_places(desk)
    counts: Counter[str] = Counter()
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("replaying", total=len(places))
        for done in replay_places(desk, places):
            counts += done
            progress.advance(task, done.total())
    errors.print(", ".join(f"{n} {what}" for what, n in counts.most_common()) or "The archive is empty.", markup=False)
