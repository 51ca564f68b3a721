"""Host filters as users write them.

The stores keep the origin of an article, `scheme://host[:port]`. Users write `example.org` and mean every scheme and
port of that host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from worker import urls
from worker.errors import BadInput

SCHEMES = ("https", "http")
PORT = re.compile(r":\d+$")


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins that match a host filter."""

    exact: tuple[str, ...]
    prefixes: tuple[str, ...] = ()  #: origins with these prefixes match too: only a port can follow


def origins(names: Iterable[str]) -> Origins:
    """Return the origins that match some names.

    `https://example.org` is that origin alone, `example.org:8443` is that port with either scheme, `example.org` is
    every port. A text that is not a host name matches only itself.
    """
    exact: dict[str, None] = {}
    prefixes: dict[str, None] = {}
    for name in names:
        matched = _origins(name.strip())
        exact |= dict.fromkeys(matched or (name,))
        if "://" not in name and not PORT.search(name.strip()):
            prefixes |= dict.fromkeys(f"{origin}:" for origin in matched)
    return Origins(tuple(exact), tuple(prefixes))


def _origins(name: str) -> list[str]:
    candidates = [name] if "://" in name else [f"{scheme}://{name}" for scheme in SCHEMES]
    try:
        return [urls.origin(urls.clean(url)) for url in candidates]
    except BadInput:
        return []
