"""The search service: everything about a search that does not depend on the backend.

A query is checked and parsed here. The backend then returns raw hits and counts (`SearchBackend`). Highlights, cursors,
histogram intervals and spelling suggestions are made here from them, so that both backends give the same answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, Protocol

from worker.model.query import Bucket, Highlights, Hit, Query, Results
from worker.search import cursors
from worker.search.fields import stemmed_as
from worker.search.highlighting import highlights, marks_anything, names_match
from worker.search.histogram import fitting_interval, merge_days
from worker.search.query_parser import All, Node, parse
from worker.search.spelling import MAX_WORDS, KnownWord, checked_words, corrected, nearest
from worker.search.validation import check_query

Fields = Mapping[str, Any]  #: an article as it is stored, see `storage.document_json`


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """A checked query with its parsed words."""

    query: Query
    node: Node
    after: tuple[float, str] | None = None  #: sort key and id of the last hit of the page before

    @property
    def by_score(self) -> bool:
        """True if hits are sorted by relevance. A query without words gives every hit the same relevance."""
        return self.query.sort == "relevance" and self.node != All()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawHit:
    """An article that a backend has found."""

    fields: Fields
    key: float  #: sort key: a score, or a number for the date
    score: float | None = None  #: None if hits are not sorted by relevance

    @property
    def id(self) -> str:
        """The id of the article."""
        return str(self.fields["id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCounts:
    """Articles by day of publication."""

    counts: Mapping[date, int]  #: by day, or by the first day of the requested interval
    span_ms: int  #: milliseconds from the first to the last publication time


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResults:
    """The answer of a backend to one request."""

    total: int
    hits: Sequence[RawHit] = ()  #: one more than `query.size` if there is a next page
    facets: Mapping[str, tuple[Bucket, ...]] = field(default_factory=dict)
    days: DayCounts | None = None  #: if the query has a histogram


class SearchBackend(Protocol):
    """The part of a search that depends on the store."""

    def find(self, request: SearchRequest) -> RawResults:
        """Return one page of hits with its counts."""

    def find_all(self, request: SearchRequest) -> Iterator[Fields]:
        """Yield all articles that a query finds, in its order, as they are when the iteration begins."""

    def find_similar(self, id: str, size: int) -> RawResults:
        """Return articles that share many characteristic words with that article, best first."""

    def known_words(self, words: Sequence[str], limit: int) -> Mapping[str, Sequence[KnownWord]]:
        """Return known words that resemble each of the first `limit` words that no article has."""

    def highlight(self, request: SearchRequest, languages: Mapping[str, str | None]) -> Mapping[str, Highlights]:
        """Return highlights by id for hits in which this module finds no match.

        `languages` gives the stemmed language of each hit. A backend may return nothing.
        """


class SearchService:
    """Searches the articles of one backend."""

    def __init__(self, backend: SearchBackend) -> None:
        self._backend = backend

    def find(self, query: Query) -> Results:
        """Return one page of results.

        Raise `errors.BadInput` for unknown fields, facets and sort orders, and for a cursor of another query. The words
        of a query never raise an error.
        """
        request, notes = _request(query)
        raw = self._backend.find(request)
        page = raw.hits[: query.size]
        is_last = len(raw.hits) <= len(page) or not page
        interval = _interval(query, raw.days)
        return Results(
            total=raw.total,
            hits=self._hits(request, page),
            facets=raw.facets,
            histogram=merge_days(raw.days.counts, interval) if raw.days and interval else (),
            interval=interval,
            next_cursor=None if is_last else cursors.pack(query, page[-1].key, page[-1].id),
            notes=notes,
            suggestion=self._suggestion(request) if raw.total == 0 and not query.ids else None,
        )

    def similar(self, id: str, size: int) -> Results:
        """Return articles that share many characteristic words with that article, without the article itself."""
        check_query(Query(size=size))
        raw = self._backend.find_similar(id, size)
        return Results(total=raw.total, hits=tuple(Hit(fields=h.fields, score=h.score) for h in raw.hits))

    def export(self, query: Query) -> Iterator[Fields]:
        """Yield every article that a query finds, as stored, in the query's order.

        Ignores `size`, `cursor` and `facets`. Reads page by page, so that a result set of any size can be streamed.
        """
        request, _ = _request(query, is_paged=False)
        return self._backend.find_all(request)

    def _hits(self, request: SearchRequest, page: Sequence[RawHit]) -> tuple[Hit, ...]:
        node, scope = request.node, request.query.scope
        has_marks = marks_anything(node, scope)
        marks: dict[str, Highlights] = {}
        unmarked: dict[str, str | None] = {}
        for hit in page:
            texts = {name: value if isinstance(value, list) else [value] for name, value in hit.fields.items()}
            language = hit.fields.get("language")
            marks[hit.id] = highlights(node, scope, language, texts)
            if not marks[hit.id] and has_marks and not names_match(node, scope, texts):
                unmarked[hit.id] = stemmed_as(language)
        if unmarked:
            marks |= self._backend.highlight(request, unmarked)
        return tuple(Hit(fields=hit.fields, score=hit.score, highlights=marks[hit.id]) for hit in page)

    def _suggestion(self, request: SearchRequest) -> str | None:
        """Return the query's text with known words in place of unknown ones; None if there are none."""
        words = list(dict.fromkeys(checked_words(request.node)))
        known = self._backend.known_words(words, MAX_WORDS) if words else {}
        better = {word: found for word, candidates in known.items() if (found := nearest(word, candidates))}
        return corrected(request.query.text, dict(islice(better.items(), MAX_WORDS)))


def _request(query: Query, *, is_paged: bool = True) -> tuple[SearchRequest, tuple[str, ...]]:
    """Return the checked request of a query, and notes on how unusual parts of its text were interpreted."""
    check_query(query)
    parsed = parse(query.text)
    request = SearchRequest(query=query, node=parsed.node)
    if is_paged:
        after = cursors.unpack(query, by_score=request.by_score)
        request = SearchRequest(query=query, node=parsed.node, after=after)
    return request, parsed.notes


def _interval(query: Query, days: DayCounts | None) -> str | None:
    if days is None or query.histogram != "auto":
        return query.histogram
    return fitting_interval(days.span_ms)
