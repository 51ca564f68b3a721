"""What a source may be called: its name is printed, stands in addresses of the API, and in lists that others read."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import chain, count
from urllib.parse import urlsplit

from worker import urls
from worker.errors import BadInput

MAX_CHARS = 200
#: /v1/sources/{name} would lead elsewhere.
TAKEN = ("discover", "export", "import")
#: What ends lines, moves terminals, or cannot stand in XML 1.0 (section 2.2): controls, halves of characters, U+FFFE.
UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def check(name: str) -> str:
    """The name, if a source may have it. `BadInput` says why not."""
    if not name.strip() or len(name) > MAX_CHARS:
        raise BadInput(f"a source's name has 1 to {MAX_CHARS} characters, not {len(name):,}; give it another")
    if UNFIT.search(name):
        raise BadInput(f"the name {printable(name)!r} holds characters that cannot be printed; give the source another")
    if name in TAKEN or any(part in (".", "..") for part in name.split("/")):
        raise BadInput(f"a source cannot be named {name!r}, which means something else in addresses; give it another")
    return name


def default(url: str, taken: Collection[str]) -> str:
    """A name for a source that was given none: its site's, with its path where the site has another source, with a
    number where even that is taken."""
    site = urls.site(url)
    with_path = f"{site}{urlsplit(url).path.rstrip('/')}"[: MAX_CHARS - 10]
    names = chain([site, with_path], (f"{with_path} {n}" for n in count(2)))
    return next(name for name in names if name not in taken)


def printable(name: str) -> str:
    """With a blank for each character that no name may hold: of sources from before that was asked."""
    return UNFIT.sub(" ", name)
