"""The place of each of the article's images among its blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from worker.extraction.article_html.inline_spans import Inline
from worker.extraction.html.blocks import Block
from worker.extraction.html.tree import Element, Tree
from worker.extraction.images.image_urls import caption_key, image_key, image_url
from worker.model.records import Image

_KEY_CHARS = 40  #: characters of a caption that identify its block


class Placed(NamedTuple):
    """An image, and its element if the page shows one."""

    image: Image
    node: Element | None


def place_images(
    images: Sequence[Image],
    nodes: Mapping[str, Element],
    blocks: Sequence[Block],
    kept: Sequence[Block],
    inline: Mapping[Block, Inline],
    tree: Tree,
) -> dict[int, list[Placed]]:
    """Return the images by the number of kept blocks before them.

    An image is placed by its element, or else by the block with its caption. Without both, the lead image comes first
    and any other image last. `nodes` is the result of `image_elements`.
    """
    placed: dict[int, list[Placed]] = {}
    if not images:
        return placed
    places = _places(nodes.values(), kept, inline, tree)
    for image in images:
        node = nodes.get(image_key(image.url))
        if node is not None:
            place = places[node]
        elif (block := _caption_block(image, blocks)) is not None:
            place = sum(b.index < block.index for b in kept)
        else:
            place = 0 if image.is_lead else len(kept)
        placed.setdefault(place, []).append(Placed(image, node))
    return placed


def image_elements(images: Sequence[Image], tree: Tree) -> dict[str, Element]:
    """Return the first element of each image by its key."""
    wanted = {key for image in images if (key := image_key(image.url))}
    found: dict[str, Element] = {}
    for node in tree.root.iter("img", "amp-img"):
        if not wanted:
            break
        attributes = " ".join(map(str, node.values())).casefold()
        if _is_in_picture(node) or any(key in attributes for key in wanted):
            key = image_key(image_url(node, tree))
            if key in wanted:
                wanted.remove(key)
                found[key] = node
    return found


def _is_in_picture(node: Element) -> bool:
    parent = node.getparent()
    return parent is not None and parent.tag == "picture"


def _places(
    nodes: Iterable[Element], kept: Sequence[Block], inline: Mapping[Block, Inline], tree: Tree
) -> dict[Element, int]:
    """Return, for each element, the number of kept blocks that begin before it."""
    at_text: dict[Element, int] = {}  # blocks up to the one that begins with the element's text
    at_tail: dict[Element, int] = {}  # the same, for the text after the element
    for number, block in enumerate(kept, 1):
        found = inline.get(block, Inline())
        start = found.start if found.start is not None else block.node
        if found.is_tail:
            at_tail[_last_in(start)] = number
        else:
            at_text.setdefault(start, number)
    wanted, places, before = set(nodes), {}, 0
    matters = wanted.union(at_text, at_tail)
    for node in tree.nodes:
        if node not in matters:
            continue
        before = max(before, at_text.get(node, 0))
        if node in wanted:
            places[node] = before
            if len(places) == len(wanted):
                break
        before = max(before, at_tail.get(node, 0))
    return places


def _last_in(node: Element) -> Element:
    while len(node):
        node = node[-1]
    return node


def _caption_block(image: Image, blocks: Sequence[Block]) -> Block | None:
    key = caption_key(image.caption)[:_KEY_CHARS]
    return next((b for b in blocks if caption_key(b.text).startswith(key)), None) if key else None
