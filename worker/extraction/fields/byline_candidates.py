"""Candidates for the authors: from embedded data, meta tags, lines near the headline, and the last paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from worker.extraction import word_tables
from worker.extraction.candidates import Candidate
from worker.extraction.fields import byline
from worker.extraction.fields.byline import Byline
from worker.extraction.fields.headline_context import HeadlineContext, NamedElement, is_within
from worker.extraction.fields.publisher import is_site
from worker.extraction.html.tree import Element, Tree, is_longer, text_of
from worker.extraction.page_data import EmbeddedArticle, PageData
from worker.extraction.text.date_parser import parse
from worker.extraction.text.normalize import name_key
from worker.extraction.text.person_names import is_person

_BOILERPLATE_TAGS = ("figure", "figcaption", "aside", "nav", "footer", "form", "blockquote")
_OPENER = re.compile(r"(?:written |posted |story )?by:?|von:?|par:?|por:?|di|door:?|af:?|av:?|oleh:?|texte?:", re.I)
_OPENED = re.compile(r"^(?:by|von|par|por|di|door|af|av|oleh|text|texte?|written by|from)\s*:?\s+(?=\S)", re.I)
_SEPARATOR = re.compile(r"\s*[|·•]\s*")  # "24 November 2026 | By Jane Roe"
_JOINED = re.compile(r"[\s,&]*(?:\b(?:and|und|et|y|e|en|och|og)\b)?[\s,]*", re.I)
_LONGEST = 200  #: characters of a line that may be a byline, at most
_BEFORE = 40  #: elements before the headline that are searched for a byline
_RIGHT_AFTER = 20  #: elements after the headline where a name beside a date is a byline without any label
_EDGES = " |,·•–-\n\t\xa0"
_TEXT_TAGS = frozenset({"p", "span", "div", "a", "strong", "b"})


def candidates(
    tree: Tree,
    data: PageData,
    nearby: HeadlineContext,
    publisher: str | None,
    names: tuple[str, ...],
    headline: str | None = None,
    paragraphs: tuple[str, ...] = (),
) -> Iterator[Candidate[Byline]]:
    """Yield the candidates, best first: people, then agencies, then other organisations, then the site itself."""
    found = [c for c in _all_candidates(tree, data, nearby, publisher, paragraphs) if c.value.printed]
    found = [c for c in found if c.source not in ("dom", "text") or not _is_headline(c.value, headline)]
    yield from sorted(found, key=lambda c: _rank(c, tree, names))


def _is_headline(byline: Byline, headline: str | None) -> bool:
    """Return True if the names are part of the headline.

    It may consist of capitalised words: "Historischer Markt".
    """
    return all(name_key(name) in name_key(headline or "") for name in byline.printed)


def _rank(candidate: Candidate[Byline], tree: Tree, names: tuple[str, ...]) -> int:
    if candidate.value.people or candidate.value.agency:
        return 0 if candidate.value.people else 1
    if candidate.source == "dom":
        return 4
    return 3 if all(is_site(p, tree, names) for p in candidate.value.printed) else 2


def _all_candidates(
    tree: Tree, data: PageData, nearby: HeadlineContext, publisher: str | None, paragraphs: tuple[str, ...]
) -> Iterator[Candidate[Byline]]:
    found = [s for s in data.articles if s.authors]
    yield from (_from_article(s, publisher) for s in found if s.source in ("json-ld", "fusion", "next"))
    for name in word_tables.load("fields")["author_meta"]:
        if values := [v for v in tree.meta.get(name, ()) if not v.startswith(("http", "/"))]:
            yield Candidate("meta", name, byline.combine(values, publisher))
    yield from (_from_article(s, publisher) for s in found if s.source not in ("json-ld", "fusion", "next"))
    yield from _near_headline(nearby, publisher)
    yield from _in_last_paragraph(paragraphs, publisher)


def _from_article(article: EmbeddedArticle, publisher: str | None) -> Candidate[Byline]:
    names = [s.name for s in article.authors]
    return Candidate(article.source, f"{article.rule}.author", byline.combine(names, publisher))


def _near_headline(nearby: HeadlineContext, publisher: str | None) -> Iterator[Candidate[Byline]]:
    """Yield bylines near the headline: elements named for the author, lines with "By", links with rel=author.

    An organisation beside a person there ("By Jane Roe, Associated Press") is the employer: only the people are
    authors.
    """
    for node, rule in _lines(nearby):
        if (found := _in_line(node, publisher)) is not None:
            yield Candidate("dom", rule, replace(found, printed=found.people) if found.people else found)


def _in_line(node: Element, publisher: str | None) -> Byline | None:
    """Return the names in one line. They come from its links, its pieces or the whole: whichever gives most people."""
    text = text_of(node)
    if not 3 <= len(text) <= _LONGEST or byline.is_credit_line(text):
        return None
    if _OPENER.fullmatch((node.text or "").strip(_EDGES)):
        return byline.combine(_after_opener(node), publisher)
    links = [t for a in node.iter("a") if (t := text_of(a))]
    pieces = [t for child in node.iter() if len(child) == 0 and (t := text_of(child))]
    whole = byline.combine([text], publisher)
    best = max((links, pieces), key=lambda names: len(byline.combine(names, publisher).people))
    split_byline = byline.combine(best, publisher)
    if len(split_byline.people) >= max(1, len(whole.people)):
        return replace(split_byline, agency=split_byline.agency or whole.agency)
    return whole


def _after_opener(node: Element) -> Iterator[str]:
    """Yield the names in elements of their own after "By", as long as only "and" or a comma separates them."""
    for child in node:
        yield text_of(child)
        if not _JOINED.fullmatch(child.tail or ""):
            return


def _lines(nearby: HeadlineContext) -> Iterator[tuple[Element, str]]:
    for number, element in enumerate((*nearby.after, *nearby.before[:_BEFORE])):
        rule = _rule(element, may_stand_alone=number < _RIGHT_AFTER)
        if rule and not is_within(element.node, _BOILERPLATE_TAGS):
            yield element.node, rule


def _rule(element: NamedElement, *, may_stand_alone: bool) -> str | None:
    node, roles = element
    if "byline" in roles and "no_byline" not in roles:
        return "byline"
    if node.tag not in _TEXT_TAGS:
        return None
    if node.get("rel") == "author" or "author" in (node.get("itemprop") or ""):
        return "rel=author" if node.get("rel") == "author" else "itemprop=author"
    text = (node.text or "").strip(_EDGES)
    if text and _is_opened(node, text):
        return "opened byline"
    is_line = may_stand_alone and 3 <= len(text) <= _LONGEST
    return "name beside a date" if is_line and is_person(text) and _is_beside_date(node) else None


def _is_opened(node: Element, text: str) -> bool:
    """Return True if the line begins with "By" and a name follows, perhaps in an element of its own."""
    if _OPENER.fullmatch(text):
        return len(node) > 0 and not is_longer(node, _LONGEST)
    return len(text) <= _LONGEST and any(map(_OPENED.match, _SEPARATOR.split(text)))


def _is_beside_date(node: Element) -> bool:
    """Return True if the next or the previous element holds a date and little else."""
    beside = (n for n in (node.getnext(), node.getprevious()) if n is not None)
    return any(len(t := text_of(n)) < 80 and parse(t) is not None for n in beside)


def _in_last_paragraph(paragraphs: tuple[str, ...], publisher: str | None) -> Iterator[Candidate[Byline]]:
    """Yield the name in a last paragraph that holds nothing else, perhaps in brackets."""
    for paragraph in paragraphs[-1:]:
        found = byline.parse(paragraph.strip("()[]"), publisher) if len(paragraph) < 60 else Byline()
        if len(found.people) == len(found.printed) == 1 and 2 <= len(paragraph.split()) <= 3:
            yield Candidate("text", "last paragraph", found)
