"""The dates of publication and of the last change, from all sources. The time of the crawl is never used.

A date without a time, or without a zone, is refined by another candidate of the same day that has it. A date after
`latest` (the time of the fetch, if known) is not trusted. If no source gives a zone, a time is of the country of the
site's domain (.jp), else of UTC, and the rule says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from worker.extraction import word_tables
from worker.extraction.candidates import Candidate, choose
from worker.extraction.fields.headline_context import HeadlineContext, is_within
from worker.extraction.fields.publisher import host_name
from worker.extraction.html.tree import Element, Tree, is_longer, text_of
from worker.extraction.page_data import PageData
from worker.extraction.text import time_zones
from worker.extraction.text.date_lines import split_changed
from worker.extraction.text.date_parser import ParsedDate, parse
from worker.model.records import Provenance

_PATH_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2]|[a-z]{3})[/-]?([0-3]\d)(?:[/-]|(?=\D))", re.I)
_SLUG_DATE = re.compile(r"[/_-]((?:19|20)\d\d)(-?)(0[1-9]|1[0-2])\2([0-3]\d)(?=[/._-]|$)")
_MONTHS = dict(zip(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), range(1, 13), strict=True))
_GLUED_CLOCK = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=\d{1,2}:\d\d)")  # <span>May 5, 2026</span><span>5:00</span>
_DIGIT = re.compile(r"\d")
_NEVER_DATES = frozenset({"script", "style", "meta", "img", "svg", "path", "button", "input", "form"})
_TIMESTAMPS = ("datetime", "data-datetime", "data-timestamp", "content")
_DATED_NAME = re.compile(r"date|time|epoch|publi|posted|created", re.I)
_MOMENT = re.compile(r"(?:\d{10}(?:\d{3})?|20\d\d-[01]\d-[0-3]\d(?:[T ].{4,30})?)$")
_LONGEST = 160  #: characters of a line with a date, at most
_PLAIN = frozenset({"p", "div", "span", "li", "td", "small", "em", "font"})
_PLAIN_REACH = 45  #: elements after the headline that are searched for unnamed dates
_LONGEST_PLAIN = 110  #: characters of such an element, at most
_SLACK = timedelta(hours=26)  #: the error of a clock or a zone that is tolerated before a date counts as in the future


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of an article, with their provenance."""

    published: ParsedDate | None = None
    published_from: Provenance | None = None
    modified: ParsedDate | None = None
    modified_from: Provenance | None = None


def find_dates(
    tree: Tree, data: PageData, nearby: HeadlineContext, language: str | None = None, latest: datetime | None = None
) -> Dates:
    """Return both dates with their provenance.

    `language` decides the order of day and month: English puts the month first, except on British and similar domains.
    """
    day_first = not (
        language in (None, "en") and not re.search(r"\.(?:uk|au|nz|za|in|ie|ng|ke|my|sg)(?:[:/]|$)", tree.url)
    )
    home = time_zones.country_zone(host_name(tree.url))
    printed = list(_printed(tree, nearby, day_first, home, latest))
    published = [
        *_published(tree, data, day_first),
        *(c for c, changed in printed if not changed),
        *dates_in_url(tree.url),
    ]
    modified = [*_modified(tree, data, day_first), *(c for c, changed in printed if changed)]
    value, source = _choose_date(published, latest, home)
    changed, changed_from = _choose_date(modified, latest, home)
    if value is None and changed_from is not None:  # many pages only give the date of the last change
        value, source = changed, replace(changed_from, rule=f"{changed_from.rule} (of the last change)")
    if changed and value and changed.value < value.value - _SLACK:
        changed, changed_from = None, None
    return Dates(value, source, changed, changed_from)


def _choose_date(
    candidates: list[Candidate[ParsedDate]], latest: datetime | None, home: str | None
) -> tuple[ParsedDate | None, Provenance | None]:
    """Return the first candidate that is not in the future, refined by the others."""
    limit = latest + _SLACK if latest else None
    past = [c for c in candidates if limit is None or c.value.value <= limit]
    future = [replace(c, rule=f"{c.rule} (in the future)") for c in candidates if limit and c.value.value > limit]
    value, source = choose((*past, *(future if past else ())), lambda m: m.value.isoformat())
    if value is None or source is None:
        return None, None
    for other in (c for c in past[1:] if not (value.zoned and value.precision == "second")):
        refined = _refine(value, other.value)
        if refined != value:
            value, source = refined, replace(source, rule=f"{source.rule} + {other.source}:{other.rule}")
    if not value.zoned:
        zone = home if home and not value.is_day else None
        value = value.in_zone(zone) if zone else value
        source = replace(source, rule=f"{source.rule} (zone assumed: {zone or 'UTC'})")
    return value, source


def _refine(date: ParsedDate, other: ParsedDate) -> ParsedDate:
    """Return the other date if it is the same day or the same clock time and more precise, else the first date."""
    if date.is_day:
        return other if date.day == other.day and not other.is_day else date
    difference = abs(date.value - other.value)
    if not date.zoned and other.zoned and not other.is_day and difference <= timedelta(hours=14):
        same_clock = (difference.total_seconds() % 900) < 60
        return other if same_clock else date
    return date


def _published(tree: Tree, data: PageData, day_first: bool) -> Iterator[Candidate[ParsedDate]]:
    articles = [s for s in data.articles if s.source in ("json-ld", "fusion", "next")]
    yield from _candidates(((s.source, f"{s.rule}.published", s.published) for s in articles), day_first)
    yield from _candidates(_meta_values(tree, "published_meta"), day_first)
    others = [s for s in data.articles if s not in articles]
    yield from _candidates(((s.source, f"{s.rule}.published", s.published) for s in others), day_first)


def _modified(tree: Tree, data: PageData, day_first: bool) -> Iterator[Candidate[ParsedDate]]:
    yield from _candidates(((s.source, f"{s.rule}.modified", s.modified) for s in data.articles), day_first)
    yield from _candidates(_meta_values(tree, "modified_meta"), day_first)


def _meta_values(tree: Tree, table: str) -> Iterator[tuple[str, str, str]]:
    """Yield (source, rule, value) for the meta tags of a list in tables/fields.toml, in the order of the list."""
    named = tree.cached(_named_metas)
    names = word_tables.load("fields")[table]
    yield from (("meta", n, named[k]) for n in names if (k := _meta_key(n)) in named)


def _named_metas(tree: Tree) -> Mapping[str, str]:
    """Return the first value of each meta tag by its key.

    Some sites write `value` for `content`. Names differ in case and in their separators: "Publish_Date".
    """
    named: dict[str, str] = {}
    for node in tree.root.iter("meta"):
        value = node.get("content") or node.get("value")
        for attribute in ("name", "property", "itemprop", "http-equiv"):
            if value and (name := node.get(attribute)):
                named.setdefault(_meta_key(name), value)
    return named


@lru_cache(maxsize=1024)
def _meta_key(name: str) -> str:
    return re.sub(r"[\s_-]", "", name.lower())


def _candidates(values: Iterator[tuple[str, str, str | None]], day_first: bool) -> Iterator[Candidate[ParsedDate]]:
    for source, rule, text in values:
        if text and (date := parse(text, day_first=day_first)):
            yield Candidate(source, rule, date)


def _printed(
    tree: Tree, nearby: HeadlineContext, day_first: bool, home: str | None, latest: datetime | None
) -> Iterator[tuple[Candidate[ParsedDate], bool]]:
    """Yield dates near the headline, each with True if it is the date of a change.

    They are in <time> elements and in elements named for dates.
    """
    seen: set[str] = set()
    for node, rule in _date_elements(tree, nearby):
        timestamp, changed_at = _timestamps(node)
        text = _GLUED_CLOCK.sub(r"\1 ", text_of(node))
        if f"{timestamp} {text}" in seen or len(text) > _LONGEST or not (timestamp or _DIGIT.search(text)):
            continue
        seen.add(f"{timestamp} {text}")
        if changed_at and (date := parse(changed_at, day_first=day_first, zone=home, now=latest)):
            yield Candidate("dom", f"{rule}, data attribute", date), True
        label = f"{node.get('class') or ''} {node.get('itemprop') or ''}"
        stamped = parse(timestamp, day_first=day_first, zone=home, now=latest) if timestamp else None
        dated = [
            (parse(part, day_first=day_first, zone=home, now=latest), changed)
            for part, changed in split_changed(text, label)
        ]
        for date, changed in _with_timestamp(dated, stamped, label):
            yield Candidate("dom", rule, date), changed


def _timestamps(node: Element) -> tuple[str, str]:
    """Return the values of the attributes for a date, and for the date of the last change; "" for none."""
    named = next((v for a in _TIMESTAMPS if (v := node.get(a))), "")
    if not named and node.tag == "abbr":
        named = node.get("title") or ""
    if named or not any(str(name).startswith("data-") for name in node.attrib):
        return named, ""
    values = [(str(n), str(v)) for n, v in node.attrib.items() if str(n).startswith("data-") and _MOMENT.match(str(v))]
    changed = word_tables.pattern("dates", "changed")
    published = (v for n, v in values if _DATED_NAME.search(n) and not changed.search(n))
    return next(published, ""), next((v for n, v in values if changed.search(n)), "")


def _with_timestamp(
    dated: list[tuple[ParsedDate | None, bool]], stamped: ParsedDate | None, label: str
) -> Iterator[tuple[ParsedDate, bool]]:
    """Yield the dates of a line's parts, with the attribute's date in place of the one that it repeats.

    In a line of two dates the attribute is the one that the element is named for, or that has its time of day.
    """
    owner = 0
    if stamped and len(dated) > 1:
        named = word_tables.pattern("dates", "changed").search(label) is not None
        same = [i for i, (date, _) in enumerate(dated) if date and _refine(date, stamped) != date]
        owner = next((i for i, (_, changed) in enumerate(dated) if changed), 0) if named else (same or [0])[0]
    for i, (date, changed) in enumerate(dated):
        value = date
        if stamped and i == owner:
            value = _refine(stamped, date) if date and stamped.is_day else stamped
        if value:
            yield value, changed


def _date_elements(tree: Tree, nearby: HeadlineContext) -> Iterator[tuple[Element, str]]:
    """Yield elements that may hold a date, with the rule: after the headline, before it, then any <time>."""
    for element in (*nearby.after, *nearby.before):
        is_time = element.node.tag == "time"
        is_dated = is_time or ("dated" in element.roles and element.node.tag not in _NEVER_DATES)
        if is_dated and not _is_in_boilerplate(element.node):
            yield element.node, "time" if is_time else "dated element"
    yield from ((node, "line by the headline") for node in _short_lines(nearby))
    yield from ((node, "time in page") for node in tree.root.iter("time") if not _is_in_boilerplate(node))


def _short_lines(nearby: HeadlineContext) -> Iterator[Element]:
    """Yield short elements between the headline and the first paragraph whose text alone may be a date."""
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
    """Yield the day in a path such as /2026/11/24/slug, or in a slug: /bridge-closes-20261124-100.html."""
    if match := _PATH_DATE.search(url):
        month = str(_MONTHS.get(match[2].lower(), match[2]))
        if month.isdigit() and (date := parse(f"{match[1]}-{month}-{match[3]}")):
            yield Candidate("url", "path", date)
    elif (match := _SLUG_DATE.search(re.split("[?#]", url)[0])) and (
        date := parse(f"{match[1]}-{match[3]}-{match[4]}")
    ):
        yield Candidate("url", "slug", date)
