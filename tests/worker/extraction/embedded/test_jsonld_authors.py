"""Authors in JSON-LD: every way in which sites write them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages.article_pages import page, script
from worker.extraction.embedded.jsonld_authors import authors
from worker.extraction.page_data import AuthorCandidate

ROE = {"@type": "Person", "name": "Jane Roe"}
DOE = {"@type": "Person", "name": "Tom Doe"}
BOTH = ["Jane Roe", "Tom Doe"]


def read(author: Any, *nodes: Any, name: str = "author") -> tuple[AuthorCandidate, ...]:
    article = {"@type": "NewsArticle", name: author}
    return authors(article, page(script(json.dumps({"@graph": [article, *nodes]})), ""))


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Jane Roe", ["Jane Roe"]),
        (["Jane Roe", "Tom Doe"], BOTH),
        (ROE, ["Jane Roe"]),
        ([ROE, "Tom Doe"], BOTH),
        ([[ROE], [[DOE]]], BOTH),
        ({"@list": [ROE, DOE]}, BOTH),
        ({"@set": [ROE, DOE]}, BOTH),
        ({"@value": "Jane Roe"}, ["Jane Roe"]),
        ({"@type": "Person", "name": ["Jane Roe", "Tom Doe"]}, BOTH),
        ({"@type": "Person", "name": {"@value": "Jane Roe", "@language": "en"}}, ["Jane Roe"]),
        ({"@type": "Person", "givenName": "Jane", "familyName": "Roe"}, ["Jane Roe"]),
        ({"author": ROE}, ["Jane Roe"]),
        ({"@type": "Person", "name": "<a href=/j>Jane O&#39;Roe</a>"}, ["Jane O'Roe"]),
        ([None, 4, {}, ""], []),
        (None, []),
    ],
)
def test_shapes_of_authors(author: Any, names: list[str]) -> None:
    assert [a.name for a in read(author)] == names


@pytest.mark.parametrize(
    "author", [{"@id": "#jane"}, {"@type": "Person", "@id": "#jane", "url": "/jane"}, "#jane", [{"@id": "#jane"}]]
)
@pytest.mark.parametrize(
    "node",
    [
        {"@type": "Person", "@id": "#jane", "name": "Jane Roe"},
        {"@id": "#jane", "name": "Jane Roe"},
        {"@type": "WebPage", "author": {"@type": "Person", "@id": "#jane", "name": "Jane Roe"}},
    ],
)
def test_references_lead_to_the_node_wherever_it_is(author: Any, node: Any) -> None:
    assert [a.name for a in read(author, node)] == ["Jane Roe"]


def test_creator_counts_where_the_author_has_no_name() -> None:
    article = {"author": {"@type": "Person", "name": ""}, "creator": ["Jane Roe"]}
    assert [a.name for a in authors(article, page("", ""))] == ["Jane Roe"]


def test_kind_of_the_node_is_kept() -> None:
    ledger = {"@type": "NewsMediaOrganization", "name": "Larkin Ledger"}
    both = {"@type": ["Person", "Organization"], "name": "Tom Doe"}
    assert [a.kind for a in read(["Ann Poe", ROE, ledger, both])] == ["", "person", "organisation", "person"]


def test_reference_to_itself_ends() -> None:
    node = {"@id": "#a", "author": {"@id": "#a"}}
    assert read({"@id": "#a"}, node) == ()


@given(st.recursive(st.none() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(
    st.sampled_from(["@id", "@type", "name", "author", "@list", "givenName"]), v)))  # fmt: skip
def test_any_value_is_read_without_an_error(value: Any) -> None:
    assert isinstance(read(value, {"@id": "x", "author": value}), tuple)
