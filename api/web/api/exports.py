"""Exports of a whole search as a stream: CSV and NDJSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api.web.auth.api_keys import CurrentContext
from api.web.params import SelectedFields, SortedQuery
from worker.search.service import Fields
from worker.storage.document_json import select_fields

router = APIRouter(tags=["search"])

COLUMNS = (
    "id", "url", "headline", "publisher", "article_section", "author", "agency", "dateline", "date_published",
    "language", "kind", "word_count", "caption_text", "photographer", "photo_agency", "keywords", "article_body",
)  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"
TEXT = {"schema": {"type": "string"}}


@router.get(
    "/search.ndjson",
    summary="Export a search, one article per line",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": TEXT}}},
)
def export_ndjson(context: CurrentContext, query: SortedQuery, fields: SelectedFields) -> StreamingResponse:
    """Stream every matching article in the query's order. Each line has the form of GET /v1/articles/{id}."""
    documents = _started(context.search.export(query))
    lines = (json.dumps(select_fields(d, fields), ensure_ascii=False) + "\n" for d in documents)
    return StreamingResponse(lines, media_type="application/x-ndjson")


@router.get(
    "/search.csv",
    summary="Export a search as a table",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": TEXT}}},
)
def export_csv(
    context: CurrentContext,
    query: SortedQuery,
    fields: SelectedFields,
    bom: Annotated[bool, Query(description="begin with a byte order mark, so that Excel detects UTF-8")] = False,
) -> StreamingResponse:
    """Stream every matching article. A cell with several values separates them by " | ".

    By default the table begins without a byte order mark, which programs would read as part of the first column's name.
    """
    lines = _csv(_started(context.search.export(query)), fields or COLUMNS)
    headers = {"Content-Disposition": 'attachment; filename="articles.csv"'}
    return StreamingResponse(
        chain((BOM,), lines) if bom else lines, media_type="text/csv; charset=utf-8", headers=headers
    )


def _started(documents: Iterator[Fields]) -> Iterator[Fields]:
    """Return the documents after reading the first one.

    So an error of the query or the store sets the status, which cannot change once the answer has begun.
    """
    first = next(documents, None)
    return iter(()) if first is None else chain((first,), documents)


def _csv(documents: Iterator[Fields], columns: Sequence[str]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(columns)
    for document in documents:
        writer.writerow([_cell(document.get(name)) for name in columns])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _cell(value: Any) -> str:
    """Return a cell that a spreadsheet reads as text: an apostrophe precedes a value that looks like a formula."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    text = " | ".join(json.dumps(v, ensure_ascii=False) if isinstance(v, dict) else str(v) for v in values)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
