"""/v1/articles: one article, what it said before, and what is like it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from api.web.article_answer import ArticleAnswer, article_answer
from api.web.keys import AtDesk
from api.web.revision_answer import RevisionsAnswer, revisions_answer
from api.web.search import SearchAnswer, answer
from worker.desk import asking, revising
from worker.desk.parts import Desk
from worker.records import Document

router = APIRouter(tags=["articles"])


@router.get("/articles/{id}", summary="One article", response_model_exclude_unset=True)
def get_article(id: str, desk: AtDesk) -> ArticleAnswer:
    """All fields of an article, by the id of its row or of a duplicate. Empty fields are left out."""
    return article_answer(_document(desk, id))


@router.get("/articles/{id}/revisions", summary="What an article said before")
def get_revisions(id: str, desk: AtDesk) -> RevisionsAnswer:
    """The versions that recrawls found changed, and the words that changed. Empty where the story never did."""
    document = _document(desk, id)
    return revisions_answer(document.id, revising.revisions(desk, document))


@router.get("/articles/{id}/similar", summary="Articles like this one", response_model_exclude_unset=True)
def get_similar(
    id: str, desk: AtDesk, size: Annotated[int, Query(ge=1, le=100, description="articles at most")] = 10
) -> SearchAnswer:
    """Articles that share many telling words with this one, or with the one that it is a duplicate of."""
    return answer(desk.index.similar(_document(desk, id).id, size))


def _document(desk: Desk, id: str) -> Document:
    document = asking.document(desk, asking.identify(id))
    if document is None:
        raise HTTPException(404, f"There is no article {id}; GET /v1/urls/{id} tells what became of its URL")
    return document
