"""Rules for single sites: tables/site_rules.toml, shipped and the user's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from worker.errors import BadInput
from worker.extraction import word_tables
from worker.extraction.boilerplate.phrases import PhraseTable
from worker.extraction.html.tree import Element

_SELECTOR = re.compile(r"^(?P<tag>[a-z][\w-]*|\*)?(?P<rest>(?:[#.][\w-]+|\[[\w-]+(?:=[^\]]*)?\])*)$", re.I)
_PART = re.compile(r"([#.])([\w-]+)|\[([\w-]+)(?:=[\"']?([^\]\"']*)[\"']?)?\]")


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector of one element by tag, id, classes and attributes. All must match."""

    text: str
    tag: str | None
    id: str | None
    classes: frozenset[str]
    attributes: tuple[tuple[str, str | None], ...]

    def matches(self, node: Element) -> bool:
        """Return True if the selector matches an element."""
        return (
            (self.tag is None or node.tag == self.tag)
            and (self.id is None or node.get("id") == self.id)
            and self.classes <= set((node.get("class") or "").split())
            and all(node.get(k) is not None and v in (None, node.get(k)) for k, v in self.attributes)
        )


@dataclass(frozen=True, slots=True)
class SiteRules:
    """All rules for one host."""

    drop: tuple[Selector, ...] = ()
    keep: tuple[Selector, ...] = ()
    phrases: PhraseTable | None = None

    def of(self, node: Element) -> tuple[bool, str] | None:
        """Return (kept, reason) if a rule keeps or drops an element, else None."""
        for selectors, kept in ((self.keep, True), (self.drop, False)):
            for selector in selectors:
                if selector.matches(node):
                    return kept, f"site rule: {selector.text}"
        return None


NO_RULES = SiteRules()


@lru_cache(maxsize=4096)
def site_rules_for(url: str) -> SiteRules:
    """Return the rules of a URL's host and its parent domains. Raises `BadInput` if a table is invalid."""
    host = (urlsplit(url).hostname or "").lower()
    return _rules_of_host(host)


@lru_cache(maxsize=4096)
def _rules_of_host(host: str) -> SiteRules:
    sites = [site for name, site in _table() if host == name or host.endswith("." + name)]
    if not sites:
        return NO_RULES
    phrases = [("site rule", phrase) for site in sites for phrase in site.get("phrases", ())]
    return SiteRules(
        drop=tuple(parse_selector(s) for site in sites for s in site.get("drop", ())),
        keep=tuple(parse_selector(s) for site in sites for s in site.get("keep", ())),
        phrases=PhraseTable(phrases) if phrases else None,
    )


def parse_selector(text: str) -> Selector:
    """Return the selector. Raises `BadInput` if the text is not a selector of one element."""
    match = _SELECTOR.match(text.strip())
    if not match or not text.strip():
        raise BadInput(
            f"site_rules.toml: {text!r} is not a selector of one element. "
            "Write, for example, div.promo, #related or [data-x=y]."
        )
    parts = _PART.findall(match["rest"])
    return Selector(
        text=text.strip(),
        tag=match["tag"].lower() if match["tag"] and match["tag"] != "*" else None,
        id=next((name for sign, name, _, _ in parts if sign == "#"), None),
        classes=frozenset(name for sign, name, _, _ in parts if sign == "."),
        attributes=tuple((key, value or None) for _, _, key, value in parts if key),
    )


def check_site_rules() -> None:
    """Raise `BadInput` if a rule of any site is invalid."""
    for host, _ in _table():
        _rules_of_host(host)


@cache
def _table() -> Sequence[tuple[str, Mapping[str, Any]]]:
    """Return (host, rules) for each site. Raise `BadInput` for a site without a host or with a wrong key or value."""
    sites = word_tables.load("site_rules").get("site", [])
    for site in sites:
        unknown = set(site) - {"host", "drop", "keep", "phrases"}
        if unknown or "host" not in site:
            wrong = f"unknown {', '.join(sorted(unknown))}" if unknown else "no host"
            raise BadInput(f"site_rules.toml: a site has {wrong}. A site has host, and any of drop, keep and phrases.")
        for key in ("drop", "keep", "phrases"):
            values = site.get(key, [])
            if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
                raise BadInput(f"site_rules.toml: {key} of the site {site['host']} must be a list of strings.")
    return tuple((str(site["host"]).lower(), site) for site in sites)
