"""/v1/articles: an article, its earlier revisions, and similar articles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import JSONResponse

from api.web.api.schemas import ArticleAnswer, RevisionsAnswer, revisions_answer
from api.web.api.search import SearchAnswer, search_answer
from api.web.auth.api_keys import CurrentContext
from worker.model.records import Document
from worker.services.articles import revisions
from worker.services.context import AppContext
from worker.services.ledger import lookup
from worker.storage.document_json import to_json

router = APIRouter(tags=["articles"])


@router.get("/articles/{id}", summary="One article", response_model=ArticleAnswer)
def get_article(id: str, context: CurrentContext) -> Response:
    """Return all fields of an article, by the id of its row or of a duplicate. Empty fields are omitted."""
    return JSONResponse(to_json(_document(context, id)))


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
