"""Changes from one version of an article to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from api.presentation.text_diff import PARAGRAPH, Op, Piece, diff
from worker.model.catalog import Revision

#: The compared fields, each as one text; a paragraph, caption or credit ends with a newline.
TEXTS: Mapping[str, Callable[[Revision], str]] = {
    "headline": lambda r: r.headline or "",
    "description": lambda r: r.description or "",
    "author": lambda r: ", ".join(r.author),
    "article_body": lambda r: _lines(r.article_body.split("\n")),
    "caption_text": lambda r: _lines(r.caption_text),
    "credit_text": lambda r: _lines(r.credit_text),
}
MAX_PASSAGES = 500  #: maximum number of changed paragraphs shown for one field


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A changed paragraph, or a number of unchanged paragraphs in a row.

    A passage without either marks the end of what is shown, because too much has changed.
    """

    pieces: tuple[Piece, ...] = ()
    unchanged: int = 0  #: number of unchanged paragraphs


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """The changes of one field."""

    field: str
    pieces: tuple[Piece, ...]

    @property
    def passages(self) -> list[Passage]:
        """The passages to show, in reading order."""
        return list(_passages(self.pieces))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The change from a revision to the next version."""

    before: Revision
    fields: tuple[FieldChange, ...]  #: empty if the change is in the part of a long text that is not kept

    @property
    def at(self) -> datetime:
        """The time when the changed page was fetched."""
        return self.before.replaced_at or self.before.fetched_at


def changes(revisions: Sequence[Revision]) -> list[Change]:
    """Return the change from each revision to the next, the newest first. `revisions` begins with the oldest."""
    oldest_first = [Change(before=old, fields=tuple(_fields(old, new))) for old, new in pairwise(revisions)]
    return oldest_first[::-1]


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
        yield Passage(pieces=tuple(line) if changed <= MAX_PASSAGES else ())
        if changed > MAX_PASSAGES:
            return
    if unchanged:
        yield Passage(unchanged=unchanged)


def _by_line(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield paragraphs without their newlines.

    If only the newline of a paragraph was deleted or inserted, ¶ shows it: paragraphs were joined or split there.
    """
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
