"""Fixtures: the HTTP API on embedded stores with a few articles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from fastapi.testclient import TestClient

from tests.support.servers.serving import client_of
from tests.worker.services.conftest import clock, context
from worker.model.records import Article, Document, Image, Kind
from worker.services.context import AppContext

__all__ = ["clock", "context"]

KEY = "key-of-the-tests"
BEGIN = datetime(2026, 3, 1, 8, tzinfo=UTC)


def document(number: int, headline: str, **more: object) -> Document:
    """Return a document with an id and texts made from `number`."""
    article = Article(
        url=f"https://example.org/{number}",
        kind=Kind.ARTICLE,
        headline=headline,
        article_body=f"{headline}. The harbour master read the tide gauge {number} times.",
        author=("Nell Carrow",),
        publisher="The Harbour Post",
        language="en",
        date_published=BEGIN + timedelta(days=number),
        images=(Image(caption=f"A gauge, the {number}th", credit_text="AP Photo/Dana Whitlock", agency="AP"),),
    )
    return Document(
        id=f"{number:032x}",
        version=1,
        article=replace(article, **more),  # type: ignore[arg-type]
        url=article.url,
        host="https://example.org",
        source="test",
        fetched_at=BEGIN,
        first_seen_at=BEGIN,
    )


@pytest.fixture
def filled(context: AppContext) -> AppContext:
    """Return the context with three articles in the index."""
    context.index.write(
        [
            document(1, "Bridge closed"),
            document(2, "Bridge open again"),
            document(3, "=HYPERLINK(1)", description="<b>bold</b>"),
        ]
    )
    context.index.refresh()
    return context


Client = Callable[..., TestClient]


@pytest.fixture
def client(filled: AppContext) -> Client:
    """Return a client of the API with changed settings: `client(api_keys=KEY)`."""
    return partial(client_of, filled)
