"""The consoles that the commands print to: results to standard output, everything else to standard error."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.style import StyleType
from rich.table import Table
from rich.text import Text

from api.presentation.highlight_markup import without_controls

UNLIMITED_WIDTH = 100_000  #: characters in a line of a table that is not printed to a terminal


class SafeConsole(Console):
    """A console that removes control characters from the text it prints.

    The text may come from web pages, which must not send escape sequences to the terminal. Nothing is truncated: a
    terminal folds long lines, and output to a file or pipe keeps them whole, so that programs can find URLs.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, emoji=False, markup=False)

    def print_line(self, text: str | Text, style: StyleType | None = None) -> None:
        """Print a text on a line of its own, however long."""
        self.print(text, style=style, soft_wrap=True)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print objects as Rich does; without a terminal, do not crop or wrap them."""
        if not self.is_terminal:
            options = {"crop": False, "soft_wrap": all(isinstance(o, str | Text) for o in objects)} | options
        super().print(*objects, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments of a renderable without control characters."""
        if isinstance(renderable, Table):
            options = self._without_truncation(renderable, options or self.options)
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(without_controls(segment.text), segment.style)

    def _without_truncation(self, table: Table, options: ConsoleOptions) -> ConsoleOptions:
        for column in table.columns:
            column.overflow = "fold"
        return options if self.is_terminal else options.update(width=UNLIMITED_WIDTH)

    def on_broken_pipe(self) -> None:
        """Raise `BrokenPipeError`. Rich would exit with 1, but a reader such as head may stop early."""
        self.quiet = True
        raise BrokenPipeError


output = SafeConsole()
errors = SafeConsole(stderr=True)
_C1_CONTROLS = re.compile("[\x7f-\x9f]")  # control characters that JSON does not escape


def print_json(value: Any) -> None:
    """Print a value as JSON, without wrapping or colour."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_to_json_value)
    output.print_line(_C1_CONTROLS.sub(lambda c: f"\\u{ord(c.group()):04x}", text))


def _to_json_value(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
