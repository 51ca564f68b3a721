"""/v1/articles: an article, its earlier revisions, and similar articles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import JSONResponse

from api.presentation.article_format import MEDIA_TYPES, Format, render
from api.web.api.schemas import ArticleAnswer, RevisionsAnswer, revisions_answer
from api.web.api.search import SearchAnswer, search_answer
from api.web.auth.api_keys import CurrentContext
from worker.model.records import Document
from worker.services.articles import revisions
from worker.services.context import AppContext
from worker.services.ledger import lookup
from worker.storage.document_json import to_json

router = APIRouter(tags=["articles"])


#: An article as HTML is a page of our own origin: nothing in it may run, load or send anything but its images.
HTML_POLICY = "default-src 'none'; img-src http: https:; base-uri 'none'; form-action 'none'; sandbox"
TEXT = {"schema": {"type": "string"}}


@router.get(
    "/articles/{id}",
    summary="One article",
    response_model=ArticleAnswer,
    responses={200: {"content": {MEDIA_TYPES[f].partition(";")[0]: TEXT for f in Format if f is not Format.JSON}}},
)
def get_article(
    id: str,
    context: CurrentContext,
    format: Annotated[
        Format, Query(description="json has all fields; the others have headline and body")
    ] = Format.JSON,
) -> Response:
    """Return an article, by the id of its row or of a duplicate.

    As JSON it has all fields; empty ones are omitted. As HTML it is a page with the headline and `article_html`.
    """
    document = _document(context, id)
    if format is Format.JSON:
        return JSONResponse(to_json(document))
    headers = {"Content-Security-Policy": HTML_POLICY, "X-Content-Type-Options": "nosniff"}
    return Response(render(document.article, format), media_type=MEDIA_TYPES[format], headers=headers)


@router.get("/articles/{id}/revisions", summary="Earlier revisions of an article")
def get_revisions(id: str, context: CurrentContext) -> RevisionsAnswer:
    """Return the texts that recrawls replaced, and the words that changed. Empty if the article never changed."""
    document = _document(context, id)
    return revisions_answer(document.id, revisions.revisions(context, document))


@router.get("/articles/{id}/similar", summary="Similar articles", response_model=SearchAnswer)
def get_similar(
    id: str,
    context: CurrentContext,
    size: Annotated[int, Query(ge=1, le=100, description="maximum number of articles")] = 10,
) -> Response:
    """Return articles that share many characteristic words with this one, or with the article that it duplicates."""
    return search_answer(context.search.similar(_document(context, id).id, size))


def _document(context: AppContext, id: str) -> Document:
    document = lookup.document(context, lookup.identify(id))
    if document is None:
        raise HTTPException(404, f"No article with id {id}. GET /v1/urls/{id} returns the state of its URL.")
    return document
