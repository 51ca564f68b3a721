"""A floor for the quality of reading, on golden and generated pages. It may rise, never fall."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bench import adapter
from bench.scores import measure
from tests.support.pages.page_kinds import pages
from tests.support.paths import PROJECT

GOLDEN = PROJECT / "tests" / "golden"
FLOOR = {"body": 0.985, "title": 1.0, "captions": 0.97, "credits": 0.97, "authors": 1.0, "date": 1.0, "dateline": 1.0}


def _golden() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for path in sorted(GOLDEN.glob("*/expected.json")):
        expected = json.loads(path.read_text("utf-8"))
        plain = path.parent / "page.txt"
        page = plain if plain.exists() else path.parent / "page.html"
        read = adapter.read_text if plain.exists() else adapter.read
        yield _row(expected), read(page.read_bytes(), expected["url"])


def _row(expected: dict[str, Any]) -> dict[str, Any]:
    """Return the expected values in the form of labelled pages, without those that are not given."""
    row: dict[str, Any] = {"title": expected.get("headline"), "published": expected.get("date_published")}
    row["authors"] = expected.get("author")
    if "article_body" in expected:
        row["bodies"] = ["\n".join(expected["article_body"])]
    images = expected.get("images", ())
    if images and all("credit_text" in i for i in images):
        row["images"] = [{"caption": i["caption"], "credits": [i["credit_text"]]} for i in images]
    if "dateline" in expected:
        row |= {"dateline": expected["dateline"], "kind": "article", "section": expected.get("article_section")}
    return row


@pytest.fixture(scope="module")
def numbers() -> dict[str, float]:
    rows, outs = zip(*_golden(), strict=True)
    return measure(rows, outs)


@pytest.mark.parametrize("name", FLOOR)
def test_golden_pages_stay_above_the_floor(name: str, numbers: dict[str, float]) -> None:
    assert numbers[name] >= FLOOR[name]


def test_captions_do_not_leak_into_the_body(numbers: dict[str, float]) -> None:
    assert numbers.get("leaks", 0.0) == 0.0


def test_generated_articles_are_read_completely() -> None:
    """The body has every paragraph of the article, and none of the headlines around it."""
    for kind, url, page in pages(14):
        if kind in ("article", "opinion"):
            text = page.decode()
            body = adapter.read(page, url)["body"]
            paragraphs = text.partition("</h1>")[2].partition("</main>")[0].count("<p>")
            assert (url, len(body.splitlines())) == (url, paragraphs)
