"""/v1/articles/{id}/revisions: what an article said before, word by word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from api.web.app import create_app
from tests.api.web.conftest import BEGIN, Client, document
from worker.services.articles.revisions import keep_former
from worker.services.context import AppContext

LATER = BEGIN + timedelta(hours=6)
ID = f"{1:032x}"
PATH = f"/v1/articles/{ID}/revisions"


@pytest.fixture
def changed(filed: AppContext) -> AppContext:
    """The first article was crawled again."""
    again = replace(
        document(1, "Bridge closed again", author=("Nell Carrow", "<b>Jo</b>")), version=2, fetched_at=LATER
    )
    keep_former(filed, [again])
    filed.index.write([again])
    return filed


def test_the_texts_before_and_the_words_that_changed(client: Client, changed: AppContext) -> None:
    answer = client().get(PATH)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["id"], found["version"]) == (ID, 2)
    [revision] = found["revisions"]
    assert (revision["version"], revision["headline"], revision["author"]) == (1, "Bridge closed", ["Nell Carrow"])
    assert (revision["fetched_at"], revision["replaced_at"]) == (BEGIN.isoformat(), LATER.isoformat())
    assert revision["article_body"] == "Bridge closed. The harbour master read the tide gauge 1 times."
    changes = {c["field"]: [(p["op"], p["text"]) for p in c["pieces"]] for c in revision["changes"]}
    assert changes == {
        "headline": [("keep", "Bridge closed"), ("insert", " again")],
        "author": [("keep", "Nell Carrow"), ("insert", ", <b>Jo</b>")],
        "article_body": [
            ("keep", "Bridge closed"),
            ("insert", " again"),
            ("keep", ". The harbour master read the tide gauge 1 times.\n"),
        ],
    }


def test_a_story_that_never_changed_has_none(client: Client) -> None:
    assert client().get(PATH).json() == {"id": ID, "version": 1, "revisions": []}


def test_they_are_not_sent_twice(client: Client, changed: AppContext) -> None:
    etag = client().get(PATH).headers["etag"]
    again = client().get(PATH, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(("id", "status", "said"), [("0" * 32, 404, "No article"), ("nonsense", 422, "neither")])
def test_what_is_not_there(client: Client, id: str, status: int, said: str) -> None:
    answer = client().get(f"/v1/articles/{id}/revisions")
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_they_need_the_scope_read(client: Client, changed: AppContext) -> None:
    keys = {scope: changed.catalog.api_keys.create("me", [scope], changed.now())[1] for scope in ("read", "add")}
    statuses = {s: client().get(PATH, headers={"Authorization": f"Bearer {k}"}).status_code for s, k in keys.items()}
    assert statuses == {"read": 200, "add": 403}
    assert client().get(PATH).status_code == 401


def test_programs_know_the_form_of_it(filed: AppContext) -> None:
    described = create_app(filed).openapi()
    answer = described["paths"]["/v1/articles/{id}/revisions"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/RevisionsAnswer")
    assert described["components"]["schemas"]["Op"]["enum"] == ["keep", "delete", "insert"]
