"""Hosts as people name them. What is filed is an origin, `scheme://host[:port]`; people type `example.org` and mean
every scheme and port of that name."""

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
    """The origins that some names mean."""

    exact: tuple[str, ...]
    beginnings: tuple[str, ...] = ()  #: origins that begin so are meant too: nothing but a port follows


def origins(names: Iterable[str]) -> Origins:
    """`https://example.org` is that origin alone, `example.org:8443` that port by either scheme, `example.org` every
    port. What is no address is looked for as it stands."""
    exact: dict[str, None] = {}
    beginnings: dict[str, None] = {}
    for name in names:
        meant = _origins(name.strip())
        exact |= dict.fromkeys(meant or (name,))
        if "://" not in name and not PORT.search(name.strip()):
            beginnings |= dict.fromkeys(f"{origin}:" for origin in meant)
    return Origins(tuple(exact), tuple(beginnings))


def _origins(name: str) -> list[str]:
    addresses = [name] if "://" in name else [f"{scheme}://{name}" for scheme in SCHEMES]
    try:
        return [urls.origin(urls.clean(address)) for address in addresses]
    except BadInput:
        return []
