"""The names that sources may have. They are printed, and used in URLs of the API and in exported lists."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import chain, count
from urllib.parse import urlsplit

from worker import urls
from worker.errors import BadInput

MAX_CHARS = 200
#: Reserved names: with these, /v1/sources/{name} is another endpoint.
RESERVED = ("discover", "export", "import")
#: Characters that end lines, control terminals, or are not allowed in XML 1.0 (section 2.2).
NOT_PRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def check(name: str) -> str:
    """Return the name, or raise `BadInput` if a source may not have it."""
    if not name.strip() or len(name) > MAX_CHARS:
        raise BadInput(f"A source's name has 1 to {MAX_CHARS} characters, not {len(name):,}. Choose another name.")
    if NOT_PRINTABLE.search(name):
        raise BadInput(f"The name {printable(name)!r} has characters that cannot be printed. Choose another name.")
    if name in RESERVED or any(part in (".", "..") for part in name.split("/")):
        raise BadInput(f"The name {name!r} is reserved, because the API uses it in its URLs. Choose another name.")
    return name


def default(url: str, taken: Collection[str]) -> str:
    """Return a free name for a source: its site, with its path if that is taken, and with a number if that is, too."""
    site = urls.site(url)
    with_path = f"{site}{urlsplit(url).path.rstrip('/')}"[: MAX_CHARS - 10]
    names = chain([site, with_path], (f"{with_path} {n}" for n in count(2)))
    return next(name for name in names if name not in taken)


def printable(name: str) -> str:
    """Return a name with a blank for each character that is not allowed: old sources may have such names."""
    return NOT_PRINTABLE.sub(" ", name)
