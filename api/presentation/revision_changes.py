"""What changed from one version of an article to the next, for each surface to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from api.presentation.text_diff import PARAGRAPH, Op, Piece, diff
from worker.model.catalog import Revision

#: The fields that are compared, each as one text; a paragraph, caption or credit ends with a newline.
TEXTS: Mapping[str, Callable[[Revision], str]] = {
    "headline": lambda r: r.headline or "",
    "description": lambda r: r.description or "",
    "author": lambda r: ", ".join(r.author),
    "article_body": lambda r: _lines(r.article_body.split("\n")),
    "caption_text": lambda r: _lines(r.caption_text),
    "credit_text": lambda r: _lines(r.credit_text),
}


MOST = 500  #: changed paragraphs of one field that are shown to people


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph with what changed in it; or some in a row in which nothing did; or, without either, the place where
    the rest is left out since so much has changed."""

    pieces: tuple[Piece, ...] = ()
    unchanged: int = 0  #: paragraphs left out


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    field: str
    pieces: tuple[Piece, ...]

    @property
    def passages(self) -> list[Passage]:
        return list(_passages(self.pieces))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From a revision to the one that replaced it."""

    before: Revision
    fields: tuple[FieldChange, ...]  #: none where the change lies beyond what is kept of long texts

    @property
    def at(self) -> datetime:
        """When the page was fetched that told of it."""
        return self.before.replaced_at or self.before.fetched_at


def changes(revisions: Sequence[Revision]) -> list[Change]:
    """From each revision to the next; given the oldest first, the newest change comes first."""
    found = [Change(before=old, fields=tuple(_fields(old, new))) for old, new in pairwise(revisions)]
    return found[::-1]


def _fields(old: Revision, new: Revision) -> Iterator[FieldChange]:
    for name, text in TEXTS.items():
        before, after = text(old), text(new)
        if before != after:
            yield FieldChange(field=name, pieces=diff(before, after))


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"{text}\n" for text in texts if text)


def _passages(pieces: Sequence[Piece]) -> Iterator[Passage]:
    unchanged = changed = 0
    for line in _by_line(pieces):
        if all(piece.op is Op.KEEP for piece in line):
            unchanged += 1
            continue
        if unchanged:
            yield Passage(unchanged=unchanged)
        unchanged, changed = 0, changed + 1
        yield Passage(pieces=tuple(line) if changed <= MOST else ())
        if changed > MOST:
            return
    if unchanged:
        yield Passage(unchanged=unchanged)


def _by_line(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Paragraphs without their ends. An end that was deleted or inserted beside words that were not is shown as ¶: it
    parts or joins them."""
    line: list[Piece] = []
    for piece in pieces:
        for part in PARAGRAPH.findall(piece.text):
            text = part.removesuffix("\n")
            ends = text != part
            if ends and piece.op is not Op.KEEP and any(other.op is not piece.op for other in line):
                text += "¶"
            line += [Piece(piece.op, text)] if text else []
            if ends and line:
                yield line
                line = []
    if line:
        yield line
