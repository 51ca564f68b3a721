"""The features of a line of plain text among its neighbours: the input of the line model in model.py."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from worker.extraction.html.blocks import ends_sentence
from worker.extraction.html.class_names import function_words
from worker.extraction.text import text_size

_QUOTE = re.compile('[“”„«»"]')
_SYMBOL = re.compile("[©|@→›»▶•]")
_DATE = re.compile(r"\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d\d\b|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_SAMPLE = 600  #: characters of a line that are examined word by word
_FAR = 12
_WINDOWS = (3, 8, 20)  #: lines on either side in which prose is counted
_OFFSETS = (-3, -2, -1, 1, 2, 3)

_OWN = (
    "chars", "words", "commas a word", "ends", "starts upper", "starts lower", "digits", "capitals", "function words",
    "quote", "date", "sign", "colon", "question", "word length", "times on page", "loose phrase", "after opener",
    "prose",
)  # fmt: skip
_NEAR = ("chars", "ends", "capitals", "function words", "prose", "out")
_SUMS = ("position", "prose before", "prose after", "since prose", "until prose", "headline overlap", "after headline")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInput:
    """The lines of a page, with the results of the rules."""

    texts: Sequence[str]
    out: Set[int]  #: lines that a rule excludes
    ambiguous: Set[int]  #: lines with a boilerplate phrase that may also occur in prose
    openers: Set[int]  #: headings of link lists
    headline: str


def names() -> tuple[str, ...]:
    """Return the names of the features in the order of each vector."""
    windows = tuple(f"prose within {w}" for w in _WINDOWS)
    return (*_OWN, *(f"{n} at {d:+d}" for d in _OFFSETS for n in _NEAR), *windows, *_SUMS)


def vectors(lines: LineInput) -> list[list[float]]:
    """Return one vector per line, including the excluded lines."""
    own = _own(lines)
    prose = [row[-1] for row in own]
    total = sum(prose) or 1.0
    neighbours = [[row[0], row[3], row[7], row[8], row[18], float(i in lines.out)] for i, row in enumerate(own)]
    none = [0.0] * len(_NEAR)
    sums = _running(prose)
    since, until = _distances(prose), list(reversed(_distances(list(reversed(prose)))))
    kinds = frozenset(text_size.tokens(lines.headline.casefold()))
    head = next((i for i, text in enumerate(lines.texts) if text == lines.headline), -1)
    rows, n = [], len(own)
    for i, row in enumerate(own):
        words = frozenset(text_size.tokens(lines.texts[i][:_SAMPLE].casefold()))
        around = [neighbours[i + d] if 0 <= i + d < n else none for d in _OFFSETS]
        windows = [sums[min(n, i + w + 1)] - sums[max(0, i - w)] - prose[i] for w in _WINDOWS]
        rows.append(
            [
                *row,
                *(v for part in around for v in part),
                *(math.log1p(w) for w in windows),
                i / n,
                sums[i] / total,
                (total - sums[i + 1]) / total,
                since[i],
                until[i],
                len(words & kinds) / (len(words | kinds) or 1),
                math.copysign(math.log1p(abs(i - head)), i - head) if head >= 0 else -9.0,
            ]
        )
    return rows


def prose(text: str) -> float:
    """Return how many characters of a line look like prose."""
    size = text_size.size(text)
    return float(min(size, 1000)) if size >= 60 and ends_sentence(text) else 0.0


def _own(lines: LineInput) -> list[list[float]]:
    small, times = function_words(), Counter(lines.texts)
    after, rows = _FAR, []
    for i, text in enumerate(lines.texts):
        words, count = text_size.tokens(text[:_SAMPLE]), text_size.words(text)
        w = len(words) or 1
        rows.append(
            [
                math.log1p(text_size.size(text)),
                math.log1p(count),
                text_size.commas(text) / count,
                float(ends_sentence(text)),
                float(text[0].isupper()),
                float(text[0].islower()),
                sum(map(str.isdigit, words)) / w,
                sum(word[0].isupper() for word in words) / w,
                sum(word.casefold() in small for word in words) / w,
                float(bool(_QUOTE.search(text))),
                float(bool(_DATE.search(text))),
                float(bool(_SYMBOL.search(text))),
                float(text.endswith(":")),
                float(text.endswith("?")),
                text_size.size("".join(words)) / w,
                float(min(times[text], 5)),
                float(i in lines.ambiguous),
                float(after),
                0.0 if i in lines.out else prose(text),
            ]
        )
        after = 1 if i in lines.openers else min(after + 1, _FAR)
    return rows


def _running(values: Sequence[float]) -> list[float]:
    """Return the sums of the values before each index, and of all values."""
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    return sums


def _distances(prose: Sequence[float]) -> list[float]:
    """Return for each line the distance to the last line of prose before it."""
    found, since = [], float(_FAR)
    for value in prose:
        found.append(since)
        since = 1.0 if value else min(since + 1, float(_FAR))
    return found
