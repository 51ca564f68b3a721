"""An article as text, HTML and Markdown."""

from __future__ import annotations

from datetime import UTC, datetime

from api.presentation.article_format import Format, body_html, render
from worker.model.records import Article, Image, Kind

ARTICLE = Article(
    url="https://e.example/a",
    kind=Kind.ARTICLE,
    headline="Quay & <crane>",
    author=("Jo Roe", "Ann Lee"),
    publisher="The Post",
    date_published=datetime(2026, 3, 1, 8, tzinfo=UTC),
    language="en",
    article_body="One\nTwo *three*",
    article_html="<p>One</p>\n<ul><li>Two *three*</li>\n</ul>",
)
OLD = Article(
    url="https://e.example/a",
    kind=Kind.ARTICLE,
    article_body="One\n<Two>",
    images=(Image(url="https://e.example/a.jpg", is_lead=True),),
)


def test_text() -> None:
    assert render(ARTICLE, Format.TEXT) == (
        "Quay & <crane>\n\nJo Roe, Ann Lee · The Post · 2026-03-01\n\nOne\n\nTwo *three*\n"
    )


def test_html_is_a_whole_page() -> None:
    assert render(ARTICLE, Format.HTML) == (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Quay &amp; &lt;crane&gt;</title>\n'
        "</head>\n<body>\n<article>\n<h1>Quay &amp; &lt;crane&gt;</h1>\n"
        "<p>Jo Roe, Ann Lee · The Post · 2026-03-01</p>\n"
        "<p>One</p>\n<ul><li>Two *three*</li>\n</ul>\n</article>\n</body>\n</html>\n"
    )


def test_markdown() -> None:
    assert render(ARTICLE, Format.MARKDOWN) == (
        "# Quay \\& \\<crane\\>\n\nJo Roe, Ann Lee · The Post · 2026-03-01\n\nOne\n\n- Two \\*three\\*\n"
    )


def test_article_without_html_gets_plain_paragraphs() -> None:
    assert body_html(OLD).replace("\n", "") == (
        '<figure><img alt="" src="https://e.example/a.jpg"/></figure><p>One</p><p>&lt;Two&gt;</p>'
    )
