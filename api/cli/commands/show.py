"""copydesk show"""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.context import open_context
from api.cli.output.article import print_article
from api.cli.output.console import output, print_json
from api.cli.output.revision_changes import changes_to_json, print_changes
from worker.errors import BadInput
from worker.model.records import Row
from worker.services.articles.revisions import revisions
from worker.services.ledger import lookup
from worker.storage.document_json import to_json


def show(
    url_or_id: Annotated[str, typer.Argument(help="an address, or the id that `copydesk add` printed")],
    with_revisions: Annotated[
        bool, typer.Option("--revisions", help="also what the article said before, and which words changed")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Show what became of a URL: its row in the ledger, and the article that it leads to."""
    context = open_context()
    id = lookup.identify(url_or_id)
    row, document = lookup.row(context, id), lookup.document(context, id)
    if row is None:
        raise BadInput(f"{url_or_id} was never accepted here; queue it with: copydesk add {quote(url_or_id)}")
    before = revisions(context, document) if with_revisions and document else []
    if as_json:
        known = {"row": row, "article": to_json(document) if document else None}
        print_json(known | ({"revisions": changes_to_json(before)} if with_revisions else {}))
        return
    output.print(_row_table(row))
    if document:
        output.print()
        print_article(output, document.article)
    if before:
        print_changes(output, before)


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
        ("why", f"copydesk explain {quote(row.url)}" if lookup.is_rejected_by_reading(row) else None),
        ("crawl", row.crawl),
        ("status", row.http_status),
        ("first seen", row.first_seen_at),
        ("finished", row.finished_at),
        ("gone since", row.gone_at),
    ]
    for name, value in facts:
        if value is not None:
            table.add_row(name, Text(str(value)))
    return table
