"""The differences between the revisions of an article, in the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from api.presentation.revision_changes import Change, Passage, changes
from api.presentation.text_diff import Op, Piece
from worker.model.catalog import Revision

#: The marks of GNU wdiff, which also work where there are no colours.
MARKS = {Op.KEEP: ("", "", ""), Op.DELETE: ("[-", "-]", "red"), Op.INSERT: ("{+", "+}", "green")}


def print_changes(console: Console, revisions: Sequence[Revision]) -> None:
    """Print the changes, latest first. `revisions` is ordered by time and ends with the current text."""
    listed = changes(revisions)
    for change in listed:
        console.print()
        _print_change(console, change)
    if not listed:
        console.print()
        console.print("The article has not changed since it was first crawled.", style="dim")


def changes_to_json(revisions: Sequence[Revision]) -> list[dict[str, Any]]:
    """Return the changes, latest first. `revisions` is ordered by time and ends with the current text."""
    return [
        {
            "revision": change.before,
            "changes": [{"field": f.field, "pieces": f.pieces} for f in change.fields],
        }
        for change in changes(revisions)
    ]


def _print_change(console: Console, change: Change) -> None:
    period = f"changed between {change.before.fetched_at:%Y-%m-%d %H:%M} and {change.at:%Y-%m-%d %H:%M %Z}"
    console.print(Text(period, style="bold"))
    for field in change.fields:
        console.print(Text(field.field.replace("_", " "), style="dim"))
        for passage in field.passages:
            console.print(Padding(_line(passage), (0, 0, 0, 4)))
    if not change.fields:
        console.print("    after the part of the text that a revision keeps", style="dim")


def _line(passage: Passage) -> Text:
    if passage.unchanged:
        noun = "paragraph" if passage.unchanged == 1 else "paragraphs"
        return Text(f"… {passage.unchanged} {noun} unchanged", style="dim")
    if not passage.pieces:
        return Text("… further changes are not shown", style="dim")
    return Text.assemble(*(_marked(piece) for piece in passage.pieces))


def _marked(piece: Piece) -> tuple[str, str]:
    before, after, style = MARKS[piece.op]
    return f"{before}{piece.text}{after}", style
