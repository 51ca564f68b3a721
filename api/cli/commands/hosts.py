"""copydesk hosts list | resume"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.context import open_context
from api.cli.output.console import errors, output, print_json
from worker.services.crawl import host_status

app = typer.Typer(help="Hosts that are left alone or fail.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False) -> None:
    """List hosts that are paused or fail: until when, and why."""
    found = host_status.troubled(open_context())
    if as_json:
        print_json(found)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("host", "paused until", "why", "failed URLs"):
        table.add_column(column)
    for h in found:
        failed = ", ".join(f"{n} {reason}" for reason, n in h.failed.items())
        until = f"{h.paused_until:%m-%d %H:%M UTC}" if h.paused_until else ""
        table.add_row(Text(h.host), until, Text(h.why or ""), Text(failed))
    output.print(table if found else "No host is paused, and none fails.")


@app.command()
def resume(
    host: Annotated[str, typer.Argument(help="its name, such as news.example, or https://news.example")],
) -> None:
    """End the pause of a host: what waits is fetched now, as politely as ever."""
    for h in host_status.resume(open_context(), host):
        errors.print(f"{h.host} is visited again; it was paused because of {h.why}", markup=False, soft_wrap=True)
