"""copydesk keys create | list | revoke."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from api.cli.context import open_context
from api.cli.options import AsJson
from api.cli.output.console import errors, output, print_json
from api.cli.output.tables import print_list
from worker.errors import BadInput
from worker.model.catalog import ApiKey

MAX_DAYS = 36_500  #: a century
NO_KEYS = "There are no keys. An API on a loopback address needs none; on another address it refuses every request."
app = typer.Typer(help="Manage the keys of the HTTP API.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="the name of the user or program")],
    scope: Annotated[
        list[str] | None, typer.Option(help="read, add or admin (everything), repeatable; default: read")
    ] = None,
    days: Annotated[float | None, typer.Option(help="days until the key expires; default: never")] = None,
    rate: Annotated[
        int | None, typer.Option(min=1, help="requests per minute; default: COPYDESK_API_RATE_PER_MINUTE")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create a key. It is shown only once, because only its hash is stored."""
    if not name.strip():
        raise BadInput("A key needs a name, such as the name of its user.")
    if days is not None and not 0 < days <= MAX_DAYS:
        raise BadInput(f"--days {days:g} is not allowed. Use more than 0 and at most {MAX_DAYS:,}, or leave it out.")
    context = open_context(create=True)
    expires = context.now() + timedelta(days=days) if days is not None else None
    key, secret = context.catalog.api_keys.create(
        name, scope or ["read"], context.now(), expires_at=expires, rate_per_minute=rate
    )
    if as_json:
        print_json(_key_to_json(key) | {"key": secret})
        return
    errors.print_line("Save the key now, it is not shown again. From now on, every request to the API needs a key.")
    output.print_line(secret)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the keys, without their secrets."""
    keys = list(open_context().catalog.api_keys.all())
    if as_json:
        print_json([_key_to_json(k) for k in keys])
        return
    rows = [
        (
            k.id,
            k.name,
            " ".join(k.scopes),
            f"{k.created_at:%Y-%m-%d}",
            f"{k.expires_at:%Y-%m-%d}" if k.expires_at else "never",
        )
        for k in keys
    ]
    print_list(("id", "name", "scopes", "created", "expires"), rows, empty=NO_KEYS)


def _key_to_json(key: ApiKey) -> dict[str, object]:
    """Return a key as a JSON object, without the hash of its secret."""
    fields = ("id", "name", "scopes", "created_at", "expires_at", "rate_per_minute")
    return {name: getattr(key, name) for name in fields}


@app.command()
def revoke(id: Annotated[str, typer.Argument(help="the id in `copydesk keys list`")]) -> None:
    """Revoke a key. A running API refuses it within five seconds."""
    if not open_context().catalog.api_keys.revoke(id):
        raise BadInput(f"Unknown key: {id!r}. `copydesk keys list` lists all keys.")
    errors.print_line(f"{id} is revoked")
