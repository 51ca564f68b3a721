"""The state of a search page, as its URL holds it, and the URLs that change one part of it.

The parameters are those of `GET /v1/search`, so the URL of a page becomes a URL of the API by changing its path. Two
belong to the page: `cursor` may be repeated, once for each page that was opened last, so that the way back needs no
script; `skipped` counts the pages before those.
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
#: Maximum length of the words, and of the filters in a URL: hundreds of links on a page repeat them.
MAX_QUERY_CHARS, MAX_FILTER_CHARS = 1000, 2000
MAX_PAGES = 100  #: number of pages that a reader can open one after the other
MAX_CURSORS = 8  #: number of cursors kept in the URL: one of 2,000 characters works everywhere

Words = Annotated[list[str] | None, Query()]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchState:
    """One search and the page of it that is shown."""

    q: str = ""
    filters: tuple[str, ...] = ()  #: "field=value"
    since: str = ""
    until: str = ""
    scope: str = "all"
    sort: str = "relevance"
    cursors: tuple[str, ...] = ()  #: cursors of the pages opened last
    skipped: int = 0  #: number of pages before those

    def url(self, **changes: Any) -> str:
        """Return the URL of this search with changes. A changed search begins on its first page."""
        params = urlencode(list(replace(self, **{"cursors": (), "skipped": 0, **changes}).pairs()))
        return f"/?{params}" if params else "/"

    def api_url(self, suffix: str, **more: str) -> str:
        """Return the URL of the whole search in the API, in a format such as ".csv", with parameters of that format."""
        params = urlencode([*replace(self, cursors=(), skipped=0).pairs(), *more.items()])
        return f"/v1/search{suffix}{'?' * bool(params)}{params}"

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the parameters that differ from their defaults."""
        if self.q:
            yield "q", self.q
        yield from (("filter", f) for f in self.filters)
        for name, value, default in (
            ("since", self.since, ""),
            ("until", self.until, ""),
            ("scope", self.scope, "all"),
            ("sort", self.sort, "relevance"),
        ):
            if value != default:
                yield name, value
        yield from (("cursor", c) for c in self.cursors)
        if self.skipped:
            yield "skipped", str(self.skipped)

    def with_filter(self, name: str, value: str) -> str:
        """Return the URL of this search with one more filter."""
        return self.url(filters=(*self.filters, f"{name}={value}"))

    def without_filter(self, name: str, value: str) -> str:
        """Return the URL of this search without one filter."""
        return self.url(filters=tuple(f for f in self.filters if f != f"{name}={value}"))

    def next_page(self, cursor: str) -> str:
        """Return the URL of the page that begins at `cursor`."""
        cursors = (*self.cursors, cursor)
        skipped = self.skipped + max(0, len(cursors) - MAX_CURSORS)
        return self.url(cursors=cursors[-MAX_CURSORS:], skipped=skipped)

    def previous_page(self) -> str:
        """Return the URL of the previous page, or of the first page if the previous cursor is unknown."""
        return self.url(cursors=self.cursors[:-1], skipped=self.skipped) if self.knows_previous_page else self.url()

    @property
    def knows_previous_page(self) -> bool:
        """True if the URL holds the cursor of the page before."""
        return len(self.cursors) > 1 or not self.skipped

    @property
    def page(self) -> int:
        """Number of the page, from 1."""
        return self.skipped + len(self.cursors) + 1

    @property
    def matches_everything(self) -> bool:
        """True if nothing narrows the search."""
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
) -> SearchState:
    """Return the state in the parameters of a request; a dependency of FastAPI."""
    cursors = tuple(cursor or ())
    before = min(int(skipped[:9]), MAX_PAGES) if cursors and skipped.isdecimal() else 0
    return SearchState(
        q=q,
        filters=tuple(dict.fromkeys(filter or ())),
        since=since.strip(),
        until=until.strip(),
        scope=scope or "all",
        sort=sort or "relevance",
        cursors=cursors[-MAX_CURSORS:],
        skipped=before + max(0, len(cursors) - MAX_CURSORS),
    )


def without_invalid_parts(state: SearchState) -> tuple[SearchState, tuple[str, ...]]:
    """Return the state without its invalid parts, and a note about each of them."""
    notes: list[str] = []
    state = _shortened(state, notes)
    valid = replace(
        state,
        filters=tuple(f for f in state.filters if _is_valid(f, lambda f: parse_filters([f]), notes)),
        since=state.since if _is_valid(state.since, _date, notes) else "",
        until=state.until if _is_valid(state.until, _date, notes) else "",
        scope=_one_of("scope", state.scope, SCOPES, notes),
        sort=_one_of("sort", state.sort, SORTS, notes),
    )
    return valid, tuple(notes)


def to_query(state: SearchState, facets: tuple[str, ...]) -> queries.Query:
    """Return the query for one page of a valid state."""
    return queries.Query(
        text=state.q,
        filters=parse_filters(state.filters),
        since=_date(state.since),
        until=_date(state.until),
        scope=state.scope,
        sort=state.sort,
        facets=facets,
        facet_size=FACET_SIZE,
        histogram="auto",
        size=PAGE_SIZE,
        cursor=state.cursors[-1] if state.cursors else None,
    )


def _shortened(state: SearchState, notes: list[str]) -> SearchState:
    lengths = accumulate(len(urlencode([("filter", f)])) for f in state.filters)
    filters = tuple(f for f, length in zip(state.filters, lengths, strict=True) if length <= MAX_FILTER_CHARS)
    if dropped := len(state.filters) - len(filters):
        notes.append(f"{dropped} of {len(state.filters)} filters were ignored, because their URL is too long")
    if len(state.q) > MAX_QUERY_CHARS:
        notes.append(f"Only the first {MAX_QUERY_CHARS:,} characters of the query were used")
    return replace(state, q=state.q[:MAX_QUERY_CHARS], filters=filters)


def _is_valid(text: str, parse: Callable[[str], object], notes: list[str]) -> bool:
    try:
        parse(text)
    except BadInput as e:
        notes.append(str(e))
        return False
    return True


def _one_of(name: str, value: str, allowed: tuple[str, ...], notes: list[str]) -> str:
    if value in allowed:
        return value
    notes.append(f"Unknown {name} {value!r}. Allowed values: {', '.join(allowed)}.")
    return allowed[0]


def _date(text: str) -> datetime | None:
    return parse_date(text) if text else None
