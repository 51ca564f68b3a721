"""copydesk articles remove | blocked | unblock."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.context import open_context
from api.cli.options import AsJson
from api.cli.output.console import errors, output, print_json
from worker.services.articles import takedown
from worker.services.articles.takedown import Removal
from worker.services.ledger import lookup

app = typer.Typer(help="Take articles down and block URLs.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def remove(
    articles: Annotated[list[str], typer.Argument(help="URLs, or ids that `copydesk add` printed")],
    block: Annotated[bool, typer.Option("--block", help="never crawl or index these URLs again")] = False,
    reason: Annotated[str, typer.Option(help="a note for the ledger and the blocklist")] = "",
    as_json: AsJson = False,
) -> None:
    """Remove articles from the index, with all their URLs. The ledger keeps a row for each URL."""
    context = open_context(create=block)
    takedown.check_removable(context, articles, block=block)  # one wrong argument removes nothing
    removals: list[Removal] = []
    try:
        for article in articles:
            removals.append(takedown.remove(context, article, block=block, why=reason))
            if not as_json:
                _print_removal(removals[-1])
    finally:
        if as_json:
            print_json(removals)


def _print_removal(removal: Removal) -> None:
    noun = "1 article" if removal.documents == 1 else f"{removal.documents} articles"
    first, *others = removal.rows
    verb = "removed and blocked" if removal.is_blocked else "removed"
    output.print_line(f"{noun} {verb}: {first.canonical_url}")
    for row in others:
        output.print_line(f"  with another URL of it: {row.canonical_url}")


@app.command()
def blocked(as_json: AsJson = False) -> None:
    """List the blocked URLs with date and reason."""
    blocks = list(open_context().catalog.blocklist.all())
    if as_json:
        print_json(blocks)
        return
    for block in blocks:
        since = f"{block.at:%Y-%m-%d %H:%M UTC}"
        output.print_line(f"{since}  {block.canonical_url}  {block.reason}".rstrip())
    if not blocks:
        errors.print_line("No URL is blocked.")


@app.command()
def unblock(
    urls: Annotated[list[str], typer.Argument(help="URLs or ids")],
) -> None:
    """Unblock URLs, each with the URLs that were blocked together with it."""
    context = open_context()
    takedown.check_blocked(context, urls)  # one wrong argument unblocks nothing
    unblocked: set[str] = set()
    for url in urls:
        for block in takedown.unblock(context, url) if lookup.identify(url) not in unblocked else ():
            unblocked.add(block.id)
            output.print_line(block.canonical_url)
    errors.print_line("Unblocked. To crawl a removed article again: copydesk add --force URL")
