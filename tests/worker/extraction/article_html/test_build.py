"""The article's HTML: its structure, its safety, and its text, which is the body's."""

from __future__ import annotations

import nh3
import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.pages.article_pages import BODY, URL
from worker import extraction
from worker.extraction.article_html import article_html, html_of_paragraphs
from worker.extraction.html import blocks
from worker.extraction.html.tree import parse
from worker.model.records import Image

ALLOWED_TAGS = {
    "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "pre", "table", "tr", "th", "td", "a", "em",
    "strong", "figure", "img", "figcaption",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}

SITE = "https://www.larkin.example"


def built(body: str, *images: Image) -> str:
    """Return the HTML of a page whose blocks are all kept, without line breaks."""
    tree = parse(f"<body>{body}", URL)
    found = blocks.split(tree)
    html = article_html(found, found, [b.text for b in found], images, tree)
    return html.replace("\n", "")


STRUCTURES = {
    "headings": ("<h1>A</h1><h3>B</h3><p>c</p>", "<h2>A</h2><h3>B</h3><p>c</p>"),
    "plain div": ("<div>one</div><section>two</section>", "<p>one</p><p>two</p>"),
    "line breaks": ("<div>one<br><br>two</div>", "<p>one</p><p>two</p>"),
    "list": ("<ul><li>one</li><li><p>two</p></li></ul>", "<ul><li>one</li><li>two</li></ul>"),
    "numbered": ("<ol><li>one</li></ol><p>x</p>", "<ol><li>one</li></ol><p>x</p>"),
    "nested list": (
        "<ul><li>one<ol><li>a</li><li>b</li></ol></li><li>two</li></ul>",
        "<ul><li>one<ol><li>a</li><li>b</li></ol></li><li>two</li></ul>",
    ),
    "item of two paragraphs": (
        "<ul><li><p>one</p><p>more</p></li><li>two</li><li>three</li></ul>",
        "<ul><li>one<p>more</p></li><li>two</li><li>three</li></ul>",
    ),
    "item without a list": ("<li>one</li>", "<p>one</p>"),
    "quote": (
        "<blockquote>one<p>two</p></blockquote><p>x</p>",
        "<blockquote><p>one</p><p>two</p></blockquote><p>x</p>",
    ),
    "pre": ("<p>x</p><pre>one</pre>", "<p>x</p><pre>one</pre>"),
    "table": (
        "<table><tr><th>Town<th>Water<tr><td>Ostervik<td>3 m</table>",
        "<table><tr><th>Town</th><th>Water</th></tr><tr><td>Ostervik</td><td>3 m</td></tr></table>",
    ),
    "table with an empty cell": (
        "<table><tr><td><td>Water<tr><td>Ostervik<td>3 m</table>",
        "<table><tr><td></td><td>Water</td></tr><tr><td>Ostervik</td><td>3 m</td></tr></table>",
    ),
    "layout table": (
        "<table><tr><td><p>one</p><p>two</p><p>three</p><p>four</p></td><td>x</td></tr></table>",
        "<p>one</p><p>two</p><p>three</p><p>four</p><p>x</p>",
    ),
    "quote around everything": (
        "<blockquote><p>one</p><p>two</p><p>three</p></blockquote>",
        "<p>one</p><p>two</p><p>three</p>",
    ),
    "list around everything": (
        "<ul><li><p>one</p><p>two</p><p>three</p></li><li>x</li></ul>",
        "<p>one</p><p>two</p><p>three</p><p>x</p>",
    ),
    "emphasis": (
        "<p>a <b>b</b> <i>c</i> <strong><em>d</em></strong>e</p>",
        "<p>a <strong>b</strong> <em>c</em> <strong><em>d</em></strong>e</p>",
    ),
    "link": (
        '<p>See <a href="/x?a=1&amp;b=2">the map</a>.</p>',
        f'<p>See <a href="{SITE}/x?a=1&amp;b=2">the map</a>.</p>',
    ),
    "link around bold text": (
        "<p><a href=/x><b>all</b></a></p>",
        f'<p><a href="{SITE}/x"><strong>all</strong></a></p>',
    ),
    "letters of one word": ("<p><b>A</b>nna <b>B</b>.</p>", "<p><strong>A</strong>nna <strong>B</strong>.</p>"),
    "repeated words": ("<p>to and <b>to</b> and to</p>", "<p>to and <strong>to</strong> and to</p>"),
    "bold over a line break": (
        "<div><b>one<br><br>two</b> three</div>",
        "<p><strong>one</strong></p><p><strong>two</strong> three</p>",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "wanted"), STRUCTURES.values(), ids=STRUCTURES.keys())
def test_structure(body: str, wanted: str) -> None:
    assert built(body) == wanted


def test_figures_are_where_the_page_has_them() -> None:
    lead = Image(url="https://example.com/lead.jpg", caption="The quay", credit_text="Jo Roe/AP", is_lead=True)
    inner = Image(url="https://example.com/two.jpg", alt='A "boat"')
    item = Image(url="https://example.com/three.jpg")
    gone = Image(url="https://example.com/gone.jpg", caption="Only in the data")
    body = (
        "<div><img src=https://example.com/lead.jpg></div><p>one</p><p>two</p>"
        "<img src=https://example.com/two.jpg><p>three</p>"
        "<ul><li>a</li><li><img src=https://example.com/three.jpg>b</li></ul><p>four</p>"
    )
    assert built(body, lead, inner, item, gone) == (
        '<figure><img alt="" src="https://example.com/lead.jpg"/><figcaption>The quay (Jo Roe/AP)</figcaption></figure>'
        "<p>one</p><p>two</p>"
        '<figure><img alt=\'A "boat"\' src="https://example.com/two.jpg"/></figure>'
        "<p>three</p><ul><li>a</li>"
        '<li><figure><img alt="" src="https://example.com/three.jpg"/></figure><p>b</p></li></ul>'
        "<p>four</p>"
        '<figure><img alt="" src="https://example.com/gone.jpg"/><figcaption>Only in the data</figcaption></figure>'
    )


def test_image_between_two_runs_of_one_element_is_between_them() -> None:
    image = Image(url="https://example.com/a.jpg")
    html = built("<div>one<br><br><b>two</b> and more<img src=https://example.com/a.jpg>three</div>", image)
    assert html == (
        "<p>one</p><p><strong>two</strong> and more</p>"
        '<figure><img alt="" src="https://example.com/a.jpg"/></figure><p>three</p>'
    )


def test_paragraphs_of_embedded_data_are_plain() -> None:
    image = Image(url="https://example.com/a.jpg", is_lead=True)
    html = html_of_paragraphs(["a < b", "<script>"], [image])
    assert html.replace("\n", "") == (
        '<figure><img alt="" src="https://example.com/a.jpg"/></figure><p>a &lt; b</p><p>&lt;script&gt;</p>'
    )


HOSTILE = (
    "<p onclick=x()>a <a href='javascript:x()'>b</a> <a href=//evil.example onmouseover=x()>c</a></p>"
    "<p>&lt;script&gt;alert(1)&lt;/script&gt; <a href='data:text/html,x'>d</a></p><p style=color:red>e</p>"
    "<p><a href='https://e.example/&quot;&gt;&lt;script&gt;'>f</a></p><iframe src=x></iframe><p id=x>"
)


def test_nothing_in_it_can_act() -> None:
    html = built(HOSTILE)
    assert is_clean(html)
    assert html == (
        '<p>a b <a href="https://evil.example">c</a></p>'
        "<p>&lt;script&gt;alert(1)&lt;/script&gt; d</p><p>e</p>"
        "<p><a href='https://e.example/\"&gt;&lt;script&gt;'>f</a></p>"
    )


def is_clean(html: str) -> bool:
    """Return True if an independent sanitizer with the same rules has nothing to remove."""
    clean = nh3.clean(
        html, tags=ALLOWED_TAGS, attributes=ALLOWED_ATTRIBUTES, url_schemes={"http", "https"}, link_rel=None
    )
    return _elements(clean) == _elements(html)


def _elements(html: str) -> list[tuple[str, dict[str, object], str]]:
    soup = BeautifulSoup(html, "html.parser")
    return [(t.name, dict(t.attrs), t.get_text()) for t in soup.find_all(True) if isinstance(t, Tag)]


WORDS = st.text("ab <&>\"'é漢\u00ad\u200b\n\t.", max_size=12)
INLINE = st.sampled_from(["b", "i", "a href='/x'", "a href='javascript:1'", "span", "sup", "x-y", "br", "code"])
BLOCK = st.sampled_from(
    ["p", "div", "h1", "h3", "ul", "ol", "li", "blockquote", "pre", "table", "tr", "td", "th", "figure", "dl", "dd"]
)


def _element(tag: str, inner: str) -> str:
    return f"<{tag}>" if tag == "br" else f"<{tag}>{inner}</{tag.split(maxsplit=1)[0]}>"


INLINES = st.recursive(
    WORDS.map(lambda t: t.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.builds(_element, INLINE, inner) | st.lists(inner, max_size=3).map("".join),
    max_leaves=6,
)
PAGES = st.recursive(
    INLINES,
    lambda inner: st.builds(_element, BLOCK, inner) | st.lists(inner, max_size=4).map("".join),
    max_leaves=20,
)


@given(PAGES, st.integers(0, 2**16))
@example("<ul>a<li>b</li>c</ul>", 2**16)
@example("<table>a<tr>b<td>c</table>", 2**16)
@example("<ul><li>a<blockquote>b</blockquote></li></ul>", 2**16)
@example("<pre>a\n\n<b>b</b></pre>", 2**16)
def test_text_is_that_of_the_body_and_nothing_can_act(body: str, choice: int) -> None:
    tree = parse(f"<body>.{body}", URL)
    found = blocks.split(tree)
    kept = [b for b in found if choice >> (b.index % 16) & 1 or choice == 2**16]
    html = article_html(
        found, kept, [b.text for b in kept], [Image(url="https://example.com/a.jpg", is_lead=True)], tree
    )
    soup = BeautifulSoup(html, "html.parser")
    for figure in soup.find_all("figure"):
        figure.extract()
    assert soup.get_text().split() == " ".join(b.text for b in kept).split()
    assert is_clean(html)


def test_read_gives_the_html_of_the_body() -> None:
    page = f"<html><head><title>A quiet harbour</title></head><body><article><h1>A quiet harbour</h1>{BODY}".encode()
    article = extraction.read(page, URL)
    assert [p.get_text() for p in BeautifulSoup(article.article_html, "html.parser").find_all("p")] == (
        article.article_body.split("\n")
    )
    assert extraction.read(page, URL, with_html=False).article_html == ""


def test_plain_text_gives_paragraphs() -> None:
    text = "\n".join(BeautifulSoup(f"<h1>A quiet harbour</h1>{BODY}", "html.parser").get_text("\n").split("\n"))
    article = extraction.read_text(text, URL)
    assert article.article_html.count("<p>") == article.article_body.count("\n") + 1
    assert extraction.read_text(text, URL, with_html=False).article_html == ""
