"""One search in Elasticsearch, from the query to the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worker.model.query import Bucket, Hit, Query, Results
from worker.model.records import Document
from worker.search import cursors
from worker.search.dates import fitting
from worker.search.fields import TEXTS, stemmed_as
from worker.search.highlighting import highlights, marks_anything, names_match
from worker.search.query_parser import parse
from worker.storage.document_json import from_json
from worker.storage.elasticsearch import request_body
from worker.storage.elasticsearch.client import Client
from worker.storage.elasticsearch.spelling import suggestion

EXPORT_PAGE = 500
KEEP_ALIVE = "5m"  #: how long an export may rest between two pages


class Search:
    """Of one query in the index behind one alias."""

    def __init__(self, client: Client, alias: str, query: Query) -> None:
        self._client = client
        self._alias = alias
        self._query = query
        self._parsed = parse(query.text)
        self._by_score = request_body.by_score(query, self._parsed)

    def results(self) -> Results:
        interval = self._interval()
        response = self._search(request_body.body(self._query, self._parsed, after=self._after(), interval=interval))
        total = response["hits"]["total"]["value"]
        hits = response["hits"]["hits"]
        page = hits[: self._query.size]
        counted = {name: c["counted"]["buckets"] for name, c in response.get("aggregations", {}).items()}
        return Results(
            total=total,
            hits=self._hits(page),
            facets={name: _facet(counted.get(name, ())) for name in self._query.facets},
            histogram=_histogram(counted[request_body.HISTOGRAM]) if interval else (),
            interval=interval,
            next_cursor=cursors.pack(self._query, *page[-1]["sort"]) if len(hits) > len(page) and page else None,
            notes=self._parsed.notes,
            suggestion=self._suggestion() if total == 0 and not self._query.ids else None,
        )

    def export(self) -> Iterator[Document]:
        """All hits in order, as they stood when this began."""
        pit = self._client.open_point_in_time(index=self._alias, keep_alive=KEEP_ALIVE)["id"]
        body: dict[str, Any] = {
            "query": request_body.everything_asked(self._query, self._parsed),
            "sort": request_body.order(self._query, self._parsed),
            "size": EXPORT_PAGE,
            "track_total_hits": False,
        }
        try:
            while True:
                response = self._client.search(**body, pit={"id": pit, "keep_alive": KEEP_ALIVE})
                pit, hits = response["pit_id"], response["hits"]["hits"]
                yield from (from_json(h["_source"]) for h in hits)
                if len(hits) < EXPORT_PAGE:
                    return
                body["search_after"] = hits[-1]["sort"]
        finally:
            self._client.options(ignore_status=404).close_point_in_time(id=pit)

    def _suggestion(self) -> str | None:
        return suggestion(self._client, self._alias, self._query.text, self._parsed)

    def _hits(self, page: Sequence[Mapping[str, Any]]) -> tuple[Hit, ...]:
        node, scope = self._parsed.node, self._query.scope
        asks_for_marks = marks_anything(node, scope)
        shown: dict[str, dict[str, tuple[str, ...]]] = {}
        unmarked: dict[str, str | None] = {}
        for id, source in ((h["_id"], h["_source"]) for h in page):
            texts = {name: value if isinstance(value, list) else [value] for name, value in source.items()}
            shown[id] = highlights(node, scope, source.get("language"), texts)
            if not shown[id] and asks_for_marks and not names_match(node, scope, texts):
                unmarked[id] = stemmed_as(source.get("language"))
        if unmarked:  # found by a form that our stemmer cuts differently: Elasticsearch knows
            for h in self._search(request_body.highlighting(self._query, self._parsed, unmarked))["hits"]["hits"]:
                shown[h["_id"]] = {name: tuple(map(_marked, fs)) for name, fs in h.get("highlight", {}).items()}
        return tuple(_hit(h, self._by_score, shown[h["_id"]]) for h in page)

    def _search(self, body: Mapping[str, Any]) -> Any:
        # The same copies of the shards for all pages: others may count deleted documents differently, and so score.
        return self._client.search(index=self._alias, preference=cursors.fingerprint(self._query), **body)

    def _after(self) -> list[Any] | None:
        keys = cursors.unpack(self._query, by_score=self._by_score)
        if keys is None or not self._by_score:
            return keys and [*keys]
        return [self._score_now(*keys), keys[1]]

    def _score_now(self, score: float, id: str) -> float:
        """Of the last hit of the page before. Each write shifts the scores of all a little; places hardly change."""
        asked = request_body.everything_asked(self._query, self._parsed)
        asked["bool"]["filter"].append({"ids": {"values": [id]}})
        hits = self._search({"query": asked, "size": 1, "_source": False})["hits"]["hits"]
        return float(hits[0]["_score"] if hits else score)

    def _interval(self) -> str | None:
        if self._query.histogram != "auto":
            return self._query.histogram
        ends = {name: {name: {"field": "date_published"}} for name in ("min", "max")}
        asked = request_body.everything_asked(self._query, self._parsed)
        found = self._search({"query": asked, "size": 0, "track_total_hits": False, "aggs": ends})["aggregations"]
        first, last = found["min"]["value"], found["max"]["value"]
        return fitting(last - first) if first is not None else "day"


def similar(client: Client, alias: str, document: Document, size: int) -> Results:
    """Articles with many of that one's telling words: by their stems if we know those of its language."""
    language = stemmed_as(document.article.language)
    fields = [f"stems.{language}.{name}" if language else name for name in TEXTS]
    article = document.article
    text = [article.headline, article.description, *article.caption_text, article.article_body]
    like = {
        "like": [t for t in text if t],
        "fields": fields,
        "min_term_freq": 1,
        "min_doc_freq": 2,
        "max_query_terms": 25,
        "minimum_should_match": "30%",
    }
    if not like["like"]:
        return Results(total=0, hits=())
    query = {"bool": {"must": {"more_like_this": like}, "must_not": {"ids": {"values": [document.id]}}}}
    found = client.search(index=alias, query=query, size=size, track_total_hits=True)["hits"]
    return Results(total=found["total"]["value"], hits=tuple(_hit(h, True, {}) for h in found["hits"]))


def _hit(hit: Mapping[str, Any], has_score: bool, highlights: Mapping[str, tuple[str, ...]]) -> Hit:
    score = hit["_score"] if has_score else None
    return Hit(document=from_json(hit["_source"]), score=score, highlights=highlights)


def _marked(fragment: str) -> str:
    plain = fragment.replace("\x02", " ").replace("\x03", " ")
    return plain.replace(request_body.MARK_START, "\x02").replace(request_body.MARK_END, "\x03")


def _facet(buckets: list[Any]) -> tuple[Bucket, ...]:
    return tuple(Bucket(value=b["key"], count=b["doc_count"]) for b in buckets)


def _histogram(buckets: list[Any]) -> tuple[Bucket, ...]:
    return tuple(Bucket(value=b["key_as_string"], count=b["doc_count"]) for b in buckets)
