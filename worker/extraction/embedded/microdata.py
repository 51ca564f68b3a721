"""Microdata and RDFa: the articles among the elements that state a type of schema.org."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, cast

from lxml import etree

from worker.extraction.embedded.body_text import read_text
from worker.extraction.embedded.jsonld import keywords_in
from worker.extraction.html.tree import Element, Tree, text_of
from worker.extraction.page_data import AuthorCandidate, EmbeddedArticle
from worker.extraction.text.normalize import fold

_MAX_ARTICLES = 10
_MAX_PROPERTIES = 5000


class _Notation(NamedTuple):
    """The attributes of one notation."""

    source: str
    type: str  #: of the element's type
    scope: str  #: of an element that has properties of its own
    property: str
    article: re.Pattern[str]  #: types of articles

    typed: etree.XPath  #: the elements with a type
    named: etree.XPath  #: the properties in an element


_KIND = r"\w*(?:Article|Posting|Report|Review)\b"
_NOTATIONS = (
    _Notation(
        source="microdata",
        type="itemtype",
        scope="itemscope",
        property="itemprop",
        article=re.compile(rf"schema\.org/{_KIND}", re.I),
        typed=etree.XPath("//*[@itemtype]"),
        named=etree.XPath(".//*[@itemprop]"),
    ),
    _Notation(
        source="rdfa",
        type="typeof",
        scope="typeof",
        property="property",
        article=re.compile(rf"(?:^|[\s:/]){_KIND}", re.I),
        typed=etree.XPath("//*[@typeof]"),
        named=etree.XPath(".//*[@property]"),
    ),
)


def articles(tree: Tree) -> tuple[EmbeddedArticle, ...]:
    """Return the articles that have a headline or a date of their own, in page order."""
    return tuple(
        article
        for notation in _NOTATIONS
        if f"{notation.type}=" in tree.text
        for article in _articles(tree, notation)
        if article.headline or article.published
    )


def _articles(tree: Tree, notation: _Notation) -> Iterator[EmbeddedArticle]:
    scopes = (n for n in _elements(notation.typed, tree.root) if notation.article.search(n.get(notation.type) or ""))
    return (_article(scope, notation) for scope in islice(scopes, _MAX_ARTICLES))


def _elements(path: etree.XPath, node: Element) -> list[Element]:
    """Return the result of an XPath that selects elements."""
    return cast(list[Element], path(node))


def _article(scope: Element, notation: _Notation) -> EmbeddedArticle:
    properties = _properties(scope, notation)
    kind = re.search(r"(\w+)\W*$", scope.get(notation.type) or "")
    body = next((n.get("content") or "" for n in properties.get("articlebody", ()) if n.get("content")), "")
    return EmbeddedArticle(
        source=notation.source,
        rule=kind[1] if kind else notation.type,
        type=kind[1] if kind else "",
        headline=_first(properties, "headline", "name"),
        description=_first(properties, "description"),
        paragraphs=read_text(body).paragraphs if body else (),
        authors=tuple(_author(n, notation) for p in ("author", "creator") for n in properties.get(p, ())),
        published=_first(properties, "datepublished", "datecreated"),
        modified=_first(properties, "datemodified"),
        section=_first(properties, "articlesection"),
        keywords=keywords_in(_first(properties, "keywords")),
        publisher=_first(properties, "publisher"),
        language=_first(properties, "inlanguage"),
    )


def _properties(scope: Element, notation: _Notation) -> dict[str, list[Element]]:
    """Return the elements by lower-case property name that belong to this scope, not to one inside it."""
    found: dict[str, list[Element]] = {}
    for node in _elements(notation.named, scope)[:_MAX_PROPERTIES]:
        owner = next((a for a in node.iterancestors() if a.get(notation.scope) is not None), None)
        if owner is scope:
            for name in (node.get(notation.property) or "").lower().split():
                found.setdefault(name.rpartition(":")[2], []).append(node)
    return found


def _author(node: Element, notation: _Notation) -> AuthorCandidate:
    kind = re.split(r"[/:]", (node.get(notation.type) or "").strip())[-1].lower()
    named = (n for n in _elements(notation.named, node) if (n.get(notation.property) or "").split(":")[-1] == "name")
    declared = {"person": "person", "organization": "organisation"}.get(kind, "")
    return AuthorCandidate(name=_value(next(named, node)), kind=declared)


def _first(properties: dict[str, list[Element]], *names: str) -> str | None:
    return next((v for name in names for n in properties.get(name, ()) if (v := _value(n))), None)


def _value(node: Element) -> str:
    return fold(node.get("content") or node.get("datetime") or "") or text_of(node)
