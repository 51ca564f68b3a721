"""Microdata: the articles among the page's itemscope elements (itemtype NewsArticle and the like)."""

from __future__ import annotations

import re
from itertools import islice
from typing import cast

from lxml import etree

from worker.extraction.embedded.jsonld import keywords_in
from worker.extraction.html.tree import Element, Tree, text_of
from worker.extraction.page_data import AuthorCandidate, EmbeddedArticle
from worker.extraction.text.normalize import fold

_WITH_ITEMTYPE = etree.XPath("//*[@itemtype]")
_WITH_ITEMPROP = etree.XPath(".//*[@itemprop]")
_ARTICLE_TYPE = re.compile(r"schema\.org/\w*(?:Article|Posting|Report|Review)\b", re.I)


def articles(tree: Tree) -> tuple[EmbeddedArticle, ...]:
    """Return the articles that have a headline or a date of their own, in page order."""
    if "itemtype" not in tree.text:
        return ()
    scopes = (n for n in _elements(_WITH_ITEMTYPE, tree.root) if _ARTICLE_TYPE.search(n.get("itemtype") or ""))
    found = (_article(scope) for scope in islice(scopes, 10))
    return tuple(s for s in found if s.headline or s.published)


def _elements(path: etree.XPath, node: Element) -> list[Element]:
    """Return the result of an XPath that selects elements."""
    return cast(list[Element], path(node))


def _article(scope: Element) -> EmbeddedArticle:
    properties = _properties(scope)
    kind = re.search(r"(\w+)\W*$", scope.get("itemtype") or "")
    return EmbeddedArticle(
        source="microdata",
        rule=kind[1] if kind else "itemscope",
        type=kind[1] if kind else "",
        headline=_first(properties, "headline", "name"),
        description=_first(properties, "description"),
        authors=tuple(_author(n) for p in ("author", "creator") for n in properties.get(p, ())),
        published=_first(properties, "datepublished", "datecreated"),
        modified=_first(properties, "datemodified"),
        section=_first(properties, "articlesection"),
        keywords=keywords_in(_first(properties, "keywords")),
        publisher=_first(properties, "publisher"),
        language=_first(properties, "inlanguage"),
    )


def _properties(scope: Element) -> dict[str, list[Element]]:
    """Return the elements by lower-case property name that belong to this scope, not to one inside it."""
    found: dict[str, list[Element]] = {}
    for node in _elements(_WITH_ITEMPROP, scope):
        owner = next((a for a in node.iterancestors() if a.get("itemscope") is not None), None)
        if owner is scope:
            for name in (node.get("itemprop") or "").lower().split():
                found.setdefault(name, []).append(node)
    return found


def _author(node: Element) -> AuthorCandidate:
    kind = (node.get("itemtype") or "").rpartition("/")[2].lower()
    name = next((n for n in node.iterfind(".//*[@itemprop]") if n.get("itemprop") == "name"), node)
    declared = {"person": "person", "organization": "organisation"}.get(kind, "")
    return AuthorCandidate(name=_value(name), kind=declared)


def _first(properties: dict[str, list[Element]], *names: str) -> str | None:
    return next((v for name in names for n in properties.get(name, ()) if (v := _value(n))), None)


def _value(node: Element) -> str:
    return fold(node.get("content") or node.get("datetime") or "") or text_of(node)
