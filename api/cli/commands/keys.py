"""copydesk keys create | list | revoke"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.context import open_context
from api.cli.output.console import errors, output, print_json
from worker.errors import BadInput
from worker.model.catalog import ApiKey

MOST_DAYS = 36_500  # a century
NONE = "There are no keys: an API that starts on loopback asks for none, any other admits nobody."
app = typer.Typer(help="Keys of the HTTP API.", no_args_is_help=True, rich_markup_mode=None)

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="whose key it is")],
    scope: Annotated[list[str] | None, typer.Option(help="read, add, admin (all), repeatable; default: read")] = None,
    days: Annotated[float | None, typer.Option(help="until it expires; default: never")] = None,
    rate: Annotated[int | None, typer.Option(min=1, help="calls a minute; default: as the settings say")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown this once: only a hash of it is kept."""
    if not name.strip():
        raise BadInput("a key needs a name: whose it is")
    if days is not None and not 0 < days <= MOST_DAYS:
        raise BadInput(
            f"--days {days:g}: give more than 0 and at most {MOST_DAYS:,}, or leave it out for a key that lasts"
        )
    context = open_context(begin=True)
    expires = context.now() + timedelta(days=days) if days is not None else None
    key, secret = context.catalog.api_keys.create(
        name, scope or ["read"], context.now(), expires_at=expires, rate_per_minute=rate
    )
    if as_json:
        print_json(_as_dict(key) | {"key": secret})
        return
    errors.print("Keep it well, it is not shown again. From now on every call of the API needs a key:", markup=False)
    output.print(secret, markup=False, soft_wrap=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the keys, without their secrets."""
    keys = list(open_context().catalog.api_keys.all())
    if as_json:
        print_json([_as_dict(k) for k in keys])
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("id", "name", "scopes", "created", "expires"):
        table.add_column(column)
    for k in keys:
        expires = k.expires_at.strftime("%Y-%m-%d") if k.expires_at else "never"
        table.add_row(k.id, Text(k.name), " ".join(k.scopes), k.created_at.strftime("%Y-%m-%d"), expires)
    output.print(table if keys else NONE)


def _as_dict(key: ApiKey) -> dict[str, object]:
    """What people see of a key: all but the hash of its secret."""
    fields = ("id", "name", "scopes", "created_at", "expires_at", "rate_per_minute")
    return {name: getattr(key, name) for name in fields}


@app.command()
def revoke(id: Annotated[str, typer.Argument(help="as `copydesk keys list` names it")]) -> None:
    """Make a key worthless, at once."""
    if not open_context().catalog.api_keys.revoke(id):
        raise BadInput(f"there is no key {id!r}; `copydesk keys list` names them all")
    errors.print(f"{id} is revoked", markup=False)
