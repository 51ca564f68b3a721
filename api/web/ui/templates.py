"""The Jinja templates of the pages: everything is escaped, with a few filters."""

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
from api.web.ui.search_state import SearchState
from worker.model.query import FIELDS

_STATIC_FOLDER = Path(str(files("api.web.ui") / "static"))
#: Static files by their path in the folder.
STATIC: Mapping[str, Path] = {
    path.relative_to(_STATIC_FOLDER).as_posix(): path for path in sorted(_STATIC_FOLDER.rglob("*")) if path.is_file()
}
_VERSIONS = {name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for name, path in STATIC.items()}


def page(request: Request, template: str, status: int = 200, **variables: Any) -> HTMLResponse:
    """Return a rendered template. All templates have the variables `path` and `is_signed_in`."""
    shared = {"path": request.url.path, "is_signed_in": bool(session_key(request))}
    return HTMLResponse(_environment.get_template(template).render(shared | variables), status)


def asset(name: str) -> str:
    """Return the URL of a static file, which changes with its content."""
    return f"/static/{name}?v={_VERSIONS[name]}"


def web_link(url: str | None) -> str | None:
    """Return the URL if a page may link to it: http or https with a host. Return None for javascript: and the like."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def long_date(moment: datetime, precision: str | None = None) -> str:
    """Return a date in UTC such as "3 March 2026, 11:20 UTC", or only the day if the precision is "day"."""
    moment = moment.astimezone(UTC)
    day = f"{moment.day} {moment:%B} {moment.year}"
    return day if precision == "day" else f"{day}, {moment:%H:%M} UTC"


def time_of_day(moment: datetime) -> str:
    """Return a time such as "11:20:05 UTC"."""
    return f"{moment.astimezone(UTC):%H:%M:%S} UTC"


def thousands(n: int) -> str:
    """Return a number with separated thousands, such as "1,200"."""
    return f"{n:,}"


def megabytes(n: int) -> str:
    """Return a number of bytes as text, such as "1.5 MB"."""
    return f"{n / 1e6:,.1f} MB"


def facet_link(value: str, name: str) -> str:
    """Return the URL of all articles with this value of a facet."""
    return SearchState(filters=(f"{name}={value}",)).url()


_environment = Environment(
    loader=PackageLoader("api.web.ui"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(
    web_link=web_link,
    long_date=long_date,
    time_of_day=time_of_day,
    thousands=thousands,
    megabytes=megabytes,
    facet_link=facet_link,
    label=labels.value,
    shell_quoted=quote,  # for commands to copy: a shell would run parts of some URLs
)
_environment.globals.update(
    asset=asset, scopes=labels.SCOPES, sorts=labels.SORTS, outcomes=labels.OUTCOMES, texts=labels.TEXTS, fields=FIELDS
)
