"""The section of an article, from data, trails, labels, the navigation, and the URL."""

from __future__ import annotations

import json

import pytest

from worker import extraction

TITLE = "Old bridge closes to lorries"
_TEXT = (
    "<p>The council voted six to three on Tuesday to close the old bridge, after divers found two weak piers.</p>"
    "<p>Hauliers said that the detour through Castle Orrin adds 35 minutes to each trip and costs the quarry.</p>"
)
_LINKS = {
    "/": "Home", "/world": "World", "/politik": "Politik &amp; Gesellschaft", "/obshchestvo/": "Общество",
    "/sport/": "Sport", "/us-news": "U.S. News", "/espana/": "España", "/login": "Log in",
}  # fmt: skip
NAVIGATION = (
    "<header><nav><ul>" + "".join(f'<li><a href="{h}">{t}</a></li>' for h, t in _LINKS.items()) + "</ul></nav></header>"
)


def section(
    head: str = "",
    *,
    above: str = "",
    below: str = "",
    path: str = "a/4bQ8",
    navigation: str = NAVIGATION,
    body: str = "",
    host: str = "www.valley.example",
) -> str | None:
    """Return the section of a page with this markup around its headline."""
    page = (
        f'<html><head><title>{TITLE} | Valley Post</title><meta property="og:site_name" content="Valley Post">'
        f"{head}</head>"
        f"<body{body}>{navigation}<main><article>{above}<h1>{TITLE}</h1>{below}{_TEXT}</article></main></body></html>"
    )
    return extraction.read(page.encode(), f"https://{host}/{path}").article_section


def data(section: object) -> str:
    node = {"@type": "NewsArticle", "headline": TITLE, "datePublished": "2026-11-24", "articleSection": section}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def trail(*names: str) -> str:
    items = [{"@type": "ListItem", "position": i, "name": name} for i, name in enumerate(names)]
    node = {"@type": "BreadcrumbList", "itemListElement": items}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("World", "World"),
        (["World", "Bridges"], "World"),
        (["Home", "World"], "World"),
        (["Startseite", "Politik"], "Politik"),
        (["Valley Post", "World"], "World"),
        ([TITLE, "World"], "World"),
        ("World;Bridges", "World"),
        ("Arts &amp; Culture", "Arts & Culture"),
        ("/news/world", "World"),
        ("https://www.valley.example/world", "World"),
        ("us-news", "U.S. News"),
        ("espana", "España"),
        ("deep-sea", "deep-sea"),
    ],
)
def test_section_of_the_data(value: object, expected: str) -> None:
    assert section(data(value)) == expected


@pytest.mark.parametrize(
    "names",
    [
        ("Home", "World"),
        ("Valley Post", "World", TITLE),
        ("valley.example", "World"),
        ("首页", "World", TITLE),
        ("Главная", "World"),
    ],
)
def test_trail_of_the_data(names: tuple[str, ...]) -> None:
    assert section(trail(*names)) == "World"


def test_trail_that_only_has_the_headline() -> None:
    assert section(trail("Home", TITLE)) is None


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        (
            '<nav aria-label="Breadcrumb"><ol><li><a href="/">Home</a></li><li><a href="/world">World</a>'
            "</li><li>Old bridge closes</li></ol></nav>",
            "World",
        ),
        ('<div class="sc-a1b2"><a href="/">Home</a> <a href="/world">World</a></div>', "World"),
        (
            '<ul class="path-x"><li><a href="https://www.valley.example/">Valley Post</a></li><li>'
            '<a href="/c/7">Economía</a></li></ul>',
            "Economía",
        ),
        ('<div class="pos">当前位置：<a href="/">首页</a> &gt; <a href="/gj">国际</a> &gt; 正文</div>', "国际"),
        ('<div class="x7"><a href="/">Главная</a> / <a href="/obsch">Общество</a></div>', "Общество"),
        (
            '<ol itemscope itemtype="https://schema.org/BreadcrumbList"><li itemprop="itemListElement">'
            '<a href="/"><span itemprop="name">Home</span></a></li><li itemprop="itemListElement">'
            '<a href="/w"><span itemprop="name">World</span></a></li></ol>',
            "World",
        ),
    ],
)
def test_printed_trails(above: str, expected: str) -> None:
    assert section(above=above) == expected


@pytest.mark.parametrize(
    ("above", "expected", "path"),
    [
        ('<p class="css-9xk"><a href="/c/7">Economía</a></p>', "Economía", "a/x"),
        ('<span class="css-1">World</span>', "World", "a/x"),
        ('<div class="topline">Politik</div>', "Politik", "a/x"),
        ('<div class="occhiello">Cronaca</div>', "Cronaca", "a/x"),
        ('<p class="antetitulo">Sociedad</p>', "Sociedad", "a/x"),
        ('<p class="surtitre">Faits divers</p>', "Faits divers", "a/x"),
        ('<div class="volanta">Economía</div>', "Economía", "a/x"),
        ('<span class="chapeu">Economia</span>', "Economia", "a/x"),
        ('<a class="article-channel" href="/ch/4">Markets</a>', "Markets", "a/x"),
        ('<a class="article__topic" href="/t/4">Climate</a>', "Climate", "a/x"),
        ('<span class="pill pill--world">World</span>', "World", "a/x"),
        ('<span class="label">BREAKING</span><span class="kicker">World</span>', "World", "a/x"),
        ('<span class="label">LIVE</span>', "World", "world/x"),
    ],
)
def test_labels_over_the_headline(above: str, expected: str, path: str) -> None:
    assert section(above=above, path=path) == expected


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ('<div class="meta">Posted in <a rel="category tag" href="/c/world">World</a></div>', "World"),
        ('<div class="m">Filed under: <a href="/c/w">World</a></div>', "World"),
        ('<div class="m">Rubrik: <a href="/c/w">Kultur</a></div>', "Kultur"),
        ('<div class="m">Рубрика: <a href="/c/w">Общество</a></div>', "Общество"),
    ],
)
def test_labelled_links_below_the_headline(below: str, expected: str) -> None:
    assert section(below=below) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("world/x", "World"),
        ("politik/x", "Politik & Gesellschaft"),
        ("obshchestvo/2026/x", "Общество"),
        ("en/world/2026/11/24/x", "World"),
        ("news/world/x", "World"),
        ("2026/11/24/world/x", "World"),
        ("deep-sea/x", "Deep sea"),
    ],
)
def test_section_in_the_path(path: str, expected: str) -> None:
    assert section(path=path) == expected


def test_current_link_of_the_navigation() -> None:
    marked = NAVIGATION.replace('<li><a href="/sport/">', '<li class="active"><a href="/sport/">')
    assert section(navigation=marked) == "Sport"
    assert (
        section(navigation=NAVIGATION.replace('<a href="/world">', '<a href="/world" aria-current="true">')) == "World"
    )
    assert section(navigation=NAVIGATION.replace('<li><a href="/">', '<li class="active"><a href="/">')) is None
    assert section(navigation=NAVIGATION.replace('<a href="/login">', '<a class="active" href="/login">')) is None


def test_section_in_the_body_class_and_in_the_host() -> None:
    assert section(body=' class="single section-world"') == "World"
    assert section(host="sport.valley.example") == "Sport"


@pytest.mark.parametrize(
    "above",
    [
        '<div class="kicker">24 November 2026</div>',
        '<div class="eyebrow">By Jane Roe</div>',
        '<div class="breadcrumb"><a href="/">Home</a> › Old bridge closes to lorries</div>',
        '<a href="/">Valley Post</a> <a href="/login">Log in</a>',
        '<div><a href="/about-us">About us</a> <a href="/subscribe">Subscribe</a></div>',
        '<a href="/author/jane-roe">Jane Roe</a>',
        '<span class="label">BREAKING</span>',
    ],
)
def test_other_labels_are_not_sections(above: str) -> None:
    assert section(above=above) is None


@pytest.mark.parametrize("path", ["a/x", "article/118203", "2026/11/24/x", "en/x", "news/x"])
def test_page_without_a_section(path: str) -> None:
    assert section(path=path) is None
