"""Who wrote the story: what each source says, from embedded data to the line under the headline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from worker.extraction.candidates import Claim
from worker.extraction.fields import byline as authors
from worker.extraction.fields.byline import Byline
from worker.extraction.fields.headline_context import Near, Place, is_within
from worker.extraction.fields.publisher import is_site, squeezed
from worker.extraction.html.tree import Element, Tree, is_longer, text_of
from worker.extraction.page_data import State, Story
from worker.extraction.text import lexicons
from worker.extraction.text.date_parser import parse
from worker.extraction.text.person_names import is_person

_AROUND = ("figure", "figcaption", "aside", "nav", "footer", "form", "blockquote")
_OPENER = re.compile(r"(?:written |posted |story )?by:?|von:?|par:?|por:?|di|door:?|af:?|av:?|oleh:?|texte?:", re.I)
_OPENED = re.compile(r"^(?:by|von|par|por|di|door|af|av|oleh|text|texte?|written by|from)\s*:?\s+(?=\S)", re.I)
_PARTED = re.compile(r"\s*[|·•]\s*")  # "24 November 2026 | By Jane Roe"
_JOINED = re.compile(r"[\s,&]*(?:\b(?:and|und|et|y|e|en|och|og)\b)?[\s,]*", re.I)
_LONGEST = 200  #: characters of a line that may be a byline
_BEFORE = 40  #: elements before the headline among which a byline is looked for
_RIGHT_AFTER = 20  #: elements after the headline among which a name by a date signs, though nothing says so
_EDGES = " |,·•–-\n\t\xa0"
_TEXT_TAGS = frozenset({"p", "span", "div", "a", "strong", "b"})


def claims(
    tree: Tree,
    state: State,
    near: Near,
    publisher: str | None,
    names: tuple[str, ...],
    headline: str | None = None,
    paragraphs: tuple[str, ...] = (),
) -> Iterator[Claim[Byline]]:
    """What each source says, best first: people before agencies, these before other organisations, the site last."""
    told = [c for c in _all(tree, state, near, publisher, paragraphs) if c.value.printed]
    found = [c for c in told if c.source not in ("dom", "text") or not _is_headline(c.value, headline)]
    yield from sorted(found, key=lambda c: _rank(c, tree, names))


def _is_headline(byline: Byline, headline: str | None) -> bool:
    """A line of capitalised words may be the headline's own: "Historischer Markt"."""
    return all(squeezed(name) in squeezed(headline or "") for name in byline.printed)


def _rank(claim: Claim[Byline], tree: Tree, names: tuple[str, ...]) -> int:
    if claim.value.people or claim.value.agency:
        return 0 if claim.value.people else 1
    if claim.source == "dom":
        return 4
    return 3 if all(is_site(p, tree, names) for p in claim.value.printed) else 2


def _all(
    tree: Tree, state: State, near: Near, publisher: str | None, paragraphs: tuple[str, ...]
) -> Iterator[Claim[Byline]]:
    told = [s for s in state.stories if s.authors]
    yield from (_told(s, publisher) for s in told if s.source in ("json-ld", "fusion", "next"))
    for name in lexicons.load("fields")["author_meta"]:
        if values := [v for v in tree.meta.get(name, ()) if not v.startswith(("http", "/"))]:
            yield Claim("meta", name, authors.combine(values, publisher))
    yield from (_told(s, publisher) for s in told if s.source not in ("json-ld", "fusion", "next"))
    yield from _printed(near, publisher)
    yield from _signed(paragraphs, publisher)


def _told(story: Story, publisher: str | None) -> Claim[Byline]:
    names = [s.name for s in story.authors]
    return Claim(story.source, f"{story.rule}.author", authors.combine(names, publisher))


def _printed(near: Near, publisher: str | None) -> Iterator[Claim[Byline]]:
    """Lines near the headline that are named for the author or begin with "By", and links of rel=author.

    What a person is printed with there ("By Jane Roe, Associated Press") tells whom she works for: only people sign.
    """
    for node, rule in _lines(near):
        if (found := _in_line(node, publisher)) is not None:
            yield Claim("dom", rule, replace(found, printed=found.people) if found.people else found)


def _in_line(node: Element, publisher: str | None) -> Byline | None:
    """The names in one line: of its links, of its pieces, or of the whole, whichever gives most people."""
    text = text_of(node)
    if not 3 <= len(text) <= _LONGEST or authors.is_credit_line(text):
        return None
    if _OPENER.fullmatch((node.text or "").strip(_EDGES)):
        return authors.combine(_after_opener(node), publisher)
    links = [t for a in node.iter("a") if (t := text_of(a))]
    pieces = [t for child in node.iter() if len(child) == 0 and (t := text_of(child))]
    whole = authors.combine([text], publisher)
    best = max((links, pieces), key=lambda names: len(authors.combine(names, publisher).people))
    parted = authors.combine(best, publisher)
    if len(parted.people) >= max(1, len(whole.people)):
        return replace(parted, agency=parted.agency or whole.agency)
    return whole


def _after_opener(node: Element) -> Iterator[str]:
    """The names in elements of their own after "By", as far as nothing but "and" or a comma stands between them."""
    for child in node:
        yield text_of(child)
        if not _JOINED.fullmatch(child.tail or ""):
            return


def _lines(near: Near) -> Iterator[tuple[Element, str]]:
    for number, place in enumerate((*near.after, *near.before[:_BEFORE])):
        rule = _rule(place, may_stand_alone=number < _RIGHT_AFTER)
        if rule and not is_within(place.node, _AROUND):
            yield place.node, rule


def _rule(place: Place, *, may_stand_alone: bool) -> str | None:
    node, said = place
    if "byline" in said and "no_byline" not in said:
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
    """Whether it begins with "By", and the name follows, be it in an element of its own."""
    if _OPENER.fullmatch(text):
        return len(node) > 0 and not is_longer(node, _LONGEST)
    return len(text) <= _LONGEST and any(map(_OPENED.match, _PARTED.split(text)))


def _is_beside_date(node: Element) -> bool:
    """Whether the next or the previous element holds a date and little else."""
    beside = (n for n in (node.getnext(), node.getprevious()) if n is not None)
    return any(len(t := text_of(n)) < 80 and parse(t) is not None for n in beside)


def _signed(paragraphs: tuple[str, ...], publisher: str | None) -> Iterator[Claim[Byline]]:
    """A last paragraph that is but a name, or names in brackets: "(Anna Roe aus Berlin, 3.5.2024)"."""
    for paragraph in paragraphs[-1:]:
        byline = authors.parse(paragraph.strip("()[]"), publisher) if len(paragraph) < 60 else Byline()
        if len(byline.people) == len(byline.printed) == 1 and 2 <= len(paragraph.split()) <= 3:
            yield Claim("text", "last paragraph", byline)
