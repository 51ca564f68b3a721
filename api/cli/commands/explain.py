"""copydesk explain."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.commands.read import load_page
from api.cli.context import open_context
from api.cli.options import AsJson
from api.cli.output.console import output, print_json
from api.cli.output.tables import list_table
from worker import extraction, urls
from worker.errors import CopydeskError
from worker.model.records import Article
from worker.storage.document_json import article_to_json

MAX_CHARS = 100  #: maximum length of a block or a value as shown


def explain(
    source: Annotated[str, typer.Argument(help="an HTML file or a URL")],
    url: Annotated[str, typer.Option(help="the URL that the file came from")] = "",
    as_json: AsJson = False,
) -> None:
    """Show how a page is read.

    Prints each field with its source and the other candidates, and each block with the reason why it is kept or
    removed. If a store exists, blocks that the page's host repeats on other pages are removed, as the workers do.
    """
    page = load_page(source, url)
    explained = extraction.explain(
        page.body, page.url, content_type=page.content_type, boilerplate=_host_boilerplate(page.url)
    )
    verdicts = [{"kept": v.kept, "reason": v.reason, "text": v.block.text} for v in explained.verdicts]
    if as_json:
        print_json({"article": article_to_json(explained.article), "blocks": verdicts})
        return
    output.print(_fields_table(explained.article))
    output.print()
    rows = [(_kept_or_removed(v.kept), v.reason, _shorten(v.block.text)) for v in explained.verdicts]
    output.print(list_table(("", "reason", "block"), rows))


def _kept_or_removed(kept: bool) -> Text:
    return Text("kept", style="green") if kept else Text("removed", style="red")


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS - 1]}…"


def _host_boilerplate(url: str) -> extraction.HostBoilerplate | None:
    """Return the boilerplate of the page's host. None without a store, or for a URL without a host."""
    try:
        host = urls.target(url).host
        known = open_context().catalog.boilerplate.of([host])[host]
    except CopydeskError:
        return None
    return extraction.HostBoilerplate(pages=known.pages, seen=known.seen)


def _fields_table(article: Article) -> Table:
    values = article_to_json(article)
    rows = [
        (
            name,
            str(values.get(name, ""))[:MAX_CHARS],
            f"{origin.source}: {origin.rule}",
            Text("\n".join(f"{other}: {value[:MAX_CHARS]}" for other, value in origin.rivals), style="dim"),
        )
        for name, origin in article.provenance.items()
    ]
    return list_table(("field", "value", "source", "other candidates"), rows)
