# ruff: noqa: E501 - markup as pages write it
"""Microdata and RDFa state the same article in other attributes."""

from __future__ import annotations

import html

import pytest

from tests.support.pages.packed_story import AUTHOR, DATE, HTML, PARAGRAPHS, TITLE
from worker.extraction.embedded import microdata
from worker.extraction.html.tree import parse

MICRODATA = (
    '<article itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="name headline">{title}</h1>'
    '<p>By <span itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">{author}</b></span>'
    ' <time itemprop="datePublished" datetime="{date}">14 March</time></p>{body}'
    '<div itemscope itemtype="https://schema.org/NewsArticle"><p itemprop="text">More</p></div></article>'
)
RDFA = (
    '<article vocab="https://schema.org/" typeof="NewsArticle"><h1 property="headline">{title}</h1>'
    '<p>By <span property="author" typeof="Person"><b property="name">{author}</b></span>'
    ' <time property="datePublished" datetime="{date}">14 March</time></p>{body}</article>'
)
PREFIXED = (
    '<div prefix="schema: https://schema.org/" typeof="schema:BlogPosting sioc:Item"><h1 property="schema:headline">{title}'
    '</h1><span property="schema:author" typeof="schema:Person"><i property="schema:name">{author}</i></span>'
    '<meta property="schema:datePublished" content="{date}">{body}</div>'
)
FULL = (
    '<div typeof="http://schema.org/Article"><meta property="headline" content="{title}"><span property="author">{author}'
    '</span><span property="datePublished" content="{date}">today</span>{body}</div>'
)


@pytest.mark.parametrize("page", [MICRODATA, RDFA, PREFIXED, FULL])
def test_reads_the_fields_of_an_article(page: str) -> None:
    text = page.format(title=TITLE, author=AUTHOR, date=DATE, body=HTML)
    (article,) = microdata.articles(parse(f'<meta property="og:title" content="x">{text}', ""))
    assert (article.headline, article.published) == (TITLE, DATE)
    assert [a.name for a in article.authors] == [AUTHOR]
    assert article.paragraphs == ()


@pytest.mark.parametrize("attribute", ["itemprop", "property"])
def test_reads_a_body_in_an_attribute(attribute: str) -> None:
    page = MICRODATA if attribute == "itemprop" else RDFA
    meta = f'<meta {attribute}="articleBody" content="{html.escape(HTML)}">'
    articles = microdata.articles(parse(page.format(title=TITLE, author=AUTHOR, date=DATE, body=meta), ""))
    assert articles[0].paragraphs == PARAGRAPHS


def test_other_types_are_no_articles() -> None:
    assert microdata.articles(parse(RDFA.replace("NewsArticle", "Organization"), "")) == ()
