"""The parsed page: declarative shadow roots, and text as it is read."""

from __future__ import annotations

from worker.extraction.html.blocks import split
from worker.extraction.html.tree import parse, text_of


def _texts(html: str) -> list[str]:
    return [b.text for b in split(parse(f"<body>{html}", "https://o.example/"))]


def test_shadow_root_is_the_shown_tree() -> None:
    assert _texts("<x-a><template shadowrootmode=open><p>one</p><p>two</p></template></x-a>") == ["one", "two"]
    assert _texts("<x-a><template><p>one</p></template></x-a>") == []


def test_page_without_a_body_tag() -> None:
    tree = parse("<title>t</title><meta name=a content=b><article><p>one</p></article>", "https://o.example/")
    assert [b.text for b in split(tree)] == ["one"]
    assert (tree.title, tree.meta_first("a")) == ("t", "b")


def test_slots_show_the_content_of_the_host() -> None:
    root = "<template shadowrootmode=open><div><slot name=head></slot></div><p>rail</p><slot></slot></template>"
    assert _texts(f"<x-a>{root}<p>story</p><h1 slot=head>title</h1></x-a>") == ["title", "rail", "story"]


def test_shadow_root_in_a_shadow_root() -> None:
    inner = "<x-b><template shadowrootmode=open><p>a</p><slot></slot></template><p>b</p></x-b>"
    html = f"<x-a><template shadowrootmode=open>{inner}<slot></slot></template><p>c</p></x-a>"
    assert _texts(html) == ["a", "b", "c"]


def test_reading_of_ruby_is_not_text() -> None:
    html = "<p>川の<ruby>堰<rp>(</rp><rt>せき</rt><rp>)</rp></ruby>が開く</p>"
    assert _texts(html) == ["川の堰が開く"]
    assert text_of(next(parse(html, "https://o.example/").root.iter("p"))) == "川の堰が開く"
