"""Answers that are no HTML: the JSON of an API is an article if it holds one; feeds and lists are none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.pages.packed_story import AUTHOR, PARAGRAPHS, STORY, TITLE, json_api, wordpress
from worker import extraction
from worker.extraction.html.json_page import as_html
from worker.model.records import Kind

URL = "https://www.quarrel.example/wp-json/wp/v2/posts/58123"
JSON = "application/json; charset=utf-8"


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(wordpress()),
        json.dumps(wordpress(), indent=2).replace("</", "<\\/"),
        json.dumps([wordpress()]),
        json.dumps(STORY),
        json.dumps({"data": {"story": STORY}, "errors": None}),
        json.dumps({"status": "ok", "result": {"posts": [STORY]}}),
        json.dumps(json_api()),
        json.dumps(
            {
                "result": {
                    "news_title": TITLE,
                    "news_content": STORY["bodyHtml"],
                    "news_date": "2026-03-14T07:30:00Z",
                    "reporter_name": AUTHOR,
                }
            }
        ),
        json.dumps(
            {
                "fields": {
                    "headline": {"en-US": TITLE},
                    "body": {"en-US": {"type": "doc", "content": [_paragraph(p) for p in PARAGRAPHS]}},
                    "publishDate": {"en-US": "2026-03-14T07:30Z"},
                    "byline": {"en-US": AUTHOR},
                }
            }
        ),
        json.dumps(
            {
                "title": TITLE,
                "content": json.dumps({"type": "doc", "content": [_paragraph(p) for p in PARAGRAPHS]}),
                "publishedOn": 1773473400,
                "author": AUTHOR,
            }
        ),
        f"show({json.dumps(STORY)});",
        f"/**/ typeof show === 'function' && show({json.dumps(STORY)});",
        f")]}}',\n{json.dumps(STORY)}",
        f"while(1);{json.dumps(STORY)}",
        "\ufeff" + json.dumps(STORY, ensure_ascii=False),
    ],
)
def test_reads_the_article_of_a_json_answer(text: str) -> None:
    article = extraction.read(text.encode(), URL, content_type=JSON)
    assert (article.kind, article.headline, article.author) == (Kind.ARTICLE, TITLE, (AUTHOR,))
    assert tuple(article.article_body.split("\n")) == PARAGRAPHS
    assert str(article.date_published) == "2026-03-14 07:30:00+00:00"


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"status": "ok", "items": []},
        {"code": "rest_post_invalid_id", "message": "Invalid post ID.", "data": {"status": 404}},
        [wordpress() | {"id": n, "link": f"https://www.quarrel.example/{n}", "title": f"No. {n}"} for n in (1, 2)],
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "The Quarrel Tide",
            "items": [{"id": "1", "title": TITLE, "content_html": STORY["bodyHtml"], "date_published": "2026-03-14"}],
        },
    ],
)
def test_json_without_one_article_is_no_article(value: Any) -> None:
    article = extraction.read(json.dumps(value).encode(), URL, content_type=JSON)
    assert (article.kind, article.article_body) == (Kind.OTHER, "")


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?>\n<rss version="2.0"><channel><item><title>{}</title></item></channel></rss>',
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><summary>{}</summary></entry></feed>',
        "<!-- made today -->\n<rdf:RDF><channel><description>{}</description></channel></rdf:RDF>",
        '<?xml version="1.0"?><?xml-stylesheet href="a.xsl"?><urlset><url><loc>https://x.example/{}</loc></url></urlset>',
    ],
)
def test_a_feed_is_no_article(text: str) -> None:
    article = extraction.read(text.format(" ".join(PARAGRAPHS)).encode(), "https://www.quarrel.example/feed")
    assert (article.kind, article.article_body) == (Kind.OTHER, "")


@pytest.mark.parametrize(
    "text", ["<html><p>{</p></html>", "{unclosed", "[1] A footnote.", 'A line.\n{"a": 1}', "<rssfoo>"]
)
def test_other_texts_stay(text: str) -> None:
    assert as_html(text) == text
