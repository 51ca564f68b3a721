"""Highlights: fragments of an article around the words of a query.

The text is searched again, for the few articles of one page of results. FTS5 can mark only the text of its own columns,
which contain folded words. Elasticsearch's highlighter takes several times as long as its search, since it goes through
the field of every language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from worker.model.query import FIELDS
from worker.search.fields import NAMES, SCOPES, stemmed_as
from worker.search.query_parser import All, Any, Node, Not, Phrase
from worker.search.query_parser import Word as QueryWord
from worker.search.stemming import stem, stems
from worker.search.tokenizer import Word, fold, surfaces, terms, words

START, END = "\x02", "\x03"
FRAGMENTS = 3
FRAGMENT_CHARS = 160
MAX_CHARS = 200_000  #: of a text that are searched for fragments

#: Fields with highlights. A headline is shown as a whole.
FIELDS_SHOWN = ("headline", "description", "article_body", "caption_text")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Consecutive words, each with its folded form and, optionally, its stem. The last word may be a prefix."""

    folded: tuple[str, ...]
    stems: tuple[str, ...] = ()
    is_prefix: bool = False

    def matches_at(self, found: Sequence[Word], i: int, code: str | None) -> bool:
        row = found[i : i + len(self.folded)]
        return len(row) == len(self.folded) and all(
            self._matches_word(n, surface, code) for n, (_, surface) in enumerate(row)
        )

    def _matches_word(self, position: int, surface: str, code: str | None) -> bool:
        folded, wanted = fold(surface), self.folded[position]
        if self.is_prefix and position == len(self.folded) - 1:
            return folded.startswith(wanted)
        return folded == wanted or (bool(code and self.stems) and stem(code, surface) == self.stems[position])


class _Patterns:
    """The patterns for one field, by their first word, so that most words of a text need only one look-up."""

    def __init__(self, patterns: Iterable[_Pattern], language: str | None) -> None:
        self._code = stemmed_as(language)
        self._by_first: dict[str, list[_Pattern]] = {}
        prefixes = []
        for pattern in dict.fromkeys(patterns):
            if pattern.is_prefix and len(pattern.folded) == 1:
                prefixes.append(pattern.folded[0])
                continue
            for first in {pattern.folded[0], *pattern.stems[:1]}:
                self._by_first.setdefault(first, []).append(pattern)
        self._prefixes = tuple(prefixes)

    def __bool__(self) -> bool:
        return bool(self._by_first or self._prefixes)

    def firsts(self, found: Iterable[str]) -> set[str]:
        """Return the words of a list with which a match can begin."""
        return {s for s in found if fold(s).startswith(self._prefixes) or any(self._starting_with(s))}

    def end(self, found: Sequence[Word], i: int) -> int:
        """Return the end of the longest match that begins with word `i`, or 0."""
        surface = found[i][1]
        lengths = [len(p.folded) for p in self._starting_with(surface) if p.matches_at(found, i, self._code)]
        if fold(surface).startswith(self._prefixes):
            lengths.append(1)
        if not lengths:
            return 0
        start, last = found[i + max(lengths) - 1]
        return start + len(last)

    def _starting_with(self, surface: str) -> Iterator[_Pattern]:
        yield from self._by_first.get(fold(surface), ())
        if self._code:
            yield from self._by_first.get(stem(self._code, surface), ())


def highlights(
    node: Node, scope: str, language: str | None, fields: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the fragments of each field with a match. `fields` has the texts of the fields in FIELDS_SHOWN."""
    shown = {}
    for name in FIELDS_SHOWN:
        patterns = _Patterns(_patterns(node, scope, name, stemmed_as(language)), language)
        fragments = [f for text in fields.get(name, ()) for f in _marked(text, name, patterns)] if patterns else []
        if fragments:
            shown[name] = tuple(fragments[:FRAGMENTS])
    return shown


def names_match(node: Node, scope: str, fields: Mapping[str, Sequence[str]]) -> bool:
    """Return True if a query matches one of the name fields, which have no highlights."""
    found = ((_Patterns(_patterns(node, scope, name, None), None), fields.get(name, ())) for name in NAMES)
    return any(span for patterns, texts in found if patterns for text in texts for span in _spans(text, patterns))


def marks_anything(node: Node, scope: str) -> bool:
    """Return True if a query searches words in a field that has highlights."""
    return any(True for name in FIELDS_SHOWN for _ in _patterns(node, scope, name, None))


def _patterns(node: Node, scope: str, name: str, language: str | None) -> Iterator[_Pattern]:
    match node:
        case All(nodes) | Any(nodes):
            for n in nodes:
                yield from _patterns(n, scope, name, language)
        case Not():
            return
        case Phrase(text, field) if _searches(field, scope, name):
            yield _Pattern(tuple(terms(text)))
        case QueryWord(text, field, is_prefix) if _searches(field, scope, name):
            folded = tuple(terms(text))
            stemmed = tuple(stems(language, surfaces(text))) if len(folded) == 1 and not is_prefix else ()
            yield _Pattern(folded, stemmed, is_prefix)


def _searches(field: str | None, scope: str, name: str) -> bool:
    return FIELDS[field] == name if field else name in SCOPES[scope]


def _marked(text: str, name: str, patterns: _Patterns) -> list[str]:
    text = text[:MAX_CHARS].replace(START, " ").replace(END, " ")
    if name == "headline":
        spans = list(_spans(text, patterns))
        return [_mark(text, (0, len(text)), spans)] if spans else []
    windows, spans = _windows(text, _spans(text, patterns))
    return [_mark(text, window, spans) for window in windows]


def _spans(text: str, patterns: _Patterns) -> Iterator[Span]:
    """Yield the positions of matches, in order. Matches that touch or overlap are one."""
    found = words(text)
    firsts = patterns.firsts({surface for _, surface in found})
    last: Span | None = None
    for i, (start, surface) in enumerate(found):
        end = patterns.end(found, i) if surface in firsts else 0
        if end and last and start <= last[1]:
            last = (last[0], max(last[1], end))
        elif end:
            if last:
                yield last
            last = (start, end)
    if last:
        yield last


def _windows(text: str, spans: Iterable[Span]) -> tuple[list[Span], list[Span]]:
    """Return the parts of a text to show, and the matches up to the end of the last part.

    A part has about FRAGMENT_CHARS characters around a match and begins and ends at blanks. Parts do not overlap.
    """
    windows: list[Span] = []
    seen: list[Span] = []
    for start, end in spans:
        if not windows or end > windows[-1][1]:
            if len(windows) == FRAGMENTS:
                break
            room = max(0, FRAGMENT_CHARS - (end - start)) // 2
            left = max(start - room, windows[-1][1] if windows else 0)
            windows.append((_after_blank(text, left, start), _before_blank(text, min(end + room, len(text)), end)))
        seen.append((start, end))
    return windows, seen


def _after_blank(text: str, left: int, start: int) -> int:
    """Return the start of the first whole word in text[left:start]."""
    if left == 0 or text[left - 1].isspace():
        return left
    blanks = [i for i in range(left, start) if text[i].isspace()]
    return blanks[0] + 1 if blanks else left


def _before_blank(text: str, right: int, end: int) -> int:
    """Return the end of the last whole word in text[end:right]."""
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
