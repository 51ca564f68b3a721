"""Fragments of a document around what a query found in it.

FTS5 can mark only what stands in its own columns, which hold folded words; so the text itself is searched once more,
for the few documents of one page of results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from worker.queries import FIELDS
from worker.storing.query_language import All, Any, Node, Not, Phrase
from worker.storing.query_language import Word as Wanted
from worker.storing.sqlite.matching import SCOPES
from worker.storing.sqlite.stemming import stemmed_language, stems
from worker.storing.words import Word, is_cjk, terms, words

START, END = "\x02", "\x03"
FRAGMENTS = 3
FRAGMENT_CHARS = 160
MOST_CHARS = 200_000  #: of one text; what stands behind is not searched for fragments

#: Fields that are shown with their matches; headlines as a whole.
FIELDS_SHOWN = ("headline", "description", "article_body", "caption_text")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Words in a row, by their folded form or, where given, by their stems; the last may be a beginning."""

    folded: tuple[str, ...]
    stems: tuple[str, ...] = ()
    is_prefix: bool = False

    def at(self, found: Sequence[Word], stemmed: Sequence[str], i: int) -> bool:
        length = len(self.folded)
        here = [w.term for w in found[i : i + length]]
        if len(here) < length or length == 0:
            return False
        if self.is_prefix and here[-1].startswith(self.folded[-1]):
            here[-1] = self.folded[-1]
        return tuple(here) == self.folded or (bool(self.stems) and tuple(stemmed[i : i + length]) == self.stems)


def highlights(
    node: Node, scope: str, language: str | None, fields: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Document field -> fragments, for fields with a match. `fields`: the texts of each of FIELDS_SHOWN."""
    shown = {}
    for name in FIELDS_SHOWN:
        patterns = list(_patterns(node, scope, name, stemmed_language(language)))
        fragments = [f for text in fields.get(name, ()) for f in _marked(text, name, language, patterns)]
        if fragments:
            shown[name] = tuple(fragments[:FRAGMENTS])
    return shown


def _patterns(node: Node, scope: str, name: str, language: str | None) -> Iterator[_Pattern]:
    match node:
        case All(nodes) | Any(nodes):
            for n in nodes:
                yield from _patterns(n, scope, name, language)
        case Not():
            return
        case Phrase(text, field) if _looks_at(field, scope, name):
            yield _Pattern(tuple(terms(text)))
        case Wanted(text, field, is_prefix) if _looks_at(field, scope, name):
            folded = tuple(terms(text))
            single = len(folded) == 1 and len(folded[0]) == 1 and is_cjk(folded[0])
            stemmed = () if is_prefix else tuple(stems(language, text, list(words(text))))
            yield _Pattern(folded, stemmed, is_prefix or single)


def _looks_at(field: str | None, scope: str, name: str) -> bool:
    return FIELDS[field] == name if field else name in SCOPES[scope]


def _marked(text: str, name: str, language: str | None, patterns: Sequence[_Pattern]) -> list[str]:
    text = text[:MOST_CHARS].replace(START, " ").replace(END, " ")
    spans = _spans(text, language, patterns) if patterns else []
    if not spans:
        return []
    if name == "headline":
        return [_mark(text, (0, len(text)), spans)]
    return [_mark(text, window, spans) for window in _windows(text, spans)]


def _spans(text: str, language: str | None, patterns: Sequence[_Pattern]) -> list[Span]:
    """Where matches stand, in order; those that touch or overlap as one."""
    found = list(words(text))
    stemmed = stems(language, text, found)
    spans: list[Span] = []
    for i, word in enumerate(found):
        ends = [found[i + len(p.folded) - 1].end for p in patterns if p.at(found, stemmed, i)]
        if ends and spans and word.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], *ends))
        elif ends:
            spans.append((word.start, max(ends)))
    return spans


def _windows(text: str, spans: Sequence[Span]) -> list[Span]:
    """The stretches of text to show: about FRAGMENT_CHARS around a match, cut at blanks, none overlapping."""
    windows: list[Span] = []
    for start, end in spans:
        if windows and end <= windows[-1][1]:
            continue
        if len(windows) == FRAGMENTS:
            break
        room = max(0, FRAGMENT_CHARS - (end - start)) // 2
        left = max(start - room, windows[-1][1] if windows else 0)
        windows.append((_after_blank(text, left, start), _before_blank(text, min(end + room, len(text)), end)))
    return windows


def _after_blank(text: str, left: int, start: int) -> int:
    """The beginning of the first whole word in text[left:start]."""
    if left == 0 or text[left - 1].isspace():
        return left
    blanks = [i for i in range(left, start) if text[i].isspace()]
    return blanks[0] + 1 if blanks else left


def _before_blank(text: str, right: int, end: int) -> int:
    """The end of the last whole word in text[end:right]."""
    if right == len(text) or text[right].isspace():
        return right
    blanks = [i for i in range(end, right) if text[i].isspace()]
    return blanks[-1] if blanks else right


def _mark(text: str, window: Span, spans: Sequence[Span]) -> str:
    parts, at = [], window[0]
    for start, end in spans:
        if window[0] <= start and end <= window[1]:
            parts += [text[at:start], START, text[start:end], END]
            at = end
    return "".join([*parts, text[at : window[1]]]).strip()
