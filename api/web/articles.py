"""/v1/articles: one article."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException

from api.web.article_answer import ArticleAnswer, article_answer
from api.web.keys import AtDesk
from worker.desk import asking

router = APIRouter(tags=["articles"])


@router.get("/articles/{id}", summary="One article", response_model_exclude_unset=True)
def get_article(id: str, desk: AtDesk) -> ArticleAnswer:
    """All fields of an article, by the id of its row or of a duplicate. Empty fields are left out."""
    document = asking.document(desk, asking.identify(id))
    if document is None:
        raise HTTPException(404, f"There is no article {id}; GET /v1/urls/{id} tells what became of its URL")
    return article_answer(document)
