"""Whole result sets as streams (CSV, NDJSON), and a query as a feed to subscribe to (Atom)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from api.web.asked_query import AskedQuery
from api.web.keys import AtDesk
from worker.queries import Query
from worker.records import Document
from worker.storing.documents import to_json

router = APIRouter(tags=["search"])

COLUMNS = (
    "id", "url", "headline", "publisher", "article_section", "author", "agency", "dateline", "date_published",
    "language", "kind", "word_count", "caption_text", "photographer", "photo_agency", "keywords", "article_body",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
FEED_ENTRIES = 50
ATOM = "http://www.w3.org/2005/Atom"


@router.get("/search.ndjson", summary="All that a search finds, an article a line", response_class=StreamingResponse)
def export_ndjson(desk: AtDesk, query: AskedQuery) -> StreamingResponse:
    """Streams every article found, in the query's order, each line as GET /v1/articles/{id}."""
    lines = (json.dumps(to_json(d), ensure_ascii=False) + "\n" for d in _begun(desk.index.export(query)))
    return StreamingResponse(lines, media_type="application/x-ndjson")


@router.get("/search.csv", summary="All that a search finds, as a table", response_class=StreamingResponse)
def export_csv(desk: AtDesk, query: AskedQuery) -> StreamingResponse:
    """Streams every article found. Several values of one field stand behind each other, parted by " | "."""
    headers = {"Content-Disposition": 'attachment; filename="articles.csv"'}
    return StreamingResponse(
        _csv(_begun(desk.index.export(query))), media_type="text/csv; charset=utf-8", headers=headers
    )


def _begun(documents: Iterator[Document]) -> Iterator[Document]:
    """With the first one read already: what is wrong with the query or the store is said by the status, which cannot be
    taken back once the answer has begun."""
    first = next(documents, None)
    return iter(()) if first is None else chain((first,), documents)


def _csv(documents: Iterator[Document]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    for document in documents:
        fields = to_json(document)
        writer.writerow([_cell(fields.get(name)) for name in COLUMNS])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _cell(value: Any) -> str:
    """Text that a spreadsheet takes for text: what begins like a formula gets an apostrophe before it."""
    text = " | ".join(map(str, value)) if isinstance(value, list) else str(value if value is not None else "")
    return f"'{text}" if text.startswith(FORMULA) else text


@router.get("/search.atom", summary="A search as a feed", response_class=Response)
def feed(desk: AtDesk, query: AskedQuery, request: Request) -> Response:
    """The newest articles that the search finds, to subscribe to in any feed reader."""
    results = desk.index.search(replace(query, sort="newest", size=FEED_ENTRIES, cursor=None, facets=()))
    documents = [hit.document for hit in results.hits]
    return Response(_atom(query, str(request.url), documents), media_type="application/atom+xml")


def _atom(query: Query, address: str, documents: list[Document]) -> bytes:
    root = Element("feed", xmlns=ATOM)
    SubElement(root, "title").text = f"Copydesk: {_xml(query.text) or 'all articles'}"
    SubElement(root, "id").text = address
    SubElement(root, "link", rel="self", href=address)
    times = [d.article.date_published or d.first_seen_at for d in documents]
    SubElement(root, "updated").text = max(times).isoformat() if times else "1970-01-01T00:00:00+00:00"
    for document, when in zip(documents, times, strict=True):
        article = document.article
        entry = SubElement(root, "entry")
        SubElement(entry, "id").text = f"urn:copydesk:{document.id}"
        SubElement(entry, "title").text = _xml(article.headline or document.url)
        SubElement(entry, "link", href=_xml(document.url))
        SubElement(entry, "updated").text = (article.date_modified or when).isoformat()
        SubElement(entry, "published").text = when.isoformat()
        for name in article.author or (article.publisher or document.host,):
            SubElement(SubElement(entry, "author"), "name").text = _xml(name)
        SubElement(entry, "summary").text = _xml(article.description or article.article_body[:500])
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _xml(text: str) -> str:
    """Without the characters that XML 1.0 cannot carry."""
    return "".join(
        c for c in text if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
