"""The places of images among the blocks of the body."""

from __future__ import annotations

from tests.support.pages.article_pages import URL
from worker.extraction.article_html.figures import image_elements, place_images
from worker.extraction.html import blocks
from worker.extraction.html.tree import parse
from worker.model.records import Image

SITE = "https://www.larkin.example"


def places(body: str, *images: Image) -> dict[int, list[str]]:
    """Return the addresses or captions of images by the number of blocks before them."""
    tree = parse(f"<body>{body}", URL)
    found = blocks.split(tree)
    kept = [b for b in found if not b.text.startswith("Caption")]
    nodes = image_elements(images, tree)
    placed = place_images(images, nodes, found, kept, {}, tree)
    return {n: [p.image.url or p.image.caption or "" for p in here] for n, here in placed.items()}


def test_image_is_placed_by_its_element() -> None:
    image = Image(url=f"{SITE}/quay-1200x800.jpg")
    assert places("<p>a<p>b<div><img src=/quay-300x200.jpg></div><p>c", image) == {2: [image.url]}


def test_image_of_a_lazy_loader_and_of_a_picture_element() -> None:
    lazy, source = Image(url=f"{SITE}/lazy.jpg"), Image(url=f"{SITE}/wide.webp")
    body = (
        "<p>a<div><img src=/blank.gif data-src=/lazy.jpg></div><p>b"
        "<div><picture><source srcset='/wide.webp 900w'><img></picture></div>"
    )
    assert places(body, lazy, source) == {1: [lazy.url], 2: [source.url]}


def test_image_without_an_element_is_placed_by_its_caption() -> None:
    image = Image(caption="Caption of the quay, seen from the west at dawn")
    assert places(f"<p>a<p>{image.caption} (Jo Roe)<p>b", image) == {1: [image.caption]}


def test_image_without_any_place_is_last_and_the_lead_image_first() -> None:
    lead, other = Image(url=f"{SITE}/lead.jpg", is_lead=True), Image(url=f"{SITE}/other.jpg")
    assert places("<p>a<p>b", other, lead) == {0: [lead.url], 2: [other.url]}
