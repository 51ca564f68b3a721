"""When a story was published and last changed: what each source says, the surest first, never the time of the crawl.

A date of day precision, or without a zone, is sharpened by a rival of the same day that has the time or the zone. A
date after `latest` (the time of the fetch, where the caller knows it) is not believed. Where no source gives a zone,
UTC is assumed, and the rule says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from worker.extraction import word_tables
from worker.extraction.candidates import Candidate, choose
from worker.extraction.fields.headline_context import HeadlineContext, is_within
from worker.extraction.html.tree import Element, Tree, is_longer, text_of
from worker.extraction.page_data import PageData
from worker.extraction.text.date_parser import ParsedDate, parse
from worker.model.records import Provenance

_CHANGED = re.compile(
    r"updat|modif|aktualisiert|stand:|actualiza|mis à jour|aggiorna|bijgewerkt|gewijzigd|uppdater|opdater|oppdater|"
    r"edited|last changed|изменен|обновл|güncelle|zaktualizowan|atualizad",
    re.I,
)
_IN_PATH = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2]|[a-z]{3})[/-]?([0-3]\d)(?:[/-]|(?=\D))", re.I)
_MONTHS = dict(zip(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), range(1, 13), strict=True))
_DIGIT = re.compile(r"\d")
_FIRST = re.compile(r"publi|veröffentlicht|erstellt|posted", re.I)
_NO_DATE = frozenset({"script", "style", "meta", "img", "svg", "path", "button", "input", "form"})
_LONGEST = 160  #: characters of a line that prints a date
_PLAIN = frozenset({"p", "div", "span", "li", "td", "small", "em", "font"})
_PLAIN_REACH = 45  #: elements after the headline
_LONGEST_PLAIN = 110  #: characters
_SLACK = timedelta(hours=26)  #: a clock or a zone may be this far off before a date counts as in the future


@dataclass(frozen=True, slots=True)
class Dates:
    published: ParsedDate | None = None
    published_from: Provenance | None = None
    modified: ParsedDate | None = None
    modified_from: Provenance | None = None


def find_dates(
    tree: Tree, data: PageData, nearby: HeadlineContext, language: str | None = None, latest: datetime | None = None
) -> Dates:
    """Both dates with their provenance. `language` settles the order of day and month ("en" with a US address: month
    first).
    """
    day_first = not (
        language in (None, "en") and not re.search(r"\.(?:uk|au|nz|za|in|ie|ng|ke|my|sg)(?:[:/]|$)", tree.url)
    )
    printed = list(_printed(tree, nearby, day_first))
    published = [
        *_published(tree, data, day_first),
        *(c for c, changed in printed if not changed),
        *dates_in_url(tree.url),
    ]
    modified = [*_modified(tree, data, day_first), *(c for c, changed in printed if changed)]
    value, source = _choose_date(published, latest)
    changed, changed_from = _choose_date(modified, latest)
    if value is None and changed_from is not None:  # "Stand: 24.11.2026" is all that many a page says
        value, source = changed, replace(changed_from, rule=f"{changed_from.rule} (of the last change)")
    if changed and value and changed.value < value.value - _SLACK:
        changed, changed_from = None, None
    return Dates(value, source, changed, changed_from)


def _choose_date(
    candidates: list[Candidate[ParsedDate]], latest: datetime | None
) -> tuple[ParsedDate | None, Provenance | None]:
    """The first claim that is not in the future, sharpened by the others."""
    limit = latest + _SLACK if latest else None
    past = [c for c in candidates if limit is None or c.value.value <= limit]
    future = [replace(c, rule=f"{c.rule} (in the future)") for c in candidates if limit and c.value.value > limit]
    value, source = choose((*past, *(future if past else ())), lambda m: m.value.isoformat())
    if value is None or source is None:
        return None, None
    for other in (c for c in past[1:] if not (value.zoned and value.precision == "second")):
        sharper = _refine(value, other.value)
        if sharper != value:
            value, source = sharper, replace(source, rule=f"{source.rule} + {other.source}:{other.rule}")
    if not value.zoned:
        source = replace(source, rule=f"{source.rule} (zone assumed: UTC)")
    return value, source


def _refine(date: ParsedDate, other: ParsedDate) -> ParsedDate:
    """The other where it is the same day or the same clock time, and knows more."""
    apart = abs(date.value - other.value)
    if date.is_day and not other.is_day and apart < timedelta(hours=24):
        return other
    if not date.zoned and other.zoned and not other.is_day and apart <= timedelta(hours=14):
        same_clock = (apart.total_seconds() % 900) < 60
        return other if same_clock else date
    return date


def _published(tree: Tree, data: PageData, day_first: bool) -> Iterator[Candidate[ParsedDate]]:
    articles = [s for s in data.articles if s.source in ("json-ld", "fusion", "next")]
    yield from _candidates(((s.source, f"{s.rule}.published", s.published) for s in articles), day_first)
    yield from _candidates(
        (("meta", n, v) for n in word_tables.load("fields")["published_meta"] for v in tree.meta.get(n, ())[:1]),
        day_first,
    )
    others = [s for s in data.articles if s not in articles]
    yield from _candidates(((s.source, f"{s.rule}.published", s.published) for s in others), day_first)


def _modified(tree: Tree, data: PageData, day_first: bool) -> Iterator[Candidate[ParsedDate]]:
    yield from _candidates(((s.source, f"{s.rule}.modified", s.modified) for s in data.articles), day_first)
    yield from _candidates(
        (("meta", n, v) for n in word_tables.load("fields")["modified_meta"] for v in tree.meta.get(n, ())[:1]),
        day_first,
    )


def _candidates(values: Iterator[tuple[str, str, str | None]], day_first: bool) -> Iterator[Candidate[ParsedDate]]:
    for source, rule, text in values:
        if text and (date := parse(text, day_first=day_first)):
            yield Candidate(source, rule, date)


def _printed(tree: Tree, nearby: HeadlineContext, day_first: bool) -> Iterator[tuple[Candidate[ParsedDate], bool]]:
    """Dates that stand near the headline, and whether each is one of a change: <time> elements, and elements named for
    dates.
    """
    seen: set[str] = set()
    for node, rule in _date_elements(tree, nearby):
        stamp = (
            node.get("datetime")
            or node.get("data-datetime")
            or node.get("data-timestamp")
            or node.get("content")
            or (node.get("title") if node.tag == "abbr" else "")
            or ""
        )
        text = text_of(node)
        if f"{stamp} {text}" in seen or len(text) > _LONGEST or not (stamp or _DIGIT.search(text)):
            continue
        seen.add(f"{stamp} {text}")
        for part, changed in _split_changed(text, f"{node.get('class') or ''} {node.get('itemprop') or ''}"):
            if date := (parse(stamp, day_first=day_first) if stamp else None) or parse(part, day_first=day_first):
                yield Candidate("dom", rule, date), changed


def _split_changed(text: str, label: str) -> Iterator[tuple[str, bool]]:
    """A line's parts, and whether each is of a change: "05.04.2025 - Updated: 06.04.2025" has one of both."""
    changed = _CHANGED.search(text)
    if changed and re.search(r"\d", text[: changed.start()]):
        yield text[: changed.start()], False
        yield text[changed.start() :], True
    else:
        yield text, bool(changed or _CHANGED.search(label)) and not _FIRST.search(f"{text} {label}")


def _date_elements(tree: Tree, nearby: HeadlineContext) -> Iterator[tuple[Element, str]]:
    """Elements that may hold a date from the h1 on, then those right before it, then any <time>."""
    for element in (*nearby.after, *nearby.before):
        is_time = element.node.tag == "time"
        is_dated = is_time or ("dated" in element.roles and element.node.tag not in _NO_DATE)
        if is_dated and not _is_in_boilerplate(element.node):
            yield element.node, "time" if is_time else "dated element"
    yield from ((node, "line by the headline") for node in _short_lines(nearby))
    yield from ((node, "time in page") for node in tree.root.iter("time") if not _is_in_boilerplate(node))


def _short_lines(nearby: HeadlineContext) -> Iterator[Element]:
    """Short elements between the headline and the first paragraph; nothing but their text says that they are dates."""
    for element in nearby.after[1:_PLAIN_REACH]:
        node = element.node
        if (tag := node.tag) not in _PLAIN:
            continue
        if not is_longer(node, _LONGEST_PLAIN):
            if not _is_in_boilerplate(node):
                yield node
        elif tag == "p":
            return


def _is_in_boilerplate(node: Element) -> bool:
    return is_within(node, ("aside", "nav", "footer"))


def dates_in_url(url: str) -> Iterator[Candidate[ParsedDate]]:
    """The day in a path such as /2026/11/24/slug."""
    match = _IN_PATH.search(url)
    if match:
        month = str(_MONTHS.get(match[2].lower(), match[2]))
        if month.isdigit() and (date := parse(f"{match[1]}-{month}-{match[3]}")):
            yield Candidate("url", "path", date)
