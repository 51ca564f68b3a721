"""Flattened text, as WET archives hold it: the story's lines among all the lines that a page shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worker.reading.tree import fold

_CREDIT = re.compile(r"\((?P<credit>[^()]*\b(?:AP|AFP|Reuters|Getty|Photo|Foto|dpa|EFE|ANSA|Pool)\b[^()]*)\)\s*$", re.I)
_SENTENCE = re.compile(r"[.!?…][\"'”’»)]*$")
_DATELINE = re.compile(r"^(?P<place>[^\W\d_a-z][^\d_a-z]{2,30}(?:, [A-Z][\w. ]{1,15})?)\s*(?:\([\w/ ]+\))?\s*[–—-]+\s")


@dataclass(frozen=True, slots=True)
class FlatStory:
    headline: str | None
    paragraphs: tuple[str, ...]
    captions: tuple[tuple[str, str], ...]  #: (caption, credit line)
    dateline: str | None


def find_story(text: str) -> FlatStory:
    lines = [line for line in map(fold, text.splitlines()) if line]
    captions = [i for i, line in enumerate(lines) if _CREDIT.search(line)]
    prose = [i for i, line in enumerate(lines) if i not in captions and _is_prose(line)]
    first = prose[0] if prose else len(lines)
    body = tuple(lines[i] for i in prose)
    dateline = _DATELINE.match(body[0]) if body else None
    return FlatStory(
        headline=_headline(lines[:first]),
        paragraphs=body,
        captions=tuple(_caption(lines[i]) for i in captions),
        dateline=dateline.group("place").strip() if dateline else None,
    )


def _is_prose(line: str) -> bool:
    return len(line.split()) >= 8 and bool(_SENTENCE.search(line))


def _headline(before: Sequence[str]) -> str | None:
    named = [
        line for line in before if len(line.split()) >= 4 and not _SENTENCE.search(line) and not _CREDIT.search(line)
    ]
    return named[-1] if named else None


def _caption(line: str) -> tuple[str, str]:
    found = _CREDIT.search(line)
    return (line[: found.start()].strip(), found.group("credit")) if found else (line, "")
