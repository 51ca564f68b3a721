"""Images of the article: caption, credit, URL; and the images that do not belong to it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.pages.article_pages import BODY, PARAGRAPHS, URL, page
from worker.extraction.html.tree import parse, text_of
from worker.extraction.images import image_urls
from worker.extraction.images.extract import PageImages, find_images
from worker.extraction.page_data import EmbeddedArticle, ImageCandidate, PageData
from worker.model.records import Image

CAPTION = "Biscuit, a goat, rests in a trailer outside a car wash in Fort Ansley."


def found(body: str, data: PageData | None = None) -> PageImages:
    return find_images(page(body=BODY + body), data or PageData())


def only(body: str) -> Image:
    images = found(body).images
    assert len(images) == 1
    return images[0]


IMG = "<img src=/a.jpg>"
CREDIT = "Jon Smith/AP"
MARKUP = {
    "figcaption": f"<figure>{IMG}<figcaption>{CAPTION} ({CREDIT})</figcaption></figure>",
    "span in figcaption": f"<figure>{IMG}<figcaption>{CAPTION} <span class=c1>{CREDIT}</span></figcaption></figure>",
    "cite": f"<figure>{IMG}<figcaption><p>{CAPTION} <cite>{CREDIT}</cite></p></figcaption></figure>",
    "footer": f"<figure>{IMG}<figcaption>{CAPTION}</figcaption><footer>{CREDIT}</footer></figure>",
    "two figcaptions": f"<figure>{IMG}</figure><div class=caption><figcaption>{CAPTION}</figcaption>"
    f"<figcaption itemprop=author>{CREDIT}</figcaption></div>",
    "classes": f"<div class=photo>{IMG}<p class=wp-caption-text>{CAPTION}</p><p class=photo-credit>{CREDIT}</p></div>",
    "camel case": f"<div>{IMG}<div class=Image_photoCredit__x1>{CREDIT}</div><p class=imgCaption>{CAPTION}</p></div>",
    "attributes": f'<img class=lazy data-src=/a.jpg data-caption="{CAPTION}" data-credit="Foto: {CREDIT}">',
    "bar and strong": f"<div><figure>{IMG}</figure>"
    f"<p class=img-description>{CAPTION} | <strong>{CREDIT}</strong></p></div>",
    "unnamed, with a credit": f"<div>{IMG}<p>{CAPTION}</p><p>Image: {CREDIT}</p></div>",
    "custom element": "<div><brick-image data-src=/a.jpg></brick-image>"
    f"<div class=img-caption><span>{CAPTION}</span><span class=image-photographer>Foto: {CREDIT}</span></div></div>",
    "hidden button": f"<figure>{IMG}<figcaption><span>{CAPTION}<span> Foto: {CREDIT}</span></span>"
    "<span hidden>Show more</span></figcaption></figure>",
    "alt text with a credit": f'<figure><img src=/a.jpg alt="{CAPTION} ({CREDIT})"></figure>',
}


@pytest.mark.parametrize("markup", MARKUP.values(), ids=MARKUP.keys())
def test_reads_caption_and_credit_from_all_markup(markup: str) -> None:
    image = only(markup)
    assert image.caption == CAPTION
    assert (image.credit_text, image.creator, image.agency) == ("Jon Smith/AP", ("Jon Smith",), "AP")


@pytest.mark.parametrize("markup", [m for k, m in MARKUP.items() if k not in ("attributes", "alt text with a credit")])
def test_nodes_cover_captions_and_credits(markup: str) -> None:
    tree = page(body=BODY + markup)
    nodes = find_images(tree, PageData()).nodes
    marked = {d for n in nodes for d in n.iter()}
    left = " ".join((n.text or "") for n in tree.nodes if n not in marked and n.tag not in ("title", "script"))
    assert CAPTION not in left
    assert "Jon Smith" not in left
    assert all(p[:40] in left for p in PARAGRAPHS)


OTHER = "<img src=/t.jpg>"
ELSEWHERE = {
    "teaser": f"<a href=/news/other-1><figure>{OTHER}<figcaption>Another article's image</figcaption></figure></a>",
    "linked caption": f"<figure>{OTHER}<figcaption><a href=/news/other-1>Another article to read next</a></figcaption>",
    "aside": f"<aside><figure>{OTHER}<figcaption>An image on the side</figcaption></figure></aside>",
    "related": f"<div class=related-stories><figure>{OTHER}<figcaption>A related one</figcaption></figure></div>",
    "portrait": f"<div class=author-bio><figure>{OTHER}<figcaption>Jane Roe at work</figcaption></figure></div>",
    "byline by a portrait": f"<div>{OTHER}<div class=text-caption>Von Jane Roe 10.09.2025, 09:53 Uhr</div></div>",
    "interface": f"<figure>{OTHER}<figcaption>Slideshow (15 images)</figcaption></figure>",
}


@pytest.mark.parametrize("markup", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_images_outside_the_article_have_no_caption(markup: str) -> None:
    assert [i.caption for i in found(markup).images if i.caption] == []


def test_names_of_wrappers_around_the_article_are_ignored() -> None:
    figure = f"<figure><img src=/a.jpg><figcaption>{CAPTION}</figcaption></figure>"
    tree = page(body=f"<div class='layout sidebar-layout'>{BODY}{figure}</div>")
    assert [i.caption for i in find_images(tree, PageData()).images] == [CAPTION]


def test_paragraph_with_a_caption_class_is_not_a_caption() -> None:
    tree = page(body=BODY.replace("<p>", "<p class=caption>"))
    assert find_images(tree, PageData()).nodes == frozenset()


def test_urls_are_absolute_and_not_placeholders() -> None:
    assert only("<figure><img src=/i/a.jpg></figure>").url == "https://www.larkin.example/i/a.jpg"
    lazy = '<figure><img src="data:image/gif;base64,R0" data-src="//cdn.example/a.jpg"></figure>'
    assert only(lazy).url == "https://cdn.example/a.jpg"
    sizes = '<figure><picture><source srcset="/s.jpg 300w, /l.jpg 1200w"><img src="/blank.gif"></picture></figure>'
    assert only(sizes).url == "https://www.larkin.example/l.jpg"


def test_hostile_urls_are_dropped() -> None:
    assert found('<figure><img src="javascript:alert(1)"></figure>').images == ()


def test_first_image_leads_and_repeats_are_merged() -> None:
    figure = "<figure><img src='/a-{0}.jpg'><figcaption>{1}</figcaption></figure>"
    images = found(
        figure.format("300x200", CAPTION) + figure.format("1200x800", CAPTION) + figure.format(2, "A latch.")
    ).images
    assert [(i.caption, i.is_lead) for i in images] == [(CAPTION, True), ("A latch.", False)]


def test_slides_of_a_gallery_have_their_own_captions() -> None:
    slide = '<li><img src=/{0}.jpg><div class="slide-caption">Slide {0} of the goat. Jon Smith/AP</div></li>'
    images = found("<ul>" + "".join(slide.format(n) for n in range(1, 6)) + "</ul>").images
    assert [i.caption for i in images] == [f"Slide {n} of the goat." for n in range(1, 6)]


def embedded(source: str, *images: ImageCandidate) -> PageData:
    return PageData(articles=(EmbeddedArticle(source=source, rule="x", images=images),))


def test_embedded_data_completes_the_elements() -> None:
    data = embedded(
        "next", ImageCandidate(url="https://cdn.example/w300/goat.jpg", caption=CAPTION, credit="Jon Smith/AP")
    )
    image = find_images(page(body=BODY + "<figure><img src=https://cdn.example/w900/goat.jpg></figure>"), data).images[
        0
    ]
    assert (image.caption, image.credit_text) == (CAPTION, "Jon Smith/AP")


def test_images_of_embedded_data_are_added_but_of_json_ld_only_if_needed() -> None:
    figure = f"<figure><img src=/a.jpg><figcaption>{CAPTION}</figcaption></figure>"
    more = ImageCandidate(url="https://cdn.example/b.jpg", caption="A latch.")
    assert [i.caption for i in found(figure, embedded("fusion", more)).images] == [CAPTION, "A latch."]
    assert [i.caption for i in found(figure, embedded("json-ld", more)).images] == [CAPTION]
    assert [i.caption for i in found("", embedded("json-ld", more)).images] == ["A latch."]


def test_credit_in_the_caption_comes_before_another_credit() -> None:
    data = embedded(
        "fusion", ImageCandidate(url="https://x.example/a.jpg", caption=f"{CAPTION} (AP Photo/Jon Smith)", credit="AFP")
    )
    assert found("", data).images[0].credit_text == "AP Photo/Jon Smith"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://x.example/a/goat-300x200.jpg?w=3", "goat"),
        ("https://x.example/a/goat_scaled.webp", "goat"),
        ("https://dims.example/resize/?url=https%3A%2F%2Fx.example%2Fgoat.jpg", "goat"),
        ("http://[broken", ""),
        (None, ""),
    ],
)
def test_sizes_of_one_image_share_a_key(url: str | None, key: str) -> None:
    assert image_urls.image_key(url) == key


TAGS = st.sampled_from(
    ["figure", "figcaption", "img", "div class=caption", "span class=credit", "p", "a href=/x", "picture", "aside"]
)


@settings(max_examples=150)
@given(st.lists(st.tuples(TAGS, st.text(alphabet="abc (/)©:.", max_size=12)), max_size=14))
def test_any_markup_is_read_without_an_error(pieces: list[tuple[str, str]]) -> None:
    html = "".join(f"<{tag}>{text}" for tag, text in pieces)
    tree = parse(f"<h1>x</h1>{html}", URL)
    images = find_images(tree, PageData())
    assert all(text_of(n) is not None for n in images.nodes)


def test_deep_and_wide_pages_are_read_in_time() -> None:
    started = time.process_time()
    find_images(parse("<div class=caption><figure>" * 5000 + "x", URL), PageData())
    find_images(parse("<figure><img src=/a.jpg><figcaption>a b c d</figcaption></figure>" * 5000, URL), PageData())
    assert time.process_time() - started < 8


@pytest.mark.parametrize(
    "srcset",
    [
        "/a.jpg 1x,/b.jpg 2x",
        "/a.jpg 320w, /b.jpg 640w",
        "/w_1,h_2/a.jpg 1w,/b.jpg 2w",
        "/b.jpg",
        "data:image/gif;base64,R0 9x, /b.jpg 1x",
    ],
)
def test_takes_the_largest_image_of_a_srcset(srcset: str) -> None:
    assert image_urls.largest_in_srcset(srcset) == "/b.jpg"


def test_urls_in_urls_are_followed_a_few_times() -> None:
    assert image_urls.image_key("https://img.example/x?url=" + "?url=" * 5000) == ""


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("2 of the boats sank.", "2 of the boats sank."),
        ("1 / 9 The boats sank.", "The boats sank."),
        ("3 de mayo", "3 de mayo"),
    ],
)
def test_only_a_counter_is_removed_from_a_caption(caption: str, expected: str) -> None:
    assert only(f'<figure><img src="/a.jpg"><figcaption>{caption}</figcaption></figure>').caption == expected


def test_speaker_of_a_quote_is_not_a_photographer() -> None:
    quote, cite = "<blockquote>We will not hurry.</blockquote>", "<cite>Jane Roe</cite>"
    assert not found(f"<figure>{quote}{cite}</figure><figure>{quote}<figcaption>{cite}</figcaption></figure>").images
    assert only(f"<figure>{IMG}{quote}{cite}</figure>").credit_text is None


def test_reads_a_caption_right_after_the_image() -> None:
    body = f"<div class=field-image><div>{IMG}</div></div><div class=field-legende>{CAPTION}</div>"
    assert only(body).caption == CAPTION
    assert not [i for i in found(f"<p>Text</p><div class=field-legende>{CAPTION}</div>").images if i.caption]
