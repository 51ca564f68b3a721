"""Tests of the links of section pages that look like articles."""

from __future__ import annotations

import pytest

from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.link_shapes import ShapeStatistics
from worker.discovery.section_links import find_articles
from worker.errors import Unreadable

URL = "https://news.example/sport/"

PAGE = """<!doctype html><html><head><title>Sport</title><meta charset="utf-8"></head><body>
<a href="#main">Skip to the content of this page</a>
<header><nav class="main-nav"><ul><li><a href="/">Home</a></li><li><a href="/sport/">Sport</a></li>
  <li><a href="/sport/rowing/">Rowing</a><li><a href="/de/">Deutsch</a>
  <li><a href="/login?next=/sport/">Log in to your account now</a></ul></nav></header>
<main>
<article><a href="/sport/2026/11/24/harbour-race-ends-in-a-draw"><img src="a.jpg" alt=""></a>
  <h2><a href="/sport/2026/11/24/harbour-race-ends-in-a-draw?src=front#top">Harbour race ends in a draw</a></h2>
  <p class="by">By <a href="/author/ada-moor/">Ada Moor</a> in <a href="/tag/rowing/">Rowing</a></p></article>
<article><h2>
  <a href="https://www.news.example/sport/2026/11/23/two-oars-one-boat-no-wind/">Two oars, one boat, no wind</a></h2>
</article>
<div class="teaser"><a href="/sport/2026/11/22/relay">Relay</a></div>
<div class="teaser"><a href="/sport/2026/11/21/referee">The referee who never blew a whistle</a></div>
<div class="teaser"><a href="/sport/2026/11/20/gala">Gala night at the old pool</a></div>
<a href="/sport/?page=2">Older stories</a>
<a href="https://shop.example/scarves-for-all-the-clubs-2026">Scarves for all the clubs of the league</a>
<a href="/sport/results.pdf">All the results of the weekend</a>
<a href="mailto:editors@news.example">Write to the sports editors today</a>
<a href="javascript:void(0)">Load more of these stories</a>
</main>
<footer><a href="/privacy-policy">How we treat your personal data</a>
<a href="/about-the-people-behind-this-site">About</a>
<a href="/subscribe">Subscribe to all our stories today</a></footer></body></html>"""

EXPECTED = (
    DiscoveredLink(
        url="https://news.example/sport/2026/11/24/harbour-race-ends-in-a-draw", title="Harbour race ends in a draw"
    ),
    DiscoveredLink(
        url="https://www.news.example/sport/2026/11/23/two-oars-one-boat-no-wind/", title="Two oars, one boat, no wind"
    ),
    DiscoveredLink(url="https://news.example/sport/2026/11/22/relay", title="Relay"),
    DiscoveredLink(url="https://news.example/sport/2026/11/21/referee", title="The referee who never blew a whistle"),
    DiscoveredLink(url="https://news.example/sport/2026/11/20/gala", title="Gala night at the old pool"),
)


def test_article_links_of_a_section_page() -> None:
    assert find_articles(PAGE.encode(), URL) == EXPECTED


def test_articles_with_a_number_in_the_query() -> None:
    teasers = "".join(
        f'<li><a href="view.php?idx={n}&page=1">물 위의 다리가 다시 열렸다 {n}</a></li>' for n in range(8570, 8576)
    )
    page = f'<ul>{teasers}</ul><nav><a href="list.php?section=3">문화</a><a href="list.php?section=4">정치</a></nav>'
    found = find_articles(page.encode(), "https://news.example/news/list.php?section=1")
    assert [f.url for f in found] == [f"https://news.example/news/view.php?idx={n}&page=1" for n in range(8570, 8576)]
    assert found[0].title == "물 위의 다리가 다시 열렸다 8570"


def test_statistics_of_the_shape_count_most() -> None:
    offer = '<a href="/promo/a-very-fine-offer-for-you">A very fine offer for you</a>'
    page = f'<p><a href="/x/ab12">Tide</a> <a href="/x/cd34">Fog</a> {offer}</p>'
    url = "https://news.example/"
    assert [f.title for f in find_articles(page.encode(), url)] == ["A very fine offer for you"]
    outcomes = [(f"https://news.example/x/z{n}", True) for n in range(9)]
    outcomes += [(f"https://news.example/promo/the-offer-of-day-{n}0000", False) for n in range(9)]
    statistics = ShapeStatistics().with_outcomes(outcomes)
    assert [f.title for f in find_articles(page.encode(), url, statistics=statistics)] == ["Tide", "Fog"]


def test_base_element() -> None:
    page = b'<base href="/eng/"><h2><a href="a-b-c-d-e">One two three four</a></h2>'
    assert [f.url for f in find_articles(page, "https://news.example/x/y")] == ["https://news.example/eng/a-b-c-d-e"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<meta charset=utf-8><h2><a href='/a-b-c-d'>Žižka se vrací domů dnes</a></h2>".encode(), ""),
        ("<h2><a href='/a-b-c-d'>Žižka se vrací domů dnes</a></h2>".encode(), ""),
        (
            "<h2><a href='/a-b-c-d'>Žižka se vrací domů dnes</a></h2>".encode("iso-8859-2"),
            "text/html; charset=iso-8859-2",
        ),
        ("<meta charset=iso-8859-2><h2><a href='/a-b-c-d'>Žižka se vrací domů dnes</a></h2>".encode("iso-8859-2"), ""),
    ],
)
def test_charsets(body: bytes, content_type: str) -> None:
    assert [f.title for f in find_articles(body, URL, content_type)] == ["Žižka se vrací domů dnes"]


@pytest.mark.parametrize("body", [b"", b"   ", b"<!-- x -->"])
def test_empty_body_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match="not an HTML page"):
        find_articles(body, URL)


@pytest.mark.parametrize(
    "body", [b"<a>", b"\x00\xff\xfe", b"<a href=''>x</a><a href='http://['>y</a>", b"plain words", b"<a href=x>" * 5000]
)
def test_broken_pages_are_read(body: bytes) -> None:
    assert find_articles(body, URL) == ()


def test_unknown_charset_is_ignored() -> None:
    assert find_articles(PAGE.encode(), URL, "text/html; charset=klingon") == EXPECTED
