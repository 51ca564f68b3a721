"""copydesk show"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.article import print_article
from api.cli.console import output, print_json
from api.cli.desk import open_desk
from worker.desk import asking
from worker.errors import BadInput
from worker.records import Row
from worker.storing.documents import to_json


def show(
    url_or_id: Annotated[str, typer.Argument(help="an address, or the id that `copydesk add` printed")],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Show what became of a URL: its row in the ledger, and the article that it leads to."""
    desk = open_desk()
    id = asking.identify(url_or_id)
    row, document = asking.row(desk, id), asking.document(desk, id)
    if row is None:
        raise BadInput(f"{url_or_id} was never accepted here; queue it with: copydesk add {url_or_id}")
    if as_json:
        print_json({"row": row, "article": to_json(document) if document else None})
        return
    output.print(_row_table(row))
    if document:
        output.print()
        print_article(output, document.article)


def _row_table(row: Row) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column()
    facts: list[tuple[str, object]] = [
        ("id", row.id),
        ("url", row.url),
        ("state", row.state),
        ("outcome", row.outcome),
        ("reason", f"{row.reason}: {row.detail}" if row.detail else row.reason),
        ("crawl", row.crawl),
        ("status", row.http_status),
        ("first seen", row.first_seen_at),
        ("settled", row.settled_at),
        ("gone since", row.gone_at),
    ]
    for name, value in facts:
        if value is not None:
            table.add_row(name, Text(str(value)))
    return table
