"""Flattened text, as WET archives hold it: the story's lines among all the lines that a page shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worker.errors import Unreadable
from worker.reading import credits, dateline
from worker.reading.decoding import decode, strip_controls
from worker.reading.tree import fold
from worker.records import Article, Image, Kind

_CREDIT = re.compile(r"\((?P<credit>[^()]*\b(?:AP|AFP|Reuters|Getty|Photo|Foto|dpa|EFE|ANSA|Pool)\b[^()]*)\)\s*$", re.I)
_SENTENCE = re.compile(r"[.!?…][\"'”’»)]*$")


@dataclass(frozen=True, slots=True)
class FlatStory:
    headline: str | None
    paragraphs: tuple[str, ...]
    captions: tuple[str, ...]  #: with their credits


def read(body: bytes | str, url: str) -> Article:
    """The article in flattened text. Raises `Unreadable` for what is empty or not text."""
    text = strip_controls(body) if isinstance(body, str) else decode(body)
    if not text.strip():
        raise Unreadable("The text is empty. Give a file that holds the page's text.")
    found = find_story(text)
    line = dateline.parse(found.paragraphs[0]) if found.paragraphs else None
    return Article(
        url=url,
        kind=Kind.ARTICLE if found.paragraphs else Kind.OTHER,
        headline=found.headline,
        article_body="\n".join(found.paragraphs),
        dateline=line.place if line else None,
        agency=line.agency if line else None,
        images=tuple(map(_image, found.captions)),
    )


def _image(line: str) -> Image:
    credit = credits.parse(line)
    return Image(caption=credit.caption, credit_text=credit.credit_text, creator=credit.creators, agency=credit.agency)


def find_story(text: str) -> FlatStory:
    lines = [line for line in map(fold, text.splitlines()) if line]
    captions = [i for i, line in enumerate(lines) if _CREDIT.search(line)]
    prose = [i for i, line in enumerate(lines) if i not in captions and _is_prose(line)]
    first = prose[0] if prose else len(lines)
    return FlatStory(
        headline=_headline(lines[:first]),
        paragraphs=tuple(lines[i] for i in prose),
        captions=tuple(lines[i] for i in captions),
    )


def _is_prose(line: str) -> bool:
    return len(line.split()) >= 8 and bool(_SENTENCE.search(line))


def _headline(before: Sequence[str]) -> str | None:
    sure = [line for line in before if len(line.split()) >= 4 and not _CREDIT.search(line)]
    named = [line for line in sure if not _SENTENCE.search(line)]
    return named[-1] if named else None
