"""copydesk explain"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.commands.read import fetch
from api.cli.context import open_context
from api.cli.output.console import output, print_json
from worker import extraction, urls
from worker.errors import CopydeskError
from worker.model.records import Article
from worker.storage.document_json import article_to_json

LONGEST = 100  # characters of a block that are shown


def explain(
    source: Annotated[str, typer.Argument(help="an HTML file, or an address")],
    url: Annotated[str, typer.Option(help="the address that a file came from")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Show how a page was read: each block kept or removed and why, each field with its source and its rivals. What its
    host showed on other pages counts, where there is a store that knows."""
    page = fetch(source, url)
    furniture = _furniture(page.url)
    explained = extraction.explain(page.body, page.url, content_type=page.content_type, boilerplate=furniture)
    verdicts = [{"kept": v.kept, "reason": v.reason, "text": v.block.text} for v in explained.verdicts]
    if as_json:
        print_json({"article": article_to_json(explained.article), "blocks": verdicts})
        return
    output.print(_fields(explained.article))
    output.print()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("", "why", "block"):
        table.add_column(column)
    for v in verdicts:
        style = "green" if v["kept"] else "red"
        text = str(v["text"])
        shown = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
        table.add_row(Text("kept" if v["kept"] else "removed", style=style), Text(str(v["reason"])), Text(shown))
    output.print(table)


def _furniture(url: str) -> extraction.HostBoilerplate | None:
    """As the store knows the page's host. None where nobody knows it, or there is no store."""
    try:
        host = urls.target(url).host
        known = open_context().catalog.boilerplate.of([host])[host]
    except CopydeskError:
        return None
    return extraction.HostBoilerplate(pages=known.pages, seen=known.seen)


def _fields(article: Article) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("field", "value", "from", "others said"):
        table.add_column(column)
    values = article_to_json(article)
    for name, origin in article.provenance.items():
        value = str(values.get(name, ""))
        rivals = Text("\n".join(f"{who}: {what[:LONGEST]}" for who, what in origin.rivals), style="dim")
        table.add_row(name, Text(value[:LONGEST]), f"{origin.source}: {origin.rule}", rivals)
    return table
