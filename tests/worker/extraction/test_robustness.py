"""Any bytes give an Article or `Unreadable`, in bounded time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.paths import PROJECT
from worker import extraction
from worker.errors import Unreadable
from worker.extraction.html.charset import decode
from worker.model.records import Article

pytestmark = pytest.mark.slow

GOLDEN = sorted((PROJECT / "tests" / "golden").glob("*/page.*"))
URL = "https://paper.example/news/1"
SECONDS = 4.0  # on a busy machine; an idle one needs half

PROSE = "<p>The people of the town voted on Tuesday to keep the last ferry to the islands, whatever it may cost.</p>"

_TAGS = (
    "p",
    "div",
    "span",
    "b",
    "a",
    "br",
    "h1",
    "table",
    "td",
    "li",
    "script",
    "style",
    "figure",
    "time",
    "select",
    "x-y",
)
_MARKUP = st.recursive(
    st.text(max_size=30) | st.sampled_from(("<", "&#0;", "&#xD800;", "\x00", "<!--", "]]>", "\ufeff", "&nbsp;", PROSE)),
    lambda inner: st.tuples(st.sampled_from(_TAGS), st.lists(inner, max_size=4)).map(
        lambda pair: f"<{pair[0]} class='comments x' id=main>{''.join(pair[1])}</{pair[0]}>"
    ),
    max_leaves=25,
)


def _reads(read: Callable[..., Article], body: bytes) -> Article | None:
    started = time.process_time()
    try:
        article = read(body, URL)
    except Unreadable as e:
        assert str(e)
        article = None
    assert time.process_time() - started < SECONDS
    if article is not None:
        assert not any(ord(c) < 32 and c not in "\n\t" for c in article.article_body)
        article.article_body.encode("utf-8")
    return article


@given(st.binary(max_size=3000))
@example(b"")
@example(b"\x00" * 50)
@example(b"\xff\xfe<\x00p\x00>\x00")
@example(b"<?xml version='1.0' encoding='x'?><html>")
@example(b"<html><head><meta charset=bogus></head><p>\xe9")
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_unreadable(body: bytes) -> None:
    _reads(extraction.read, body)
    _reads(extraction.read_text, body)


@given(_MARKUP, st.sampled_from(("utf-8", "cp1252", "utf-16", "shift_jis")))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_markup_is_read(markup: str, charset: str) -> None:
    _reads(extraction.read, markup.encode(charset, "replace"))


@pytest.mark.parametrize("seed", range(40))
def test_damaged_pages(seed: int) -> None:
    """Golden pages stay readable with pieces missing, doubled, or replaced by text that breaks parsers."""
    chance = random.Random(seed)
    path = chance.choice(GOLDEN)
    body = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 10, 100))):
        at, size = chance.randrange(len(body) + 1), chance.randrange(400)
        body[at : at + size * chance.randrange(2)] = chance.choice(
            (
                b"",
                bytes(body[:size]),
                b"</div>" * 9,
                b"<!--",
                b"<script>",
                b"\x00\xff",
                b"&#xD800;",
                b'"',
                b"<select>",
                b"{",
            )
        )
    _reads(extraction.read_text if path.suffix == ".txt" else extraction.read, bytes(body) or b"x")


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 100_000,
        b"<span>" * 100_000 + PROSE.encode(),
        PROSE.encode() * 90_000,
        b"<p>" + b"word " * 2_000_000,
        b"<br>word" * 1_000_000,
        b"<li><a href=/x>some link text</a></li>" * 200_000,
        b"<figure><img src=/a.jpg><figcaption>A man (AP Photo/Some Body)</figcaption></figure>" * 90_000,
        b"<meta property=article:tag content=x>" * 200_000,
        b"<" * 5_000_000,
        b"<script type=application/ld+json>" + b'{"@type":"NewsArticle","a":[' * 300_000,
        b"<p>" + b"(" * 3_000_000,
    ],
    ids=["divs", "spans", "prose", "one-text", "breaks", "links", "figures", "metas", "brackets", "json", "parens"],
)
def test_hostile_pages(body: bytes) -> None:
    _reads(extraction.read, body[:10_000_000])


def test_article_in_deep_nesting_is_read() -> None:
    page = "<html><h1>Town keeps its last ferry</h1>" + "<div>" * 200 + PROSE * 6 + "</div>" * 200
    article = _reads(extraction.read, page.encode())
    assert article is not None
    assert article.article_body.count("last ferry") == 6


@pytest.mark.parametrize(
    "binary",
    [
        b"%PDF-1.7 x",
        b"\x89PNG\r\n",
        b"PK\x03\x04aaaa",
        bytes(range(256)) * 40,
        b"",
        b" \n",
        b"\x7fELF\x02\x01\x01",
        b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff" + b"\0\1" * 999,
    ],
)
def test_bytes_that_are_not_a_page_are_unreadable(binary: bytes) -> None:
    with pytest.raises(Unreadable):
        extraction.read(binary, URL)


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("<p>Köln</p>".encode("cp1252"), "text/html; charset=utf-8", "Köln"),
        ("<p>Köln</p>".encode(), "text/html; charset=iso-8859-1", "Köln"),
        ("<p>Köln, Müll, Öl</p>".encode() + b"\xff", "", "Köln, Müll"),
        ("<p>Köln, Müll, Öl</p>".encode("cp1252"), "", "Köln, Müll"),
        ("<meta charset=windows-1251><p>Москва</p>".encode("cp1251"), "", "Москва"),
        ("<p>東京</p>".encode("shift_jis"), "text/html; charset=Shift_JIS", "東京"),
        ("<p>naïve</p>".encode("utf-16"), "", "naïve"),
        ("<p>東京タワー</p>".encode("utf-16-le"), "", "東京タワー"),
        ("<p>naïve</p>".encode("utf-16-be"), "", "naïve"),
        (b"<p>a\x00b\x07c\x92d</p>" + b" " * 90, "text/html; charset=latin1", "abc’d"),
        ("\ufeff<p>a\u0085b\x0bc</p>".encode() + b" " * 90, "", "a…bc"),
    ],
)
def test_charsets(body: bytes, content_type: str, text: str) -> None:
    assert text in decode(body, content_type)


@pytest.mark.parametrize("url", ["http://[bad", "https://[::1", "", "//x:y:z", "http://x:99999/"])
def test_invalid_url_is_tolerated(url: str) -> None:
    page = b"<html><h1>Town keeps its last ferry</h1>" + PROSE.encode() * 6
    article = extraction.read(page, url)
    assert (article.url, article.headline) == (url, "Town keeps its last ferry")
    assert extraction.read_text(PROSE * 6, url).url == url


HEADLINE = "A headline that is long enough to be found"
SLOW_PAGES = {
    "references that lead back to themselves": (
        '<script>self.__next_f.push([1,"0:{\\"headline\\":\\"'
        + HEADLINE
        + '\\",\\"body\\":\\"$1\\"}\\n1:[\\"$1\\",\\"$1\\",\\"$1\\"]\\n"])</script>'
    ),
    "captions without end": '<div><img src="/a.jpg">' + '<p class="caption">A man walks. Photo: Jane Doe/AP</p>' * 2000,
    "captions far from any picture": "<div>" + '<p class="caption">A man walks in the rain.</p>' * 4000,
    "assignments without JSON": f"<script>/* {HEADLINE} */" + "a={x:1};" * 100_000 + "</script>",
}


@pytest.mark.parametrize("name", SLOW_PAGES)
def test_no_page_takes_long(name: str) -> None:
    page = f"<html><head><title>{HEADLINE}</title></head><body><h1>{HEADLINE}</h1>{SLOW_PAGES[name]}"
    started = time.process_time()
    extraction.read(page.encode(), "https://paper.example/a")
    assert time.process_time() - started < 5
