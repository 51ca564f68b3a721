"""Templates: Jinja with everything escaped, and the few filters that they need."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.web.auth.session_cookie import session_key
from api.web.ui import labels
from api.web.ui.search_state import Asked
from worker.model.query import FIELDS

_STATIC_FOLDER = Path(str(files("api.web.ui") / "static"))
#: Static files by their path in the folder.
STATIC: Mapping[str, Path] = {
    path.relative_to(_STATIC_FOLDER).as_posix(): path for path in sorted(_STATIC_FOLDER.rglob("*")) if path.is_file()
}
_VERSIONS = {name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for name, path in STATIC.items()}


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page of this template. Templates see `path` and whether somebody `is_signed_in`."""
    shared = {"path": request.url.path, "is_signed_in": bool(session_key(request))}
    return HTMLResponse(_environment.get_template(template).render(shared | context), status)


def asset(name: str) -> str:
    """The address of a static file, which changes with its content."""
    return f"/static/{name}?v={_VERSIONS[name]}"


def web_link(url: str | None) -> str | None:
    """The address if a browser may be led there: http or https with a host. None for javascript: and the like."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def when(moment: datetime, precision: str | None = None) -> str:
    """For people, in UTC: 3 March 2026, 11:20 UTC; the day alone where no more is known."""
    moment = moment.astimezone(UTC)
    day = f"{moment.day} {moment:%B} {moment.year}"
    return day if precision == "day" else f"{day}, {moment:%H:%M} UTC"


def clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S} UTC"


def thousands(n: int) -> str:
    return f"{n:,}"


def size(n: int) -> str:
    """Of bytes."""
    return f"{n / 1e6:,.1f} MB"


def facet_link(value: str, name: str) -> str:
    """The address of all articles with this value of a facet."""
    return Asked(filters=(f"{name}={value}",)).url()


_environment = Environment(
    loader=PackageLoader("api.web.ui"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
#: `quoted` is for commands to copy: a shell would run what an address holds.
_environment.filters.update(
    web_link=web_link,
    when=when,
    clock=clock,
    thousands=thousands,
    size=size,
    facet_link=facet_link,
    label=labels.value,
    quoted=quote,
)
_environment.globals.update(
    asset=asset, scopes=labels.SCOPES, sorts=labels.SORTS, outcomes=labels.OUTCOMES, texts=labels.TEXTS, fields=FIELDS
)
