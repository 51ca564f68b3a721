"""The search for the article's dateline: in its first paragraphs, in a block of its own, in a named element.

<p>BERLIN (dpa) - Der Rat …    <p class="dateline">CAPE VARDEN, Norrland —</p><p>A storm …
<p><span class="location">Berlin</span> Der Rat …    <p><b>BERLIN</b> Der Rat …
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.extraction.fields import dateline
from worker.extraction.fields.dateline import Dateline
from worker.extraction.fields.headline_context import HeadlineContext
from worker.extraction.html.tree import text_of
from worker.extraction.images.element_roles import names_of
from worker.extraction.text.normalize import name_key

_NEAR = 60  #: elements after the headline that may be named for the place
_FIRST = 4  #: paragraphs that may begin with a dateline
_SURE_AFTER = 2  #: paragraphs after which only a place with an agency or in capitals counts
_LONGEST = 80  #: characters of a block that is only a dateline
_NAMED = re.compile(
    r"(?P<own>date-?line|orts?-?marke|spitzmarke)|(?:^|[-_ ])(?:locations?|ort|city|ville|lugar|luogo)(?:$|[-_ ])", re.I
)
_ENDS = ("-", "–", "—", ")")  #: the last character of such a block


@dataclass(frozen=True, slots=True)
class FoundDateline:
    """A dateline and the place where it was found."""

    dateline: Dateline
    rule: str


def find_dateline(
    nearby: HeadlineContext,
    paragraphs: Sequence[str],
    opening: Sequence[str],
    headline: str | None,
    names: Sequence[str] = (),
) -> FoundDateline | None:
    """Return the article's dateline, or None.

    `opening` are the texts of the blocks before the body, the nearest first. If the headline begins with the place, it
    is a subject, not a place, unless an agency confirms it. `names` are the site's, which are not places.
    """
    sites = frozenset(map(name_key, names))
    for found in _candidates(nearby, paragraphs, opening):
        line = found.dateline
        if name_key(line.place or "?") in sites:
            continue
        if line.agency or not (headline or "").startswith(line.place or "?"):
            return found
    return None


def _candidates(nearby: HeadlineContext, paragraphs: Sequence[str], opening: Sequence[str]) -> Iterator[FoundDateline]:
    yield from _in_paragraphs(paragraphs[:1], 1)
    if paragraphs:
        yield from _in_own_block(opening, paragraphs[0])
        if len(paragraphs) > 1:
            yield from _in_own_block(paragraphs[:1], paragraphs[1])
        yield from _in_element(nearby, paragraphs, opening)
    yield from _in_paragraphs(paragraphs[1:_FIRST], 2)


def _in_paragraphs(paragraphs: Sequence[str], first: int) -> Iterator[FoundDateline]:
    for number, paragraph in enumerate(paragraphs, first):
        line = dateline.parse(paragraph)
        if line and (number <= _SURE_AFTER or line.agency or dateline.is_in_capitals(line.place or "")):
            yield FoundDateline(line, f"paragraph {number}")


def _in_own_block(blocks: Sequence[str], paragraph: str) -> Iterator[FoundDateline]:
    """Yield the dateline of a block that holds nothing else: "CAPE VARDEN, Norrland (NPS) — "."""
    for block in blocks:
        if len(block) > _LONGEST or block[-1:] not in _ENDS:
            continue
        line = dateline.parse(f"{block} {paragraph}")
        if line and line.place and line.rest == paragraph:
            yield FoundDateline(line, "block before the body")


def _in_element(nearby: HeadlineContext, paragraphs: Sequence[str], opening: Sequence[str]) -> Iterator[FoundDateline]:
    """Yield the place in an element that is named for it, before the first sentence."""
    for node, _ in nearby.after[:_NEAR]:
        if not (name := _NAMED.search(names_of(node))):
            continue
        text = text_of(node)
        if not 2 < len(text) <= _LONGEST:
            continue
        is_first = paragraphs[0].startswith(text) or (name["own"] and text in opening)
        if is_first and (line := dateline.parse_place(text)) is not None:
            yield FoundDateline(line, "named element")
