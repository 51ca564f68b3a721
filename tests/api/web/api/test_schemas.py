"""Schemas of articles: they describe the JSON that is stored."""

from __future__ import annotations

import json

from api.web.api.schemas import ArticleAnswer
from tests.api.web.conftest import BEGIN, Client, document
from worker.model.records import Image, Provenance
from worker.services.context import AppContext
from worker.storage.document_json import FIELDS, HIT_FIELDS, to_json

TEXTS = (
    "description", "agency", "article_section", "date_precision", "dateline", "canonical_url",
)  # fmt: skip


def test_articles_are_sent_as_stored(client: Client, filled: AppContext) -> None:
    """The schema names every field that is stored. Empty fields are omitted."""
    full = document(
        4,
        "Everything",
        **{name: name for name in TEXTS},
        article_html="<p>x</p>",
        byline=("Nell Carrow", "dpa"),
        keywords=("tide",),
        date_modified=BEGIN,
        images=(
            Image(url="https://i.example/1", caption="A", credit_text="B", creator=("C",), agency="AP", alt="E"),
            Image(is_lead=True),
        ),
        provenance={"headline": Provenance(source="meta", rule="og:title", rivals=(("dom h1", "x"),))},
    )
    filled.index.write([full])
    filled.index.refresh()
    api = client()
    for stored in (full, document(1, "Bridge closed")):
        given = api.get(f"/v1/articles/{stored.id}").text
        assert json.loads(given) == to_json(stored)
        assert list(json.loads(given)) == list(to_json(stored))
    hits = api.get("/v1/search", params={"q": "everything"}).json()["hits"]
    assert [hit["article"] for hit in hits] == [to_json(full, HIT_FIELDS)]
    similar = api.get(f"/v1/articles/{full.id}/similar").json()
    found = filled.index.get([hit["article"]["id"] for hit in similar["hits"]])
    assert [hit["article"] for hit in similar["hits"]] == [to_json(d) for d in found if d]
    assert set(ArticleAnswer.model_fields) == set(to_json(full))
    assert (similar["suggestion"], similar["next_cursor"]) == (None, None), "null values of a search are not omitted"


def test_openapi_describes_the_fields_of_an_article(client: Client) -> None:
    schemas = client().get("/openapi.json").json()["components"]["schemas"]
    assert not [name for name in schemas if "__" in name], "two schemas with the same name"
    article = schemas["ArticleAnswer"]
    assert article["properties"]["author"]["items"] == {"type": "string"}
    assert article["properties"]["images"]["items"] == {"$ref": "#/components/schemas/ImageAnswer"}
    assert "fetched_at" in article["required"] and "headline" not in article["required"]
    assert schemas["HitAnswer"]["properties"]["article"] == {"$ref": "#/components/schemas/ArticleAnswer"}


def test_every_field_can_be_selected() -> None:
    assert set(FIELDS) == set(ArticleAnswer.model_fields)
