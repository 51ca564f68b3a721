"""copydesk hosts list | resume."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.context import open_context
from api.cli.options import AsJson
from api.cli.output.console import errors, print_json
from api.cli.output.tables import print_list
from worker.services.crawl import host_status

app = typer.Typer(help="List paused and failing hosts, and resume them.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List hosts that are paused or have failed URLs."""
    hosts = host_status.troubled(open_context())
    if as_json:
        print_json(hosts)
        return
    rows = [
        (
            h.host,
            f"{h.paused_until:%m-%d %H:%M UTC}" if h.paused_until else "",
            h.reason,
            ", ".join(f"{n} {reason}" for reason, n in h.failed.items()),
        )
        for h in hosts
    ]
    print_list(("host", "paused until", "reason", "failed URLs"), rows, empty="No host is paused or failing.")


@app.command()
def resume(
    host: Annotated[str, typer.Argument(help="a name such as news.example, or https://news.example")],
) -> None:
    """End the pause of a host, so that its queue is fetched now, with the usual delays."""
    for resumed in host_status.resume(open_context(), host):
        errors.print_line(f"{resumed.host} is resumed. The pause was because of {resumed.reason}.")
