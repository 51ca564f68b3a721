"""Fragments of a document around what a query found in it.

The text is searched once more, for the few documents of one page of results. FTS5 can mark only what stands in its own
columns, which hold folded words; and Elasticsearch's highlighter takes several times as long as its search, since each
language's field is one more to look through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from worker.queries import FIELDS
from worker.storing.query_language import All, Any, Node, Not, Phrase
from worker.storing.query_language import Word as Wanted
from worker.storing.searchable import NAMES, SCOPES, stemmed_as
from worker.storing.stemming import stem, stems
from worker.storing.words import Word, fold, surfaces, terms, words

START, END = "\x02", "\x03"
FRAGMENTS = 3
FRAGMENT_CHARS = 160
MOST_CHARS = 200_000  #: of one text; what stands behind is not searched for fragments

#: Fields that are shown with their matches; headlines as a whole.
FIELDS_SHOWN = ("headline", "description", "article_body", "caption_text")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Words in a row, each by its folded form or, where given, by its stem; the last may be a beginning."""

    folded: tuple[str, ...]
    stems: tuple[str, ...] = ()
    is_prefix: bool = False

    def stands_at(self, found: Sequence[Word], i: int, code: str | None) -> bool:
        row = found[i : i + len(self.folded)]
        return len(row) == len(self.folded) and all(
            self._matches(n, surface, code) for n, (_, surface) in enumerate(row)
        )

    def _matches(self, place: int, surface: str, code: str | None) -> bool:
        folded, wanted = fold(surface), self.folded[place]
        if self.is_prefix and place == len(self.folded) - 1:
            return folded.startswith(wanted)
        return folded == wanted or (bool(code and self.stems) and stem(code, surface) == self.stems[place])


class _Patterns:
    """Those looked for in one field."""

    def __init__(self, patterns: Iterable[_Pattern], language: str | None) -> None:
        self._code = stemmed_as(language)
        self._patterns = list(patterns)
        self._firsts = {first for p in self._patterns for first in (p.folded[0], *p.stems[:1])}
        self._beginnings = tuple(p.folded[0] for p in self._patterns if p.is_prefix and len(p.folded) == 1)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def firsts(self, found: Iterable[str]) -> set[str]:
        """Of these words, those that a match can begin with: so few that they may cost more time than the others."""
        firsts, code = self._firsts, self._code
        begun = {s for s in found if fold(s) in firsts or (code and stem(code, s) in firsts)}
        if self._beginnings:
            begun |= {s for s in found if fold(s).startswith(self._beginnings)}
        return begun

    def end(self, found: Sequence[Word], i: int) -> int:
        """Where the longest match that begins with word `i` ends; 0 if none does."""
        lasts = (found[i + len(p.folded) - 1] for p in self._patterns if p.stands_at(found, i, self._code))
        return max((start + len(surface) for start, surface in lasts), default=0)


def highlights(
    node: Node, scope: str, language: str | None, fields: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Document field -> fragments, for fields with a match. `fields`: the texts of each of FIELDS_SHOWN."""
    shown = {}
    for name in FIELDS_SHOWN:
        patterns = _Patterns(_patterns(node, scope, name, stemmed_as(language)), language)
        fragments = [f for text in fields.get(name, ()) for f in _marked(text, name, patterns)] if patterns else []
        if fragments:
            shown[name] = tuple(fragments[:FRAGMENTS])
    return shown


def names_match(node: Node, scope: str, fields: Mapping[str, Sequence[str]]) -> bool:
    """Whether a document has words that are looked for among its names, which are not shown with marks."""
    found = ((_Patterns(_patterns(node, scope, name, None), None), fields.get(name, ())) for name in NAMES)
    return any(_spans(text, patterns) for patterns, texts in found if patterns for text in texts)


def marks_anything(node: Node, scope: str) -> bool:
    """Whether a query asks for words in any field that is shown."""
    return any(True for name in FIELDS_SHOWN for _ in _patterns(node, scope, name, None))


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
            stemmed = () if is_prefix else tuple(stems(language, surfaces(text)))
            yield _Pattern(folded, stemmed, is_prefix)


def _looks_at(field: str | None, scope: str, name: str) -> bool:
    return FIELDS[field] == name if field else name in SCOPES[scope]


def _marked(text: str, name: str, patterns: _Patterns) -> list[str]:
    text = text[:MOST_CHARS].replace(START, " ").replace(END, " ")
    spans = _spans(text, patterns)
    if not spans:
        return []
    if name == "headline":
        return [_mark(text, (0, len(text)), spans)]
    return [_mark(text, window, spans) for window in _windows(text, spans)]


def _spans(text: str, patterns: _Patterns) -> list[Span]:
    """Where matches stand, in order; those that touch or overlap as one."""
    found = words(text)
    firsts = patterns.firsts({surface for _, surface in found})
    spans: list[Span] = []
    for i, (start, surface) in enumerate(found):
        end = patterns.end(found, i) if surface in firsts else 0
        if end and spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        elif end:
            spans.append((start, end))
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
