"""copydesk articles remove | blocked | unblock"""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.context import open_context
from api.cli.output.console import errors, output, print_json
from worker.services.articles import takedown
from worker.services.articles.takedown import Removal
from worker.services.ledger import lookup

app = typer.Typer(help="Take articles down.", no_args_is_help=True, rich_markup_mode=None)

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command()
def remove(
    which: Annotated[list[str], typer.Argument(help="addresses, or ids as `copydesk add` printed them")],
    block: Annotated[bool, typer.Option("--block", help="never crawl, replay or file them again")] = False,
    why: Annotated[str, typer.Option(help="kept in the ledger and the list of blocks")] = "",
    as_json: AsJson = False,
) -> None:
    """Remove articles from the index, with all their addresses; the ledger keeps that they were."""
    context = open_context(begin=block)
    takedown.check_removable(context, which, block=block)  # a mistake in one removes none
    removals: list[Removal] = []
    try:
        for one in which:
            removals.append(takedown.remove(context, one, block=block, why=why))
            if not as_json:
                _report(removals[-1])
    finally:
        if as_json:
            print_json(removals)


def _report(removal: Removal) -> None:
    what = "1 article" if removal.documents == 1 else f"{removal.documents} articles"
    first, *others = removal.rows
    verb = "removed and blocked" if removal.is_blocked else "removed"
    output.print(f"{what} {verb}: {first.canonical_url}", markup=False, soft_wrap=True)
    for row in others:
        output.print(f"  with another address of it: {row.canonical_url}", markup=False, soft_wrap=True)


@app.command()
def blocked(as_json: AsJson = False) -> None:
    """List the addresses that are blocked, and why."""
    blocks = list(open_context().catalog.blocklist.all())
    if as_json:
        print_json(blocks)
        return
    for block in blocks:
        since = f"{block.at:%Y-%m-%d %H:%M UTC}"
        output.print(f"{since}  {block.canonical_url}  {block.reason}".rstrip(), markup=False, soft_wrap=True)
    if not blocks:
        errors.print("Nothing is blocked.")


@app.command()
def unblock(
    which: Annotated[list[str], typer.Argument(help="addresses or ids")],
) -> None:
    """Let addresses in again, each with those that were blocked together with it."""
    context = open_context()
    takedown.check_blocked(context, which)  # a mistake in one unblocks none
    freed: set[str] = set()
    for one in which:
        for block in takedown.unblock(context, one) if lookup.identify(one) not in freed else ():
            freed.add(block.id)
            output.print(block.canonical_url, markup=False, soft_wrap=True)
    errors.print("Unblocked. What was removed comes back with: copydesk add --force URL")
