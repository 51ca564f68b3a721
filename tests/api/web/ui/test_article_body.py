"""The article's HTML on our own page: nothing acts, nothing is loaded from elsewhere, figures are in their places."""

from __future__ import annotations

from markupsafe import Markup

from api.web.ui.article_body import body_parts
from tests.support.pages.news import BREAK, SCRIPT
from worker.model.records import Article, Image, Kind

QUAY = Image(url="https://e.example/quay.jpg", caption="The quay", credit_text="Jo Roe", creator=("Jo Roe",))
CRANE = Image(caption="The crane")


def article(html: str, **fields: object) -> Article:
    return Article(url="https://e.example/a", kind=Kind.ARTICLE, article_html=html, **fields)  # type: ignore[arg-type]


def joined(parts: list[Markup | Image]) -> str:
    return "".join(p if isinstance(p, str) else f"[{p.caption}]" for p in parts).replace("\n", "")


def test_figures_become_images_in_their_places() -> None:
    html = (
        '<p>One</p><figure><img src="https://e.example/quay.jpg" alt=""/>'
        "<figcaption>The quay (Jo Roe)</figcaption></figure>"
        "<ul><li><figure><figcaption>The crane (AP)</figcaption></figure>Two</li></ul>"
    )
    parts = list(body_parts(article(html, images=(QUAY, CRANE))))
    assert joined(parts) == "<p>One</p>[The quay]<ul><li>[The crane]Two</li></ul>"
    assert [p for p in parts if isinstance(p, Image)] == [QUAY, CRANE]


def test_unknown_figure_keeps_its_caption() -> None:
    html = '<figure><img src="https://e.example/x.jpg" alt=""/><figcaption>Some boat</figcaption></figure>'
    assert list(body_parts(article(html))) == [Image(url="https://e.example/x.jpg", caption="Some boat")]


def test_stored_html_is_cleaned_again() -> None:
    html = (
        f"<p onclick=x>{SCRIPT}{BREAK}<a href=javascript:x>a</a><img src=//e.example/x></p>"
        "<!--figure 0--><style>x</style>"
    )
    shown = joined(list(body_parts(article(html))))
    assert "<script" not in shown and "<img" not in shown and "onclick" not in shown and "javascript" not in shown
    assert "<!--" not in shown and "<style" not in shown


def test_links_do_not_tell_where_they_are() -> None:
    html = '<p><a href="https://e.example/b">b</a></p>'
    assert joined(list(body_parts(article(html)))) == (
        '<p><a href="https://e.example/b" rel="noopener noreferrer">b</a></p>'
    )


def test_dateline_begins_the_first_paragraph() -> None:
    shown = joined(list(body_parts(article("<h2>x</h2><p>A crane fell.</p>", dateline="OSTERVIK & SON"))))
    assert shown == (
        '<h2>x</h2><p><a class="dateline" href="/?filter=dateline%3DOSTERVIK+%26+SON">OSTERVIK &amp; SON</a>'
        " A crane fell.</p>"
    )
    named = joined(list(body_parts(article("<p>Ostervik: A crane fell.</p>", dateline="OSTERVIK"))))
    assert named == "<p>Ostervik: A crane fell.</p>"
