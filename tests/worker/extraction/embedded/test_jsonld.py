"""JSON-LD as sites write it: with faults, in any case and nesting, with a body of tags."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from tests.support.pages.packed_story import AUTHOR, DATE, HTML, PARAGRAPHS, TITLE
from worker.extraction.embedded.collect import collect_page_data
from worker.extraction.html.tree import parse
from worker.extraction.page_data import EmbeddedArticle

NODE: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": TITLE,
    "datePublished": DATE,
    "author": {"@type": "Person", "name": AUTHOR},
    "wordCount": 96,
}
TEXT = json.dumps(NODE, ensure_ascii=False)
PERSON = {"@type": "Person", "@id": "#/people/ilse", "name": AUTHOR}


def first(text: str, kind: str = "application/ld+json") -> EmbeddedArticle:
    page = f'<html><head><script type="{kind}">{text}</script></head><body><h1>{TITLE}</h1></body></html>'
    return collect_page_data(parse(page, "https://www.quarrel.example/a/tide-mill-turns-again")).articles[0]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "\ufeff" + TEXT + ";",
        f"<!--\n{TEXT}\n-->",
        f"//<![CDATA[\n{TEXT}\n//]]>",
        f"<!--//--><![CDATA[//><!--\n{TEXT}\n//--><!]]>",
        f"/* story */ {TEXT} // end",
        TEXT.replace("}", ",}"),
        TEXT.replace('"wordCount"', "wordCount"),
        TEXT.replace('"', "'"),
        TEXT.replace("Tide", "\\Tide"),
        TEXT.replace('"headline"', '"description": "The mill\'s \\\'wheel\\\'", "headline"'),
        TEXT.replace('"headline"', '"description": "two\nlines\tand a tab", "headline"'),
        TEXT.replace('"headline"', '"description": "the "old" mill, again", "headline"'),
        TEXT.replace('"headline"', '"description": "C:\\mill\\x9", "headline"'),
        TEXT.replace(', "author"', ' "author"'),
        TEXT[:-1],
        f'{{"@type": "WebSite", "name": "Quarrel"}}\n{TEXT}',
        f"{TEXT},\n{TEXT}",
        html.escape(TEXT),
        TEXT.replace("{", "{<br />\n", 1),
        "<p>" + TEXT + "</p>",
    ],
)
def test_reads_json_with_faults(text: str) -> None:
    article = first(text)
    assert (article.headline, article.published) == (TITLE, DATE)
    assert [a.name for a in article.authors] == [AUTHOR]


@pytest.mark.parametrize(
    "value",
    [
        {"@graph": [NODE]},
        [[{"@type": "WebPage", "mainEntity": NODE}]],
        {"@type": "WebPage", "mainEntityOfPage": NODE},
        NODE | {"@type": "http://schema.org/NewsArticle"},
        NODE | {"@type": ["schema:NewsArticle", "schema:Article"]},
        NODE | {"@type": "newsArticle"},
        {k.removeprefix("@"): v for k, v in NODE.items()},
        {k.lower(): v for k, v in NODE.items()},
        {k if k[0] == "@" else k[0].upper() + k[1:]: v for k, v in NODE.items()},
        {k if k[0] == "@" else f"schema:{k}": v for k, v in NODE.items()},
        {k if k[0] == "@" else f"http://schema.org/{k}": v for k, v in NODE.items()},
        {"@graph": [PERSON, NODE | {"author": {"@id": PERSON["@id"]}}]},
        {"@graph": [PERSON, NODE | {"author": [PERSON["@id"]]}]},
        NODE | {"datePublished": {"@type": "DateTime", "@value": DATE}, "headline": [TITLE]},
    ],
)
def test_reads_every_nesting_and_spelling(value: Any) -> None:
    article = first(json.dumps(value))
    assert (article.headline, article.published) == (TITLE, DATE)
    assert [a.name for a in article.authors] == [AUTHOR]
    assert article.word_count == 96


@pytest.mark.parametrize(
    "body",
    [
        HTML,
        HTML.replace("\n", ""),
        html.escape(HTML),
        html.escape(html.escape(HTML)),
        "\n\n".join(PARAGRAPHS),
        "\\n".join(PARAGRAPHS),
        "<br/><br>".join(html.escape(p) for p in PARAGRAPHS),
        list(PARAGRAPHS),
        f"<div>{HTML}<figure><img src=/m.jpg><figcaption>The wheel. Photo: Jo Lee</figcaption></figure></div>",
        {"@type": "Text", "@value": HTML},
    ],
)
def test_a_body_of_tags_or_lines_has_paragraphs(body: Any) -> None:
    assert first(json.dumps(NODE | {"articleBody": body})).paragraphs == PARAGRAPHS


def test_a_body_of_one_line_is_one_paragraph() -> None:
    assert first(json.dumps(NODE | {"articleBody": " ".join(PARAGRAPHS)})).paragraphs == (" ".join(PARAGRAPHS),)


@pytest.mark.parametrize(("written", "count"), [(96, 96), ("96", 96), ("96 words", 96), (None, None), ("many", None)])
def test_the_number_of_words_is_a_number(written: Any, count: int | None) -> None:
    assert first(json.dumps(NODE | {"wordCount": written})).word_count == count


def test_the_type_of_the_script_is_read_leniently() -> None:
    assert first(TEXT, "application/LD+JSON; charset=utf-8").headline == TITLE
