"""What the address of a search page asks for, and the addresses that differ from it in one thing.

The parameters are those of `GET /v1/search`, so that a page's address becomes the API's by its path. Two are the page's
own: `cursor` may stand several times, one a page that was turned last, so that there is a way back without a script;
and `skipped` counts the pages before those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query

from api.presentation.query_input import parse_date, parse_filters
from worker.errors import BadInput
from worker.model import query as queries
from worker.search.validation import SCOPES, SORTS

PAGE_SIZE = 20
FACET_SIZE = 40
#: Of words, and of filters in an address: a page has hundreds of links that repeat them.
MOST_QUERY_CHARS, MOST_FILTER_CHARS = 1000, 2000
MOST_PAGES = 100  #: that one turns by hand
KEPT_CURSORS = 8  #: of the pages turned last: an address of 2,000 characters passes everywhere

Words = Annotated[list[str] | None, Query()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    q: str = ""
    filters: tuple[str, ...] = ()  #: "field=value"
    since: str = ""
    until: str = ""
    scope: str = "all"
    sort: str = "relevance"
    trail: tuple[str, ...] = ()  #: cursors of the pages turned last
    skipped: int = 0  #: pages turned before those

    def url(self, **changes: Any) -> str:
        """The address of this search with changes; what changes it begins on its first page again."""
        words = urlencode(list(replace(self, **{"trail": (), "skipped": 0, **changes}).pairs()))
        return f"/?{words}" if words else "/"

    def api(self, form: str, **more: str) -> str:
        """The address of the whole search at the API, in a form such as ".csv", with parameters of that form."""
        words = urlencode([*replace(self, trail=(), skipped=0).pairs(), *more.items()])
        return f"/v1/search{form}{'?' * bool(words)}{words}"

    def pairs(self) -> Iterator[tuple[str, str]]:
        """The parameters that are not as they are by default."""
        if self.q:
            yield "q", self.q
        yield from (("filter", f) for f in self.filters)
        for name, value, usual in (
            ("since", self.since, ""),
            ("until", self.until, ""),
            ("scope", self.scope, "all"),
            ("sort", self.sort, "relevance"),
        ):
            if value != usual:
                yield name, value
        yield from (("cursor", c) for c in self.trail)
        if self.skipped:
            yield "skipped", str(self.skipped)

    def with_filter(self, name: str, value: str) -> str:
        return self.url(filters=(*self.filters, f"{name}={value}"))

    def without_filter(self, name: str, value: str) -> str:
        return self.url(filters=tuple(f for f in self.filters if f != f"{name}={value}"))

    def next_page(self, cursor: str) -> str:
        trail = (*self.trail, cursor)
        return self.url(trail=trail[-KEPT_CURSORS:], skipped=self.skipped + max(0, len(trail) - KEPT_CURSORS))

    def previous_page(self) -> str:
        """The first page where the way back is not known so far."""
        return self.url(trail=self.trail[:-1], skipped=self.skipped) if self.knows_way_back else self.url()

    @property
    def knows_way_back(self) -> bool:
        return len(self.trail) > 1 or not self.skipped

    @property
    def page(self) -> int:
        """From 1."""
        return self.skipped + len(self.trail) + 1

    @property
    def is_everything(self) -> bool:
        """Whether nothing narrows the search."""
        return not (self.q.strip() or self.filters or self.since or self.until)


def from_request(
    q: str = "",
    filter: Words = None,
    since: str = "",
    until: str = "",
    scope: str = "all",
    sort: str = "relevance",
    cursor: Words = None,
    skipped: str = "",
) -> Asked:
    """A dependency: the parameters of a request as they came."""
    turned = tuple(cursor or ())
    before = min(int(skipped[:9]), MOST_PAGES) if turned and skipped.isdecimal() else 0
    return Asked(
        q=q,
        filters=tuple(dict.fromkeys(filter or ())),
        since=since.strip(),
        until=until.strip(),
        scope=scope or "all",
        sort=sort or "relevance",
        trail=turned[-KEPT_CURSORS:],
        skipped=before + max(0, len(turned) - KEPT_CURSORS),
    )


def understood(asked: Asked) -> tuple[Asked, tuple[str, ...]]:
    """The search without what cannot be read in it, and a sentence for each thing that was passed over."""
    notes: list[str] = []
    asked = _short(asked, notes)
    kept = replace(
        asked,
        filters=tuple(f for f in asked.filters if _can_be_read(f, lambda f: parse_filters([f]), notes)),
        since=asked.since if _can_be_read(asked.since, _moment, notes) else "",
        until=asked.until if _can_be_read(asked.until, _moment, notes) else "",
        scope=_one_of("scope", asked.scope, SCOPES, notes),
        sort=_one_of("sort", asked.sort, SORTS, notes),
    )
    return kept, tuple(notes)


def query(asked: Asked, facets: tuple[str, ...]) -> queries.Query:
    """The query of an understood search, for one page of it."""
    return queries.Query(
        text=asked.q,
        filters=parse_filters(asked.filters),
        since=_moment(asked.since),
        until=_moment(asked.until),
        scope=asked.scope,
        sort=asked.sort,
        facets=facets,
        facet_size=FACET_SIZE,
        histogram="auto",
        size=PAGE_SIZE,
        cursor=asked.trail[-1] if asked.trail else None,
    )


def _short(asked: Asked, notes: list[str]) -> Asked:
    lengths = accumulate(len(urlencode([("filter", f)])) for f in asked.filters)
    filters = tuple(f for f, length in zip(asked.filters, lengths, strict=True) if length <= MOST_FILTER_CHARS)
    if passed_over := len(asked.filters) - len(filters):
        notes.append(f"{passed_over} of {len(asked.filters)} filters were passed over: a page takes fewer")
    if len(asked.q) > MOST_QUERY_CHARS:
        notes.append(f"only the first {MOST_QUERY_CHARS:,} characters were read")
    return replace(asked, q=asked.q[:MOST_QUERY_CHARS], filters=filters)


def _can_be_read(text: str, read: Callable[[str], object], notes: list[str]) -> bool:
    try:
        read(text)
    except BadInput as e:
        notes.append(str(e))
        return False
    return True


def _one_of(name: str, value: str, allowed: tuple[str, ...], notes: list[str]) -> str:
    if value in allowed:
        return value
    notes.append(f"{name} {value!r} is not known; allowed: {', '.join(allowed)}")
    return allowed[0]


def _moment(text: str) -> datetime | None:
    return parse_date(text) if text else None
