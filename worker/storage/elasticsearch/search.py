"""Searches in Elasticsearch: raw hits, facets, day counts, similar articles and known words.

See `worker.search.service` for the rest of a search.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from worker.model.query import Bucket, Highlights, Query
from worker.model.records import Document
from worker.search import cursors
from worker.search.fields import TEXTS, stemmed_as
from worker.search.highlighting import END, START
from worker.search.query_parser import Word
from worker.search.service import DayCounts, Fields, RawHit, RawResults, SearchRequest
from worker.search.spelling import KnownWord, max_edits
from worker.storage.elasticsearch import search_request
from worker.storage.elasticsearch.client import Client
from worker.storage.elasticsearch.scan import Hit, scan

OTHERS = "extras"  #: the field for data of other programs beside an article; it is not part of the article


class Search:
    """One request to the index behind one alias."""

    def __init__(self, client: Client, alias: str, request: SearchRequest) -> None:
        self._client = client
        self._alias = alias
        self._request = request

    def page(self) -> RawResults:
        """Return one page of hits with its counts, with one request unless the cursor is by relevance."""
        query = self._request.query
        response = self._search(search_request.page_body(self._request, self._after()))
        counted = response.get("aggregations", {})
        return RawResults(
            total=response["hits"]["total"]["value"],
            hits=[_raw_hit(h, has_score=self._request.by_score) for h in response["hits"]["hits"]],
            facets={name: _facet(counted.get(name)) for name in query.facets},
            days=_days(counted[search_request.HISTOGRAM]) if query.histogram else None,
        )

    def all(self) -> Iterator[Fields]:
        """Yield all articles found, in the query's order."""
        query, sort = search_request.whole_query(self._request), search_request.order(self._request)
        return map(stored_fields, scan(self._client, self._alias, query=query, sort=sort))

    def highlight(self, languages: Mapping[str, str | None]) -> dict[str, Highlights]:
        """Return highlights by Elasticsearch, for hits whose word form only its analyzers recognise."""
        hits = self._search(search_request.highlight_body(self._request, languages))["hits"]["hits"]
        found = {hit["_id"]: hit.get("highlight", {}) for hit in hits}
        return {
            id: {name: tuple(map(_with_marks, fragments)) for name, fragments in found.get(id, {}).items()}
            for id in languages
        }

    def _search(self, body: Mapping[str, Any]) -> Any:
        # The same shard copies answer for all pages: others may count deleted documents differently, which changes
        # the scores.
        preference = cursors.fingerprint(self._request.query)
        return self._client.search(index=self._alias, preference=preference, **body)

    def _after(self) -> list[Any] | None:
        if self._request.after is None:
            return None
        key, id = self._request.after
        return [self._current_score(key, id) if self._request.by_score else key, id]

    def _current_score(self, score: float, id: str) -> float:
        """Return the present score of the last hit of the page before.

        Each write shifts all scores a little, while the order of the hits hardly changes.
        """
        query = search_request.whole_query(self._request, {"ids": {"values": [id]}})
        hits = self._search({"query": query, "size": 1, "source": False})["hits"]["hits"]
        return float(hits[0]["_score"] if hits else score)


def similar(client: Client, alias: str, document: Document, size: int) -> RawResults:
    """Return articles that share many characteristic words with a document, by their stems if possible."""
    article = document.article
    language = stemmed_as(article.language)
    texts = [article.headline, article.description, *article.caption_text, article.article_body]
    like = {
        "like": [text for text in texts if text],
        "fields": [f"stems.{language}.{name}" if language else name for name in TEXTS],
        "min_term_freq": 1,
        "min_doc_freq": 2,
        "max_query_terms": 25,
        "minimum_should_match": "30%",
    }
    if not like["like"]:
        return RawResults(total=0)
    query = {"bool": {"must": {"more_like_this": like}, "must_not": {"ids": {"values": [document.id]}}}}
    found = client.search(index=alias, query=query, size=size, track_total_hits=True)["hits"]
    hits = [_raw_hit(hit, has_score=True) for hit in found["hits"]]
    return RawResults(total=found["total"]["value"], hits=hits)


def known_words(client: Client, alias: str, words: Sequence[str], limit: int) -> dict[str, list[KnownWord]]:
    """Return the known words that resemble each of the first `limit` unknown words, with one request."""
    searches = [line for word in words for line in ({"index": alias}, _spelling_body(word))]
    responses = client.msearch(searches=searches)["responses"]
    unknown = ((word, r) for word, r in zip(words, responses, strict=True) if not _is_known(r))
    return {word: _suggested(response) for word, response in islice(unknown, limit)}


def _spelling_body(word: str) -> dict[str, Any]:
    """Return the body that counts the articles with a word and suggests similar words."""
    options = {
        "suggest_mode": "always",
        "max_edits": max_edits(word),
        "prefix_length": 1,
        "min_word_length": 3,
        "size": 5,
    }
    suggest = {field: {"text": word, "term": {"field": field, **options}} for field in TEXTS}
    return {"size": 0, "query": search_request.clause(Word(word), Query().scope), "suggest": suggest}


def _is_known(response: Any) -> bool:
    """Return True if articles have the word, or if that is unknown because of an error."""
    return "error" in response or bool(response["hits"]["total"]["value"])


def _suggested(response: Any) -> list[KnownWord]:
    options = [o for entries in response["suggest"].values() for entry in entries for o in entry["options"]]
    return [KnownWord(option["text"], option["freq"]) for option in options]


def stored_fields(hit: Hit) -> Fields:
    """Return the stored JSON of an article."""
    return {name: value for name, value in hit["_source"].items() if name != OTHERS}


def _raw_hit(hit: Hit, *, has_score: bool) -> RawHit:
    score = hit["_score"] if has_score else None
    return RawHit(fields=stored_fields(hit), key=hit["sort"][0] if "sort" in hit else hit["_score"], score=score)


def _with_marks(fragment: str) -> str:
    plain = fragment.replace(START, " ").replace(END, " ")
    return plain.replace(search_request.MARK_START, START).replace(search_request.MARK_END, END)


def _facet(aggregation: Any) -> tuple[Bucket, ...]:
    buckets = aggregation["counted"]["buckets"] if aggregation else ()
    return tuple(Bucket(value=b["key"], count=b["doc_count"]) for b in buckets)


def _days(aggregation: Any) -> DayCounts:
    first, last = aggregation["first"]["value"], aggregation["last"]["value"]
    counts = {date.fromisoformat(b["key_as_string"]): b["doc_count"] for b in aggregation["counted"]["buckets"]}
    return DayCounts(counts=counts, span_ms=last - first if first is not None else 0)
