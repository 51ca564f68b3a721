"""The two kinds of table that commands print: a list of entries, and the facts about one entry."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from api.cli.output.console import output

Cell = object  #: a `Text` keeps its style, None is an empty cell, anything else becomes plain text


def list_table(headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, numeric: Collection[str] = ()) -> Table:
    """Return a table with a heading for each column and a row for each entry. Numeric columns are right-aligned."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in numeric else "left")
    for row in rows:
        table.add_row(*map(_text, row))
    return table


def print_list(
    headings: Sequence[str], rows: Sequence[Sequence[Cell]], *, empty: str, numeric: Collection[str] = ()
) -> None:
    """Print the entries as a table, or a sentence if there are none."""
    output.print(list_table(headings, rows, numeric=numeric) if rows else empty)


def facts_table(facts: Mapping[str, Cell], *, title: str | None = None) -> Table:
    """Return a table of names and values. Facts without a value (None or "") are left out."""
    table = _titled(title)
    table.add_column(style="dim" if title is None else None)
    table.add_column()
    for name, value in facts.items():
        if value not in (None, ""):
            table.add_row(Text(name), _text(value))
    return table


def counts_table(counts: Mapping[str, int], *, title: str) -> Table:
    """Return a table of numbers and what they count, under a title."""
    table = _titled(title)
    table.add_column(justify="right")
    table.add_column()
    for name, n in counts.items():
        table.add_row(str(n), Text(name))
    return table


def _titled(title: str | None) -> Table:
    padding = (0, 2, 0, 0) if title is None else (0, 2, 0, 2)
    return Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False, padding=padding)


def _text(cell: Cell) -> Text:
    if isinstance(cell, Text):
        return cell
    return Text("" if cell is None else str(cell))
