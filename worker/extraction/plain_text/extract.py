"""The article in plain text, as WET archives hold it: one line per block of the page.

Fields and captions follow from the shape of the lines (line_fields.py). Boilerplate phrases exclude lines. Without
elements, a model of its own judges the other lines (bench/train_lines.py). A last step adds sentences and headings
between kept lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from worker.errors import Unreadable
from worker.extraction import page_type
from worker.extraction.boilerplate import phrases
from worker.extraction.classifier import line_features, model
from worker.extraction.fields import byline, dateline
from worker.extraction.fields.byline import Byline
from worker.extraction.fields.dates import dates_in_url
from worker.extraction.fields.publisher import host_name
from worker.extraction.html.blocks import ends_sentence
from worker.extraction.html.charset import decode, strip_controls
from worker.extraction.plain_text.line_fields import LineFields, extract_line_fields
from worker.extraction.text import language_id, text_size
from worker.extraction.text.date_parser import ParsedDate
from worker.extraction.text.normalize import fold
from worker.model.records import Article, Kind, Provenance

T = TypeVar("T")
By: TypeAlias = Sequence[T] | Mapping[int, T]  #: values by line index

_MAX_LINES = 6_000
_LISTED = 8  #: lines after a heading like "Related stories" that may belong to its list
THRESHOLD = 0.5  #: a line is kept on its own from this probability on
_SENTENCE = 0.08  #: a sentence near a kept line is kept from this probability on
_GAP = 6  #: maximum number of lines between a sentence and the kept line
_SIGNED = 2  #: lines after the body that may be a signature
_FAR = 1000
_PITCH_WORDS = 15  #: words of a line after a heading of a newsletter that may advertise it
_HEADING = 0.06  #: a heading between two kept lines is kept from this probability on


@dataclass(frozen=True, slots=True)
class ClassifiedLines:
    """The lines of a page, with fields, body and reasons by line index."""

    texts: Sequence[str]
    fields: LineFields
    body: Sequence[int]
    reasons: Mapping[int, str]  #: lines that a rule excludes


def read(body: bytes | str, url: str) -> Article:
    """Return the article in plain text. Raises `Unreadable` if the input is empty or not text."""
    text = strip_controls(body) if isinstance(body, str) else decode(body)
    if not text.strip():
        raise Unreadable("The text is empty. Give a file with the page's text.")
    lines = classify_lines(text)
    fields = lines.fields
    paragraphs = [lines.texts[i] for i in lines.body]
    kind, kind_from = page_type.classify_text(lines.texts, paragraphs, fields.headline, len(fields.images))
    line = next((found for p in paragraphs[:2] if (found := dateline.parse(p))), None)
    language, _ = language_id.identify(" ".join(paragraphs[:40]), None)
    published, published_from = _published(fields, url)
    publisher = host_name(url)
    authors = fields.byline if fields.byline.people else _signature(lines, fields.byline)
    return Article(
        url=url,
        kind=kind,
        headline=fields.headline,
        article_body="\n".join(paragraphs) if kind.is_article else "",
        author=authors.people,
        agency=(line.agency if line else None) or authors.agency,
        article_section=fields.section,
        language=language,
        date_published=published.value if published else None,
        date_modified=fields.modified.value if fields.modified else None,
        date_precision=published.precision if published else None,
        dateline=line.place if line and kind is not Kind.SECTION else None,
        publisher=publisher or None,
        images=fields.images,
        provenance={
            "article_body": Provenance(source="text", rule="lines"),
            "kind": kind_from,
            **({"date_published": published_from} if published_from else {}),
            **({"publisher": Provenance(source="url", rule="host")} if publisher else {}),
        },
    )


def _signature(lines: ClassifiedLines, without: Byline) -> Byline:
    """Return the names that sign the text, in its last paragraph or in the lines after it, or `without`."""
    last = max(lines.body, default=len(lines.texts))
    signed = (byline.signature(text) for text in lines.texts[last : last + 1 + _SIGNED])
    return next((s for s in signed if s.people), without)


def _published(fields: LineFields, url: str) -> tuple[ParsedDate | None, Provenance | None]:
    """Return the publication date: from the first line that has one, else from the URL."""
    if fields.published:
        return fields.published, Provenance(source="text", rule="line")
    for candidate in dates_in_url(url):
        return candidate.value, Provenance(source=candidate.source, rule=f"{candidate.rule} (zone assumed: UTC)")
    return None, None


def classify_lines(text: str) -> ClassifiedLines:
    """Return the lines with their roles."""
    fields, line_input, reasons = prepare_features(text)
    probable = model.score(line_features.vectors(line_input), "lines") if line_input.texts else []
    left = [i for i in range(len(probable)) if i not in reasons]
    return ClassifiedLines(
        line_input.texts, fields, select_lines(left, probable, line_input.texts, line_input.ambiguous), reasons
    )


def prepare_features(text: str) -> tuple[LineFields, line_features.LineInput, dict[int, str]]:
    """Return the fields, the model's input, and the reasons of the lines that rules exclude."""
    texts = [line for line in map(fold, text.splitlines()) if line][:_MAX_LINES]
    fields = extract_line_fields(texts)
    reasons = dict.fromkeys(fields.used, "field or caption")
    ambiguous: set[int] = set()
    openers: list[int] = []
    for i, line in enumerate(texts):
        found = phrases.boilerplate_phrases().find(line)
        if found is not None and found.is_ambiguous:
            ambiguous.add(i)
        elif found is not None:
            reasons.setdefault(i, f"{found.reason}: {found.text}")
            if found.reason == "opens":
                openers.append(i)
            if found.reason in ("newsletter", "subscription") and _is_pitch(texts[i + 1] if i + 1 < len(texts) else ""):
                ambiguous.add(i + 1)
    reasons |= _after_openers(texts, openers)
    line_input = line_features.LineInput(
        texts=texts, out=reasons.keys(), ambiguous=ambiguous, openers=frozenset(openers), headline=fields.headline or ""
    )
    return fields, line_input, reasons


def _is_pitch(text: str) -> bool:
    """Return True for a line short enough to advertise a newsletter."""
    return text_size.words(text) <= _PITCH_WORDS


def _after_openers(texts: Sequence[str], openers: Sequence[int]) -> dict[int, str]:
    """Return the lines after a heading like "Related stories", up to the first sentence."""
    found = {}
    for opener in openers:
        for i in range(opener + 1, min(opener + 1 + _LISTED, len(texts))):
            if ends_sentence(texts[i]):
                break
            found[i] = f"after: {texts[opener]}"
    return found


def select_lines(
    left: Sequence[int], probable: By[float], texts: By[str], ambiguous: Set[int] = frozenset()
) -> list[int]:
    """Return the lines to keep: probable lines, sentences near them, headings between them.

    `left` are the lines that no rule excludes. A sentence may follow excluded lines.
    """
    left = [i for i in left if i not in ambiguous or probable[i] >= THRESHOLD]
    kept = {i for i in left if probable[i] >= THRESHOLD}
    beside = {
        i: pair for i, *pair in zip(left, (-_FAR, *left), (*left[1:], left[-1] + _FAR if left else 0), strict=False)
    }
    grows = True
    while grows:
        more = {i for i in left if i not in kept and _belongs(i, kept, beside[i], probable[i], texts[i])}
        kept |= more
        grows = bool(more)
    return sorted(kept)


def _belongs(i: int, kept: set[int], beside: Sequence[int], probable: float, text: str) -> bool:
    if ends_sentence(text):
        return probable >= _SENTENCE and any(j in kept and abs(i - j) <= _GAP for j in beside)
    return probable >= _HEADING and i - 1 in kept and i + 1 in kept
