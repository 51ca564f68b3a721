"""The images of the article: URL, caption, credit, photographer, agency.

A caption is in a <figcaption>, in an element whose class says so, in an attribute of the <img>, or in embedded data.
Its image is the one in the same <figure>, or in the nearest element around both. Images of boilerplate, teasers of
other articles and portraits are left out (see tables/markup.toml).

Embedded data adds captions and credits that the elements lack, and images that only the article's own data has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from worker.extraction.html.tree import Element, Tree, text_of
from worker.extraction.images import caption_owners, caption_text, credit_line, image_urls, story_images
from worker.extraction.images.caption_elements import (
    CaptionElements,
    find_caption_elements,
    is_outside_article,
    leads_away,
)
from worker.extraction.images.element_roles import markup_table
from worker.extraction.images.image_urls import caption_key, image_key
from worker.extraction.page_data import ImageCandidate, PageData
from worker.extraction.text.normalize import fold
from worker.model.records import Image


@dataclass(frozen=True, slots=True)
class PageImages:
    """The article's images, and the elements that must not become part of its body."""

    images: tuple[Image, ...]
    nodes: frozenset[Element]  #: captions and credits of all images, also of other articles


_IMAGES = ("img", "amp-img", "picture", "video", "iframe")
_MAX_ATTRIBUTE = 1500  #: characters
_FEW = 3  #: children of an element whose attributes speak of its image


def find_images(tree: Tree, data: PageData, publisher: str | None = None) -> PageImages:
    """Return the images of the article. Never raises an error.

    `publisher` is the name that is never taken for a photographer.
    """
    elements = find_caption_elements(tree)
    candidates = merge_embedded(list(page_images(tree, elements)), data, tree)
    images = _without_repeats([_image(p, tree, publisher) for p in candidates])
    lead = next((i for i, image in enumerate(images) if image.url), None)
    with_lead = tuple(replace(image, is_lead=True) if n == lead else image for n, image in enumerate(images))
    return PageImages(images=with_lead, nodes=_add_wrappers({*elements.captions, *elements.credits}))


def _add_wrappers(caption_nodes: set[Element]) -> frozenset[Element]:
    """Return the elements and their wrappers without other text: a block of two spans may be a caption.

    Each wrapper is judged once, after all elements in it.
    """
    waiting: dict[int, set[Element]] = {}
    for node in caption_nodes:
        if (around := node.getparent()) is not None:
            waiting.setdefault(sum(1 for _ in around.iterancestors()), set()).add(around)
    for depth in range(max(waiting, default=0), 1, -1):
        for node in waiting.pop(depth, ()):
            if node not in caption_nodes and _holds_only(node, caption_nodes):
                caption_nodes.add(node)
                if (around := node.getparent()) is not None:
                    waiting.setdefault(depth - 1, set()).add(around)
    return frozenset(caption_nodes)


def _holds_only(node: Element, caption_nodes: set[Element]) -> bool:
    if (node.text or "").strip() or any((child.tail or "").strip() for child in node):
        return False
    return all(child in caption_nodes or not text_of(child) for child in node)


def page_images(tree: Tree, elements: CaptionElements) -> Iterator[ImageCandidate]:
    """Yield the article's images in page order: those with captions or credits, and those without."""
    holders = caption_owners.find(elements)
    uncaptioned = [(p, i) for i, p in elements.images.items() if i not in holders and not _is_within(i, holders)]
    captioned = [(min(map(elements.position, found)), h) for h, found in holders.items() if not _is_within(h, holders)]
    for _, node in sorted([*uncaptioned, *captioned], key=lambda pair: pair[0]):
        if node not in holders:
            candidate = _uncaptioned_image(node, tree, elements)
            if candidate and not is_outside_article(node, tree, elements):
                yield candidate
        elif not (is_outside_article(node, tree, elements) or _is_quote(node) or _is_teaser(node, holders[node], tree)):
            yield from _captioned_images(node, holders[node], elements, tree)


def _is_within(node: Element, holders: Mapping[Element, object]) -> bool:
    return any(a in holders for a in node.iterancestors())


def _is_quote(holder: Element) -> bool:
    """Return True if a figure shows a quotation and no image: its caption names the speaker."""
    return next(holder.iter("blockquote"), None) is not None and next(holder.iter(*_IMAGES), None) is None


def _is_quote_source(element: Element) -> bool:
    """Return True if a <cite> or <footer> belongs to a <blockquote> beside or around it."""
    figure = next(element.iterancestors("figure"), None) if element.tag in ("cite", "footer") else None
    return figure is not None and next(figure.iter("blockquote"), None) is not None


def _is_teaser(holder: Element, elements: list[Element], tree: Tree) -> bool:
    """Return True if an image's caption is a link to another page."""
    for element in elements:
        links = [a for a in element.iter("a") if leads_away(a, tree)]
        if links and len(text_of(links[0])) > 0.8 * len(text_of(element)) > 20:
            return True
    return next(holder.iter("h2", "h3", "h4"), None) is not None and any(leads_away(a, tree) for a in holder.iter("a"))


def _captioned_images(
    holder: Element, found: list[Element], elements: CaptionElements, tree: Tree
) -> Iterator[ImageCandidate]:
    """Yield the images of one figure or wrapper: one, or several if each has a caption of its own."""
    named = [m for m in found if m in elements.captions]
    lone = [m for m in found if m in elements.credits and not (_is_within(m, elements.captions) or _is_quote_source(m))]
    images = [i for i in holder.iter() if i in elements.images and not _is_pixel(i)]
    if len(named) > 1 and len(named) == len(images):
        for image, caption in zip(images, named, strict=True):
            yield _image_candidate(image, *caption_text.split_caption([caption], [], elements), tree)
        return
    first = images[0] if images else next(holder.iter("img"), _before(holder))
    yield _image_candidate(first, *caption_text.split_caption(named, lone, elements), tree)


def _before(holder: Element) -> Element | None:
    """Return the image right before a caption that has no image beside it."""
    before = holder.getprevious()
    if before is None or text_of(before):
        return None
    return next(before.iter("img", "amp-img"), None)


def _image_candidate(image: Element | None, caption: str | None, credit: str | None, tree: Tree) -> ImageCandidate:
    if image is None:
        return ImageCandidate(caption=caption, credit=credit)
    return ImageCandidate(
        url=image_urls.image_url(image, tree),
        caption=caption or _attribute(image, "caption"),
        credit=credit or _attribute(image, "credit"),
        alt=fold(image.get("alt") or "") or None,
    )


def _uncaptioned_image(image: Element, tree: Tree, elements: CaptionElements) -> ImageCandidate | None:
    """Return an image without a caption element, or None.

    It has a caption in its attributes or its alt text, is in a <figure>, or is a picture in the story.
    """
    has_text = not _text_attributes().isdisjoint(image.keys())
    if not has_text and (
        _is_pixel(image)
        or not (
            any(a.tag in ("figure", "picture") for a in (image, *image.iterancestors()))
            or story_images.is_in_story(image, elements, tree)
        )
    ):
        return None
    candidate = _image_candidate(image, None, None, tree)
    if candidate.caption or candidate.credit:
        return candidate
    if candidate.alt and credit_line.split(candidate.alt)[1]:
        return replace(candidate, caption=candidate.alt)
    if (title := fold(image.get("title") or "")) and (credit := credit_line.split(title)[1]):
        return replace(candidate, credit=credit)
    return candidate if candidate.url else None


@cache
def _text_attributes() -> frozenset[str]:
    return frozenset((*markup_table()["caption_attributes"], *markup_table()["credit_attributes"]))


def _attribute(image: Element, kind: str) -> str | None:
    """Return the caption or credit in an attribute of an image, or of the elements around it alone."""
    for node in (image, *islice(image.iterancestors("figure", "picture", "a", "div", "span"), 2)):
        for name in markup_table()[f"{kind}_attributes"] if node is image or len(node) <= _FEW else ():
            value = node.get(name) or ""
            if 2 < len(value) < _MAX_ATTRIBUTE and not value.startswith(("http", "{", "[", "/", "#")):
                return fold(image_urls.without_tags(value)) or None
    return None


def _is_pixel(image: Element) -> bool:
    return image.get("width") in ("0", "1") or image.get("height") in ("0", "1")


def _image(candidate: ImageCandidate, tree: Tree, publisher: str | None) -> Image:
    """Return the Image of a candidate, with caption and credit read.

    A credit at the caption's end is removed from it even if the credit has an element of its own.
    """
    parsed = credit_line.parse(candidate.caption or "", publisher)
    given = credit_line.read(candidate.credit, publisher) if candidate.credit else credit_line.Credit()
    chosen = parsed if parsed.creators or not given.credit_text else given
    creators = chosen.creators or parsed.creators
    if candidate.creator and not creators:
        creators = credit_line.read(candidate.creator, publisher).creators
    return Image(
        url=tree.absolute(candidate.url),
        caption=parsed.caption,
        credit_text=chosen.credit_text,
        creator=creators,
        agency=chosen.agency or parsed.agency,
        alt=candidate.alt,
    )


def _without_repeats(images: list[Image]) -> list[Image]:
    """Return each image once. Copies for other screens have the same URL or caption; one with a caption is kept."""
    kept: dict[str, Image] = {}
    seen: set[str] = set()
    for number, image in enumerate(images):
        key, caption = image_key(image.url), caption_key(image.caption)
        if not (key or caption or image.credit_text) or (caption in seen if caption else key in seen):
            continue
        if caption and key in kept and not kept[key].caption:
            kept[key] = image
        else:
            kept[key if key and key not in kept else f" {number}"] = image
        seen |= {k for k in (key, caption) if k}
    return list(kept.values())


MAX_IMAGES = 300


def merge_embedded(shown: list[ImageCandidate], data: PageData, tree: Tree) -> list[ImageCandidate]:
    """Return the images of the elements, completed from embedded data, then those of the article's own data alone.

    The images of JSON-LD and meta tags are meant for display on other sites: they count only if the page has no
    others.
    """
    own = [p for s in data.articles if s.source in ("fusion", "next", "state", "gallery") for p in s.images]
    from_state = [p for s in data.articles if s.source == "state" for p in s.images]
    from_json_ld = [p for s in data.articles[:1] if s.source == "json-ld" for p in s.images]
    filled = [_fill_from_embedded(p, (*own, *from_json_ld)) for p in shown]
    known = {image_key(p.url) for p in filled if p.url} | {caption_key(p.caption) for p in filled if p.caption}
    has_captions = any(p.caption for p in filled)
    added = [p for p in own if image_key(p.url) not in known and caption_key(p.caption) not in known]
    if has_captions:  # unknown state may contain other articles too; known systems name the article
        added = [p for p in added if p not in from_state]
    merged = [*filled, *added]
    if not any(p.caption for p in merged):
        seen = {image_key(p.url) for p in merged if p.url}
        merged = [*(p for p in from_json_ld[:1] if image_key(p.url) not in seen), *merged]
    if not merged and (url := tree.meta_first("og:image", "twitter:image")):
        merged = [ImageCandidate(url=url, alt=tree.meta_first("og:image:alt"))]
    return merged[:MAX_IMAGES]


def _fill_from_embedded(candidate: ImageCandidate, embedded: Iterable[ImageCandidate]) -> ImageCandidate:
    """Return the candidate with the caption and credit that embedded data has for the same URL or caption."""
    if candidate.caption and candidate.credit:
        return candidate
    key, caption = image_key(candidate.url), caption_key(candidate.caption)
    for other in embedded:
        if (key and key == image_key(other.url)) or (caption and caption == caption_key(other.caption)):
            return replace(
                candidate, caption=candidate.caption or other.caption, credit=candidate.credit or other.credit
            )
    return candidate
