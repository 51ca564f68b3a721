"""The round trip of documents through JSON, and the mapping of Elasticsearch."""

from __future__ import annotations

import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages.corpus import CORPUS
from tests.support.paths import PROJECT
from worker.model.query import FACETS, FIELDS
from worker.model.records import Article, Document, Image, Kind, Provenance
from worker.search.fields import LANGUAGES, TEXTS
from worker.storage.document_json import article_to_json, from_json, to_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
MAYBE = st.none() | TEXT
NAMES = st.lists(TEXT, max_size=3).map(tuple)
TIMES = st.datetimes(timezones=st.just(UTC))
IMAGES = st.builds(Image, url=MAYBE, caption=MAYBE, credit_text=MAYBE, creator=NAMES, agency=MAYBE, alt=MAYBE)
RIVALS = st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)
ARTICLES = st.builds(
    Article,
    url=TEXT,
    kind=st.sampled_from(Kind),
    headline=MAYBE,
    article_body=st.just("") | TEXT,
    author=NAMES,
    keywords=NAMES,
    language=MAYBE,
    date_published=st.none() | TIMES,
    date_modified=st.none() | TIMES,
    images=st.lists(IMAGES, max_size=2).map(tuple),
    provenance=st.dictionaries(TEXT, st.builds(Provenance, source=TEXT, rule=TEXT, rivals=RIVALS), max_size=2),
)
DOCUMENTS = st.builds(
    Document,
    id=TEXT,
    version=st.integers(0, 2**62),
    article=ARTICLES,
    url=TEXT,
    host=TEXT,
    source=st.text(st.characters(exclude_categories=["Cs"])),
    fetched_at=TIMES,
    first_seen_at=TIMES,
)


@given(DOCUMENTS)
def test_documents_survive_the_round_trip(document: Document) -> None:
    assert from_json(json.loads(json.dumps(to_json(document)))) == document


def test_unknown_fields_are_ignored() -> None:
    fields = to_json(CORPUS[0])
    assert from_json(fields | {"extras": {"rating": 5}, "stems": {}}) == CORPUS[0]


def test_flat_fields_repeat_the_images() -> None:
    fields = to_json(CORPUS[0])
    assert fields["photographer"] == ["Ines Okafor", "Maria Rossi"]
    assert fields["photo_agency"] == ["AP"]
    assert fields["caption_text"] == [image.caption for image in CORPUS[0].article.images]
    assert fields["url"] != fields["page_url"]


def test_an_article_alone_shows_its_empty_fields() -> None:
    fields = article_to_json(Article(url="https://a.example/", kind=Kind.ARTICLE))
    assert fields["headline"] is None
    assert fields["images"] == fields["author"] == []


MAPPING = json.loads(
    (PROJECT / "worker" / "storage" / "elasticsearch" / "mappings" / "articles.json").read_text("utf-8")
)["mappings"]


@pytest.mark.parametrize("document", CORPUS, ids=lambda d: d.id)
def test_every_field_is_in_the_mapping(document: Document) -> None:
    assert set(to_json(document)) <= set(MAPPING["properties"])
    for image in to_json(document).get("images", ()):
        assert set(image) <= set(MAPPING["properties"]["images"]["properties"])


def test_the_mapping_analyses_every_language() -> None:
    stems = MAPPING["properties"]["stems"]["properties"]
    assert set(stems) == set(LANGUAGES)
    for code, of_language in stems.items():
        assert set(of_language["properties"]) == set(TEXTS)
        assert {field["analyzer"] for field in of_language["properties"].values()} == {LANGUAGES[code]}


def test_the_mapping_has_every_searchable_field() -> None:
    for name in FIELDS.values():
        mapped = MAPPING["properties"][name]
        assert mapped["type"] == "text" if name in TEXTS else mapped["fields"]["folded"]["type"] == "text"
    assert {FIELDS[name] for name in FACETS} == {n for n in FIELDS.values() if n not in TEXTS}


def test_no_text_value_can_break_a_document() -> None:
    """Elasticsearch refuses a keyword of more than 32,766 bytes if its field has no limit."""
    unlimited = {n for n, f in MAPPING["properties"].items() if f.get("type") == "keyword" and "ignore_above" not in f}
    assert unlimited == {"id", "content_hash"}
