"""The fields of an article in plain text, by the shape of its lines: headline, section, byline, dates and captions.

The line of the author or of the date is the anchor: the headline is a few lines above it, the section right above the
headline. Captions are lines that end with a credit, or that are next to a line with a credit alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from worker.extraction import word_tables
from worker.extraction.fields import byline, byline_words, dateline
from worker.extraction.fields.byline import Byline
from worker.extraction.html.blocks import ends_sentence
from worker.extraction.images import credit_line
from worker.extraction.text import agencies, date_lines, language_id, text_size
from worker.extraction.text.date_parser import ParsedDate, parse
from worker.extraction.text.person_names import is_person
from worker.model.records import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFields:
    """The fields that were found. Numbers are line indexes."""

    headline: str | None = None
    headline_at: int | None = None
    section: str | None = None
    byline: Byline = field(default_factory=Byline)
    published: ParsedDate | None = None
    modified: ParsedDate | None = None
    images: tuple[Image, ...] = ()
    used: frozenset[int] = frozenset()  #: lines that are not paragraphs: headline, byline, dates, captions, credits


_COUNTER = re.compile(r"^(?:\D{0,12}\s)?\d+\s*(?:/|of|von|de|di|sur)\s*\d+$", re.I)
_SEPARATED = re.compile(r"\s*[|»›>/·•]\s*")
_NAME_BARS = re.compile(r"\s*[|·•]\s*")
_LETTERS = re.compile(r"[\W\d_]+")
_HEAD_LINES = 10  #: lines above the anchor that are searched for the headline
_MAX_CAPTION = 700  #: characters
_SHORT_LINE = 60  #: characters of a line with an agency's name alone, at most
_NAMED_LINES = 5  #: lines under the headline that may be a byline without "By"
_MOST_WORDS = 8  #: words of a name after a line "By", at most
_LONGEST_LINE = 160  #: characters of a byline or a line of dates, at most


def extract_line_fields(lines: Sequence[str], *, day_first: bool | None = None) -> LineFields:
    """Return the fields of folded, non-empty lines. Never raises an error.

    `day_first` decides what 03/04/2024 means. If it is None, the language decides: English puts the month first.
    """
    if day_first is None:
        day_first = language_id.identify(" ".join(line for line in lines if len(line) > _LONGEST_LINE))[0] != "en"
    images, captioned = _captions(lines)
    bylines = [i for i, line in enumerate(lines) if _is_byline(lines, i) and i not in captioned]
    dated = [i for i, line in enumerate(lines) if _is_dated(line) and i not in captioned]
    title = _title_line(lines)
    anchor = _anchor(bylines, dated, title)
    index = title if title is not None else _headline(lines, anchor, captioned)
    head = [i for i in (*bylines, *dated) if index is None or index < i <= index + _HEAD_LINES]
    named = _named_lines(lines, index, head)
    head += [i for i in named if i not in head]
    used = frozenset((*captioned, *head, *(() if index is None else (index,))))
    return LineFields(
        headline=lines[index] if index is not None else None,
        headline_at=index,
        section=_section(lines, index),
        byline=byline.combine([lines[i] for i in sorted(head) if i in bylines or i in named]),
        published=_date(lines, head, changed=False, day_first=day_first),
        modified=_date(lines, head, changed=True, day_first=day_first),
        images=images,
        used=used,
    )


def _is_byline(lines: Sequence[str], index: int) -> bool:
    """Return True if a line is a byline, or follows a line that only opens one: "By", "Author:"."""
    line = lines[index]
    if len(line) > _LONGEST_LINE:
        return False
    first = _SEPARATED.split(line)[0]
    if not (byline_words.is_opened(first) or byline_words.has_writer(line) or _is_labelled(lines, index)):
        return byline.is_byline(line)
    found = byline.parse(line if byline_words.has_writer(line) else first)
    return bool(found.people or (found.agency and len(line) < _SHORT_LINE))


def _is_labelled(lines: Sequence[str], index: int) -> bool:
    return index > 0 and byline_words.is_opener(lines[index - 1]) and len(lines[index].split()) <= _MOST_WORDS


def _named_lines(lines: Sequence[str], headline: int | None, head: Sequence[int]) -> list[int]:
    """Return the lines under the headline that name people or agencies without "By", together with a line of dates.

    A person's name has the date, an agency or a role in its own line or in the next one.
    """
    found: list[int] = []
    if headline is None:
        return found
    for i in range(headline + 1, min(headline + 1 + _NAMED_LINES, len(lines))):
        pieces = [p for p in _SEPARATED.split(lines[i]) if p]
        after = lines[i + 1] if i + 1 < len(lines) else ""
        if len(lines[i]) > _LONGEST_LINE or (len(pieces) == 1 and i in head):
            continue
        beside = len(pieces) > 1 and i in head
        if byline.has_role(lines[i]):
            found.append(i)
            continue
        is_name = beside or i + 1 in head or i - 1 in head or _is_role(after)
        is_employer = i - 1 in found and agencies.find(lines[i]) is not None
        if is_employer or (is_name and any(map(is_person, pieces))):
            found.append(i)
    return found


def _is_role(line: str) -> bool:
    return agencies.find(line) is not None or byline_words.is_role(line)


def _is_dated(line: str) -> bool:
    """Return True if a line is about a date: it says so, or holds little else."""
    if len(line) > _LONGEST_LINE or parse(line) is None:
        return False
    return date_lines.has_sign(line) or len(line) < 30 or len(_LETTERS.sub("", byline_words.without_dates(line))) < 4


def _title_line(lines: Sequence[str]) -> int | None:
    """Return the line that the page's title begins with, if the title is the first line ("Headline | Site")."""
    first = lines[0] if lines else ""
    if text_size.words(first) < 4:
        return None
    return next(
        (i for i, line in enumerate(lines[1:], 1) if text_size.size(line) > 20 and first.startswith(line)), None
    )


def _anchor(bylines: list[int], dated: list[int], title: int | None) -> int | None:
    """Return the first byline, or the first line of dates, after the title."""
    after = title if title is not None else -1
    return next((i for i in (*sorted(bylines), *sorted(dated)) if i > after), None)


def _headline(lines: Sequence[str], anchor: int | None, captioned: frozenset[int]) -> int | None:
    """Return the nearest possible headline above the anchor; without an anchor, above the first paragraph."""
    end = anchor if anchor is not None else next((i for i, line in enumerate(lines) if _is_paragraph(line)), 0)
    for i in range(end - 1, max(-1, end - 1 - _HEAD_LINES), -1):
        line = lines[i]
        if (
            i not in captioned
            and text_size.words(line) > 2
            and len(line) < 200
            and not _COUNTER.match(line)
            and not ends_sentence(line)
            and not _names_people(line)
        ):
            return i
    return None


def _names_people(line: str) -> bool:
    """Return True for names with a role or behind a bar: "Newsroom | Jane Roe"."""
    pieces = [p for p in _NAME_BARS.split(line) if p]
    is_barred = len(pieces) > 1 and any(map(is_person, pieces)) and all(len(p.split()) < 4 for p in pieces)
    return is_barred or byline.has_role(line)


def _is_paragraph(line: str) -> bool:
    return text_size.words(line) > 14 and ends_sentence(line)


def _section(lines: Sequence[str], headline: int | None) -> str | None:
    """Return the name of a section, or the end of a trail, right above the headline."""
    if not headline:
        return None
    line, home = lines[headline - 1], word_tables.words("fields", "home")
    first, _, more = line.partition(" ")
    label = more if first.casefold() in home and more else line  # "Homepage Elections"
    parts = [p for p in _SEPARATED.split(label) if p and p.casefold() not in home]
    sections = [p for p in parts if p.casefold() in word_tables.words("fields", "sections")]
    if sections or not parts:
        return sections[0] if sections else None
    is_trail = label != line or len(_SEPARATED.split(label)) > len(parts)
    return parts[0] if is_trail and len(parts[0].split()) < 4 else None


def _date(lines: Sequence[str], head: list[int], *, changed: bool, day_first: bool) -> ParsedDate | None:
    """Return the first date near the headline: of the change with `changed`, else of the publication."""
    for i in sorted(head):
        for text, is_changed in date_lines.split_changed(lines[i]):
            if is_changed == changed and (date := parse(text, day_first=day_first)):
                return date
    return None


# -- captions --


def _captions(lines: Sequence[str]) -> tuple[tuple[Image, ...], frozenset[int]]:
    """Return the images that captions describe, and the indexes of captions and credits."""
    found, used = _slides(lines)
    lone_credits: dict[int, str] = {}
    for i, line in enumerate(lines):
        if (
            i in used
            or len(line) > _MAX_CAPTION
            or _is_byline(lines, i)
            or _is_copyright_notice(line)
            or _is_dated(line)
        ):
            continue
        credit = credit_line.parse(line)
        if credit.credit_text and credit.caption and _is_caption(credit.caption):
            found[i] = _image(credit.caption, credit)
        elif credit.credit_text and not credit.caption and len(line) < 120:
            lone_credits[i] = line
    for i, line in lone_credits.items():
        if (index := _adjacent_caption(lines, i, found)) is not None:
            found[index] = _image(lines[index], credit_line.read(line))
    return tuple(found[i] for i in sorted(found)), frozenset((*found, *lone_credits, *used))


def _slides(lines: Sequence[str]) -> tuple[dict[int, Image], set[int]]:
    """Return a gallery's slides: after a counter ("3 / 14") a caption, perhaps followed by a credit."""
    found: dict[int, Image] = {}
    used: set[int] = set()
    for i in (i for i, line in enumerate(lines) if _COUNTER.match(line)):
        used.add(i)
        if i + 1 >= len(lines) or not _may_be_caption(lines[i + 1]) or credit_line.split(lines[i + 1])[1]:
            continue
        after = lines[i + 2] if i + 2 < len(lines) else ""
        is_credit = (
            0 < len(after) < 100
            and not _COUNTER.match(after)
            and (credit_line.is_credit(after) or (i + 3 < len(lines) and bool(_COUNTER.match(lines[i + 3]))))
        )
        if is_credit:
            found[i + 1] = _image(lines[i + 1], credit_line.read(after))
            used |= {i + 1, i + 2}
    return found, used


def _is_caption(text: str) -> bool:
    return text_size.words(text) > 2 and dateline.parse(text) is None


def _is_copyright_notice(line: str) -> bool:
    """Return True for the page's copyright notice: "© Haller Kurier 2021. Alle Rechte vorbehalten."."""
    return bool(
        re.match(r"(?:©|copyright|\(c\))", line, re.I)
        and re.search(r"rights|rechte|droits|derechos|diritti", line, re.I)
    )


def _adjacent_caption(lines: Sequence[str], credit: int, found: Mapping[int, Image]) -> int | None:
    """Return the line after a credit, or before it, that reads like its caption.

    It is a sentence, and not a dateline or a byline.
    """
    for index in (credit + 1, credit - 1):
        if 0 <= index < len(lines) and index not in found and _may_be_caption(lines[index]):
            return index
    return None


def _may_be_caption(line: str) -> bool:
    return (
        5 < text_size.words(line) < 60
        and ends_sentence(line)
        and dateline.parse(line) is None
        and not byline.is_byline(line)
    )


def _image(caption: str, credit: credit_line.Credit) -> Image:
    return Image(caption=caption, credit_text=credit.credit_text, creator=credit.creators, agency=credit.agency)
