"""/v1/articles: one article, what it said before, and what is like it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from api.web.api.schemas import ArticleAnswer, RevisionsAnswer, article_answer, revisions_answer
from api.web.api.search import SearchAnswer, answer
from api.web.auth.api_keys import CurrentContext
from worker.model.records import Document
from worker.services.articles import revisions
from worker.services.context import AppContext
from worker.services.ledger import lookup

router = APIRouter(tags=["articles"])


@router.get("/articles/{id}", summary="One article", response_model_exclude_unset=True)
def get_article(id: str, context: CurrentContext) -> ArticleAnswer:
    """All fields of an article, by the id of its row or of a duplicate. Empty fields are left out."""
    return article_answer(_document(context, id))


@router.get("/articles/{id}/revisions", summary="What an article said before")
def get_revisions(id: str, context: CurrentContext) -> RevisionsAnswer:
    """The versions that recrawls found changed, and the words that changed. Empty where the story never did."""
    document = _document(context, id)
    return revisions_answer(document.id, revisions.revisions(context, document))


@router.get("/articles/{id}/similar", summary="Articles like this one", response_model_exclude_unset=True)
def get_similar(
    id: str, context: CurrentContext, size: Annotated[int, Query(ge=1, le=100, description="articles at most")] = 10
) -> SearchAnswer:
    """Articles that share many telling words with this one, or with the one that it is a duplicate of."""
    return answer(context.index.similar(_document(context, id).id, size))


def _document(context: AppContext, id: str) -> Document:
    document = lookup.document(context, lookup.identify(id))
    if document is None:
        raise HTTPException(404, f"There is no article {id}; GET /v1/urls/{id} tells what became of its URL")
    return document
