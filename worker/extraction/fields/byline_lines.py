"""Bylines in the elements of a page: near the headline, and in the places that markup names for the author.

Near the headline a byline is an element named for the author, a line with "By", the value after "Author:", a link with
rel=author, or a name beside a date.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from lxml import etree

from worker.extraction import word_tables
from worker.extraction.candidates import Candidate
from worker.extraction.fields import byline, byline_words
from worker.extraction.fields.byline import Byline
from worker.extraction.fields.headline_context import HeadlineContext, NamedElement, is_within, named_element
from worker.extraction.html import blocks
from worker.extraction.html.blocks import Block
from worker.extraction.html.tree import Element, Tree, is_longer, text_of
from worker.extraction.text.date_parser import parse
from worker.extraction.text.normalize import fold
from worker.extraction.text.person_names import is_person

NAME_BESIDE_DATE = "name beside a date"  #: the rule that is least certain
ONLY_LINE = "only byline of the page"
AUTHOR_LINK = "link to an author"
FURTHER_DOWN = ", further down"  #: the end of a rule for a byline that is not near the headline
OPENED = "opened byline"
NAMED_ELSEWHERE = "named for the author"

_BOILERPLATE_TAGS = ("figure", "figcaption", "aside", "nav", "footer", "form", "blockquote")
_NOT_LINES = frozenset({"h1", "script", "style", "img", "figure", "figcaption", "svg", "button", "input", "form"})
_LINES = frozenset({"p", "div", "span", "address", "li"})
_SEPARATOR = re.compile(r"\s*[|·•]\s*|\s+[–—-]\s+")  # "24 November 2026 | By Jane Roe"
_ONLY_SEPARATOR = re.compile(r"[\W_]*$")
_JOINED = re.compile(r"[\s,&]*(?:\b(?:and|und|et|y|e|en|och|og|i|oraz|и|та|ve|dan|και)\b)?[\s,]*", re.I)
_LONGEST = 200  #: characters of a line that may be a byline, at most
_SHORTEST = 6  #: characters of a line with a name and "By", at least
_LONGEST_WHOLE = 120  #: characters of a line whose beginning is in an element of its own, at most
_LONGEST_ORGANISATION = 50  #: characters of a line "By …" with an organisation, at most
_LONGEST_ONLY = 80  #: characters of a byline that may be anywhere on the page, at most
_MOST_AROUND = 4  #: elements around such a byline whose names are examined
_MOST_PARTS = 12  #: elements in such a line, at most
_BEFORE = 40  #: elements before the headline that are searched for a byline
_NEAR = 40  #: elements after the headline where a line that opens like a byline is one
_RIGHT_AFTER = 20  #: elements after the headline where a name beside a date is a byline without any label
_PUBLISHED = re.compile(r"[\W_]*(?:published|posted|updated|veröffentlicht|publié|publicado|pubblicato)\b", re.I)
_EDGES = " |,·•–-\n\t\xa0"
_NAMED_BY_STANDARD = etree.XPath(
    "//*[contains(@rel, 'author') or contains(@itemprop, 'author') or contains(@class, 'p-author')]"
)
_NAMED_BY_CLASS = etree.XPath(
    "//*[contains(@class, 'author') or contains(@class, 'byline') or contains(@data-testid, 'byline')]"
)
_AUTHOR_ATTRIBUTE = re.compile(
    r"\sdata-[\w-]*(?:author|byline|writer)[\w-]*=(?:\"([^\"]{3,80})\"|'([^']{3,80})')", re.I
)
_MAX_NAMED = 40  #: a page with more such elements is a list of articles


def near_headline(nearby: HeadlineContext, publisher: str | None) -> Iterator[Candidate[Byline]]:
    """Yield the bylines near the headline.

    An organisation beside a person there ("By Jane Roe, Associated Press") is the employer: only the people are
    authors.
    """
    for node, rule in _lines(nearby):
        found = _in_line(node, publisher)
        if found is not None and (found.people or _may_be_organisation(found, rule, text_of(node))):
            yield Candidate("dom", rule, replace(found, printed=found.people) if found.people else found)


def _may_be_organisation(found: Byline, rule: str, text: str) -> bool:
    """Return True if names that are no people may be the author: where markup says so, or in capitals after "By"."""
    if rule == NAME_BESIDE_DATE:
        return False
    is_lower = text[:1].islower() or any(name[:1].islower() for name in found.printed)
    return rule != OPENED or found.agency is not None or (not is_lower and len(text) <= _LONGEST_ORGANISATION)


def elsewhere(tree: Tree, publisher: str | None) -> Iterator[Candidate[Byline]]:
    """Yield the author that attributes or names of elements give anywhere on the page, if they give only one."""
    attributes = (html.unescape(m[1] or m[2]) for m in islice(_AUTHOR_ATTRIBUTE.finditer(tree.text), _MAX_NAMED))
    groups = ((*attributes, *_named(_NAMED_BY_STANDARD, tree)), _named(_NAMED_BY_CLASS, tree))
    for values in groups:
        if found := {b.people: b for v in values if v and (b := byline.parse(v, publisher)).people}:
            only = found.values() if len(found) == 1 else ()
            yield from (Candidate("dom", NAMED_ELSEWHERE, replace(b, printed=b.people)) for b in only)
            return


def _named(path: etree.XPath, tree: Tree) -> Iterator[str]:
    """Yield the texts of the elements that a path selects, unless they are so many that the page is a list."""
    nodes = path(tree.root)
    if isinstance(nodes, list) and len(nodes) <= _MAX_NAMED:
        yield from (_named_author(n) for n in nodes if isinstance(n, etree._Element))


def only_line(tree: Tree, publisher: str | None) -> Iterator[Candidate[Byline]]:
    """Yield the byline that is the only one on the page, wherever it is. Lists of teasers have several."""
    lines = (b for b in tree.cached(blocks.split) if len(b.text) <= _LONGEST_ONLY and byline.is_byline(b.text))
    found = {b.people: b for line in lines if (b := byline.parse(line.text, publisher)).people and _is_shown(line)}
    if len(found) == 1:
        yield from (Candidate("dom", ONLY_LINE, replace(b, printed=b.people)) for b in found.values())


def _is_shown(line: Block) -> bool:
    """Return True unless the line is a sentence, in a list, or in a part of the page beside the article."""
    if line.tag == "li" or line.text.endswith(".") or is_within(line.node, ("aside", "nav", "footer", "figure")):
        return False
    return not _is_apart(line.node)


def _is_apart(node: Element) -> bool:
    """Return True if an element, or one of the next around it, is named for comments, teasers and the like."""
    around = islice((node, *node.iterancestors()), _MOST_AROUND)
    return any(not named_element(n).roles.isdisjoint(("no_byline", "elsewhere")) for n in around)


def _named_author(node: Element) -> str:
    if is_within(node, ("aside", "nav", "footer", "figure")) or is_longer(node, _LONGEST_WHOLE):
        return ""
    if _is_apart(node):
        return ""
    return fold(node.get("content") or "") or text_of(node)


def _in_line(node: Element, publisher: str | None) -> Byline | None:
    """Return the names in one line. They come from its links, its pieces or the whole: whichever gives most people."""
    text = text_of(node)
    if not 2 <= len(text) <= _LONGEST or byline.is_credit_line(text):
        return None
    if byline_words.is_opener((node.text or "").strip(_EDGES)) and len(node):
        return byline.combine(_after_opener(node), publisher)
    if byline_words.has_label(text):
        return byline.combine([text], publisher)
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
        node, rule = _rule(element, may_stand_alone=number < _RIGHT_AFTER)
        if not rule or is_within(node, _BOILERPLATE_TAGS):
            continue
        if number < _NEAR or number >= len(nearby.after):
            yield node, rule
        elif rule != OPENED or byline.is_byline(text_of(node)):
            yield node, rule + FURTHER_DOWN


def _rule(element: NamedElement, *, may_stand_alone: bool) -> tuple[Element, str | None]:
    node, roles = element
    if (named := _named_rule(element)) or node.tag in _NOT_LINES:
        return node, named
    text = fold(node.text or "").strip(_EDGES)
    if text and (labelled := _labelled(node, text)) is not None:
        return labelled, OPENED
    if _is_opened_inside(node, text) or ("no_byline" not in roles and _is_opened(text)):
        return node, OPENED
    if node.tag == "a" and _is_author_link(node):
        return node, AUTHOR_LINK
    if may_stand_alone and (_is_name_beside_date(node, text) or _is_name_with_role(node)):
        return node, NAME_BESIDE_DATE
    return node, None


def _named_rule(element: NamedElement) -> str | None:
    """Return the rule of an element that its names, `rel` or `itemprop` call the author's."""
    node, roles = element
    if "byline" in roles and "no_byline" not in roles:
        return "byline"
    if node.tag in _NOT_LINES:
        return None
    if "author" in (node.get("rel") or "").split():
        return "rel=author"
    return "itemprop=author" if "author" in (node.get("itemprop") or "") else None


def _is_author_link(node: Element) -> bool:
    """Return True for a link with a name that leads to the page of an author: "/staff/jane-roe"."""
    path = (node.get("href") or "").lower().split("?")[0].split("/")[:-1]
    return (
        not byline_words.words("author_paths").isdisjoint(path) and not is_longer(node, 60) and is_person(text_of(node))
    )


def _labelled(node: Element, text: str) -> Element | None:
    """Return the element that holds the names after a label ("Author:"): the same or the next one."""
    if not byline_words.is_opener(text) or is_longer(node, _LONGEST):
        return None
    if len(node):
        return node
    beside = node.getnext()
    if beside is None or (node.tail or "").strip(_EDGES + ":") or is_longer(beside, _LONGEST_WHOLE):
        return None
    return beside if byline.parse(text_of(beside)).people else None


def _is_opened(text: str) -> bool:
    """Return True if a part of the element's first text begins with "By". A sign-off in brackets does not count."""
    return 0 < len(text) <= _LONGEST and text[0] not in "([" and any(map(byline.is_opened, _SEPARATOR.split(text)))


def _is_opened_inside(node: Element, text: str) -> bool:
    """Return True if a line is a byline that begins in an element of its own: "<i>By</i> <b>Roe</b>"."""
    if not len(node) or sum(1 for _ in islice(node.iter(), _MOST_PARTS)) == _MOST_PARTS:
        return False
    whole = text_of(node)
    if not _SHORTEST < len(whole) <= _LONGEST_WHOLE:
        return False
    if byline_words.has_writer(whole):
        return True
    return not text and byline_words.is_opened(whole) and byline.is_byline(whole)


def _is_name_beside_date(node: Element, text: str) -> bool:
    """Return True for a person's name with a date beside it: in its line, after it, or in the next element."""
    if not 3 <= len(text) <= _LONGEST_WHOLE:
        return False
    if is_person(text):
        rest = text_of(node)[len(text) : _LONGEST_WHOLE] if len(node) else fold(node.tail or "")[:_LONGEST_WHOLE]
        after = node.getnext()
        if not rest and after is not None and after.tag == "br":
            rest = fold(after.tail or "")[:_LONGEST_WHOLE]
        return _is_date(rest) or _is_beside_date(node)
    pieces = _SEPARATOR.split(text)
    if len(pieces) < 2 or not any(map(is_person, pieces)):
        return False
    return any(parse(p) is not None for p in pieces) or _is_beside_date(node)


def _is_name_with_role(node: Element) -> bool:
    """Return True for a line of people with their roles: "Jane Roe, Harbour correspondent, and Tom Doe"."""
    return node.tag in _LINES and not is_longer(node, _LONGEST_WHOLE) and byline.has_role(text_of(node))


def _is_date(text: str) -> bool:
    """Return True if a short text is about a date: it holds one, or says that the article was published."""
    return bool(text) and (parse(text) is not None or _PUBLISHED.match(text) is not None)


def _is_beside_date(node: Element) -> bool:
    """Return True if the next or the previous element holds a date and little else.

    Separators between them do not count. Around a frequent given name, the elements that hold the name alone count.
    """
    holders = _holders(node) if _has_given_name(node) else [node]
    beside = (_beside(n, forward=forward) for n in holders for forward in (True, False))
    return any(n is not None and len(t := text_of(n)) < 80 and parse(t) is not None for n in beside)


def _has_given_name(node: Element) -> bool:
    return (node.text or " ").split()[0].casefold() in word_tables.words("names", "given")


def _holders(node: Element) -> Iterator[Element]:
    """Yield the element, and the elements around it that hold nothing else."""
    yield node
    parent = node.getparent()
    while parent is not None and len(parent) == 1 and not (parent.text or "").strip():
        yield parent
        parent = parent.getparent()


def _beside(node: Element, *, forward: bool) -> Element | None:
    """Return the next or the previous element that holds more than a separator."""
    beside = node.getnext() if forward else node.getprevious()
    while beside is not None and not is_longer(beside, 3) and _ONLY_SEPARATOR.match(text_of(beside)):
        beside = beside.getnext() if forward else beside.getprevious()
    return beside
