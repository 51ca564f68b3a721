"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Timeout = Annotated[float | None, typer.Option(min=0, help="with --wait: stop waiting after so many seconds")]
SearchFilter = Annotated[list[str] | None, typer.Option("--filter", help="field=value, repeatable")]
SearchScope = Annotated[str, typer.Option(help="fields to search: all, headline, body, captions")]

#: Settings of a command whose argument is a query. An unknown option with one hyphen is a word that the query excludes:
#: `copydesk search flood -storm`.
QUERY_COMMAND = {"ignore_unknown_options": True}


def is_url(text: str) -> bool:
    """Return True if an argument is a URL rather than a name or a file."""
    return text.startswith(("http://", "https://"))
