"""/v1/articles: formats, revisions and similar articles."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from api.web.app import create_app
from tests.api.web.conftest import BEGIN, Client, document
from worker import urls
from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Outcome
from worker.services.articles.revisions import keep_former
from worker.services.context import AppContext

LATER = BEGIN + timedelta(hours=6)
ID = f"{1:032x}"
PATH = f"/v1/articles/{ID}/revisions"


@pytest.fixture
def changed(filled: AppContext) -> AppContext:
    """Return the context after a recrawl changed the first article."""
    again = replace(
        document(1, "Bridge closed again", author=("Nell Carrow", "<b>Jo</b>")), version=2, fetched_at=LATER
    )
    keep_former(filled, [again])
    filled.index.write([again])
    return filled


def test_revisions_have_texts_and_changed_words(client: Client, changed: AppContext) -> None:
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


def test_unchanged_article_has_no_revisions(client: Client) -> None:
    assert client().get(PATH).json() == {"id": ID, "version": 1, "revisions": []}


def test_unchanged_revisions_are_304(client: Client, changed: AppContext) -> None:
    etag = client().get(PATH).headers["etag"]
    again = client().get(PATH, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(("id", "status", "said"), [("0" * 32, 404, "No article"), ("nonsense", 422, "neither")])
def test_unknown_article(client: Client, id: str, status: int, said: str) -> None:
    answer = client().get(f"/v1/articles/{id}/revisions")
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_revisions_need_the_scope_read(client: Client, changed: AppContext) -> None:
    keys = {scope: changed.catalog.api_keys.create("me", [scope], changed.now())[1] for scope in ("read", "add")}
    statuses = {s: client().get(PATH, headers={"Authorization": f"Bearer {k}"}).status_code for s, k in keys.items()}
    assert statuses == {"read": 200, "add": 403}
    assert client().get(PATH).status_code == 401


def test_openapi_describes_revisions(filled: AppContext) -> None:
    described = create_app(filled).openapi()
    answer = described["paths"]["/v1/articles/{id}/revisions"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/RevisionsAnswer")
    assert described["components"]["schemas"]["Op"]["enum"] == ["keep", "delete", "insert"]


def test_similar_articles(client: Client) -> None:
    answer = client().get(f"/v1/articles/{1:032x}/similar")
    assert answer.status_code == 200
    assert f"{1:032x}" not in [h["article"]["id"] for h in answer.json()["hits"]]
    assert client().get(f"/v1/articles/{99:032x}/similar").status_code == 404
    for size in (-5, 0, 101):
        assert client().get(f"/v1/articles/{1:032x}/similar", params={"size": size}).status_code == 422


def test_similar_articles_of_a_duplicate(client: Client, filled: AppContext) -> None:
    targets = [urls.target(f"https://{host}.example/20") for host in ("first", "copy")]
    first, copy = (admission.row for admission in filled.ledger.admit(targets, filled.now()))
    filled.index.write([replace(document(20, "Bridge closed again, the 20th day"), id=first.id)])
    filled.index.refresh()
    ends = ((first, Outcome.INDEXED, None), (copy, Outcome.DUPLICATE, Reason.REDIRECT))
    filled.ledger.finish(
        [
            CrawlResult(id=r.id, crawl=r.crawl, outcome=o, finished_at=filled.now(), reason=why, article_id=first.id)
            for r, o, why in ends
        ]
    )
    by_id, by_duplicate = (client().get(f"/v1/articles/{id}/similar").json() for id in (first.id, copy.id))
    assert by_id["total"] > 0 and by_duplicate == by_id


HTML = '<p>One <a href="https://e.example/b">link</a></p>'


@pytest.mark.parametrize(
    ("format", "media_type", "part"),
    [
        ("text", "text/plain; charset=utf-8", "Quay closed\n\nNell Carrow"),
        (
            "html",
            "text/html; charset=utf-8",
            f"The Harbour Post · 2026-03-08</p>\n{HTML}",
        ),
        ("markdown", "text/markdown; charset=utf-8", "One [link](https://e.example/b)"),
    ],
)
def test_article_in_other_formats(client: Client, filled: AppContext, format: str, media_type: str, part: str) -> None:
    filled.index.write([document(7, "Quay closed", article_html=HTML)])
    answer = client().get(f"/v1/articles/{7:032x}", params={"format": format})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert part in answer.text
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_unknown_format_is_refused(client: Client) -> None:
    assert client().get(f"/v1/articles/{ID}", params={"format": "pdf"}).status_code == 422


def test_html_is_in_the_article_but_in_a_search_only_if_requested(client: Client, filled: AppContext) -> None:
    filled.index.write([document(7, "Quay closed", article_html=HTML)])
    filled.index.refresh()
    assert client().get(f"/v1/articles/{7:032x}").json()["article_html"] == HTML
    [hit] = client().get("/v1/search", params={"q": "quay"}).json()["hits"]
    assert "article_html" not in hit["article"]
    [hit] = client().get("/v1/search", params={"q": "quay", "fields": "article_html"}).json()["hits"]
    assert hit["article"] == {"article_html": HTML}
    assert client().get("/v1/search", params={"q": "href"}).json()["total"] == 0
