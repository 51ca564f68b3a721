"""The pictures of the story: address, caption, credit, photographer, agency; and the nodes that no body may hold.

Where a caption stands: a <figcaption>, an element whose class says so, an attribute of the <img>, or embedded data. The picture it
belongs to is the one in the same <figure>, or in the nearest element around both. Pictures in furniture, teasers of other stories
and portraits are left out (config/images.toml says how they are told). What the page's data says of a picture fills what the
elements leave open; pictures that only the story's own data knows are added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from worker.reading import credits
from worker.reading.marks import Marks, find_marks, is_elsewhere, settings
from worker.reading.story import Picture, State
from worker.reading.tree import Element, Tree, fold, text_of
from worker.records import Image


@dataclass(frozen=True, slots=True)
class Pictures:
    images: tuple[Image, ...]
    nodes: frozenset[Element]  #: captions and credits, of this story's pictures and of others


@dataclass(frozen=True, slots=True)
class _Found:
    """One picture in the page's elements."""

    picture: Picture
    is_elsewhere: bool


_MAX_PICTURES = 300
_LEVELS_UP = 4  #: from a caption to the element that also holds its picture


def find_images(tree: Tree, state: State, publisher: str | None = None) -> Pictures:
    """Never raises on any page."""
    marks = find_marks(tree)
    found = [f for f in _in_elements(tree, marks) if not f.is_elsewhere]
    pictures = _merged([f.picture for f in found], state, tree)
    images = [_image(p, tree, publisher) for p in pictures]
    kept = _without_repeats([i for i in images if i.url or i.caption or i.credit_text])
    lead = next((i for i, image in enumerate(kept) if image.url), None)
    flagged = tuple(replace(image, is_lead=n == lead) if n == lead else image for n, image in enumerate(kept))
    return Pictures(images=flagged, nodes=frozenset(marks.captions) | frozenset(marks.credits))


# -- pictures in the page's elements ----------------------------------------------------------------------------------


def _in_elements(tree: Tree, marks: Marks) -> Iterator[_Found]:
    """Pictures in page order: with the captions that belong to them, or alone."""
    holders = _holders(marks)
    taken: set[Element] = set()
    for node in tree.nodes:
        if node in holders and not any(a in taken for a in node.iterancestors()):
            yield from _in_holder(node, holders[node], marks, tree)
            taken.add(node)
        elif node.tag == "img" and (node.get("class") or node.get("src") or node.get("data-src")) is not None:
            if any(a in taken for a in node.iterancestors()):
                continue
            picture = Picture(url=_address(node, tree), alt=fold(node.get("alt") or "") or None, **_attributes(node))
            if picture.caption or picture.credit or _in_figure(node):
                yield _Found(picture, is_elsewhere(node, tree))


def _in_figure(node: Element) -> bool:
    return any(a.tag in ("figure", "picture") for a in node.iterancestors())


def _holders(marks: Marks) -> dict[Element, list[Element]]:
    """For each caption or lone credit the element around it that holds its picture too: a <figure>, or the nearest with an <img>."""
    holders: dict[Element, list[Element]] = {}
    for mark in (*marks.captions, *marks.credits):
        holder = _holder(mark)
        if holder is not None:
            holders.setdefault(holder, []).append(mark)
    return holders


def _holder(mark: Element) -> Element | None:
    around: Element | None = mark
    for _ in range(_LEVELS_UP):
        around = around.getparent() if around is not None else None
        if around is None or around.tag in ("body", "html"):
            return None
        if around.tag == "figure":
            return around
        if next(around.iter("img", "video", "amp-img"), None) is not None:
            return around
    return None


def _in_holder(holder: Element, marks: list[Element], all_marks: Marks, tree: Tree) -> Iterator[_Found]:
    captions = [m for m in marks if m in all_marks.captions]
    lone = [m for m in marks if m in all_marks.credits and not any(a in captions for a in m.iterancestors())]
    images = [i for i in holder.iter("img", "amp-img") if not _is_pixel(i)]
    elsewhere = is_elsewhere(holder, tree)
    if len(captions) > 1 and len(captions) == len(images):
        pairs = list(zip(images, captions, strict=True))
        yield from (_Found(_picture(i, [c], [], all_marks, tree), elsewhere) for i, c in pairs)
        return
    first = images[0] if images else None
    yield _Found(_picture(first, captions, lone, all_marks, tree), elsewhere)


def _picture(image: Element | None, captions: list[Element], lone: list[Element], marks: Marks, tree: Tree) -> Picture:
    inner = [n for c in captions for n in c.iter() if n in marks.credits and n is not c]
    inner = [n for n in inner if not any(a in inner for a in n.iterancestors())]
    caption = fold(" ".join(dict.fromkeys(_text_without(c, inner) for c in captions)))
    credit = next((t for n in (*inner, *lone) if (t := text_of(n)) and len(t) <= credits.MAX_CREDIT), None)
    attributes = _attributes(image) if image is not None else {}
    return Picture(
        url=_address(image, tree) if image is not None else None,
        caption=caption or attributes.get("caption"),
        credit=credit or attributes.get("credit"),
        alt=fold(image.get("alt") or "") or None if image is not None else None,
    )


def _text_without(node: Element, removed: list[Element]) -> str:
    """The element's text, that of some elements in it left out."""
    if not removed or not any(r in set(node.iter()) for r in removed):
        return text_of(node)
    text = text_of(node)
    for part in map(text_of, removed):
        if part:
            text = text.replace(part, " ", 1)
    return re.sub(r"\s*[(\[|–—-]\s*[)\]]?\s*$", "", fold(text))


def _attributes(image: Element) -> dict[str, str]:
    found = {}
    for what in ("caption", "credit"):
        value = next((v for a in settings()[f"{what}_attributes"] if (v := image.get(a)) and len(v) > 2), None)
        if value and not value.startswith(("http", "{", "[", "/")):
            found[what] = fold(re.sub(r"<[^>]+>", " ", value))
    return found


def _address(image: Element, tree: Tree) -> str | None:
    """The picture's address, not the placeholder's: lazy attributes first, the largest of a srcset."""
    for name in settings()["address_attributes"]:
        value = (image.get(name) or "").strip()
        if "srcset" in name and value:
            value = _largest(value)
        if value and not value.startswith("data:") and not re.search(r"placeholder|blank\.|spacer|1x1", value):
            return tree.absolute(value)
    parent = image.getparent()
    if parent is not None and parent.tag == "picture":
        sources = (s.get("srcset") or s.get("data-srcset") or "" for s in parent.iter("source"))
        return next((tree.absolute(_largest(s)) for s in sources if s), None)
    return None


def _largest(srcset: str) -> str:
    best, size = "", -1.0
    for part in re.split(r",\s+", srcset):
        address, _, width = part.strip().partition(" ")
        try:
            number = float(width.strip(" wx") or 1)
        except ValueError:
            number = 0.0
        if address and not address.startswith("data:") and number > size:
            best, size = address, number
    return best


def _is_pixel(image: Element) -> bool:
    return image.get("width") in ("0", "1") or image.get("height") in ("0", "1")


# -- with what the data says ------------------------------------------------------------------------------------------


def _merged(found: list[Picture], state: State, tree: Tree) -> list[Picture]:
    """Pictures of the elements, filled from the data, then those that only the story's own data has."""
    own = [p for s in state.stories if s.source not in ("json-ld", "microdata") for p in s.pictures]
    linked = [p for s in state.stories[:1] if s.source == "json-ld" for p in s.pictures]
    filled = [_filled(p, (*own, *linked)) for p in found]
    known = {_stem(p.url) for p in filled if p.url} | {_folded(p.caption) for p in filled if p.caption}
    added = [p for p in own if _stem(p.url) not in known and _folded(p.caption) not in known]
    everything = [*filled, *added]
    if not any(p.caption for p in everything) or not everything:
        seen = {_stem(p.url) for p in everything if p.url}
        everything = [*(p for p in linked[:1] if _stem(p.url) not in seen), *everything]
    if not everything and (address := tree.meta_first("og:image", "twitter:image")):
        everything = [Picture(url=address)]
    return everything[:_MAX_PICTURES]


def _filled(picture: Picture, others: Iterable[Picture]) -> Picture:
    if picture.caption and picture.credit:
        return picture
    stem, caption = _stem(picture.url), _folded(picture.caption)
    for other in others:
        if (stem and stem == _stem(other.url)) or (caption and caption == _folded(other.caption)):
            return replace(picture, caption=picture.caption or other.caption, credit=picture.credit or other.credit)
    return picture


def _stem(address: str | None) -> str:
    """What stays of an address over sizes and formats: the longest part of its path that looks like a file's name."""
    if not address:
        return ""
    try:
        path = urlsplit(address).path
    except ValueError:
        return ""
    last = re.sub(r"\.(?:jpe?g|png|webp|avif|gif)$", "", path.rstrip("/").rpartition("/")[2], flags=re.I)
    return re.sub(r"[-_](?:\d{2,4}x\d{2,4}|w?\d{3,4}|scaled|\d+x)$", "", last).casefold()


def _folded(text: str | None) -> str:
    return re.sub(r"\W+", "", (text or "").casefold())[:80]


def _image(picture: Picture, tree: Tree, publisher: str | None) -> Image:
    parsed = credits.parse(picture.caption or "", publisher)
    given = credits.read(picture.credit, publisher) if picture.credit else credits.Credit()
    credit = given if given.credit_text else parsed
    creators = credit.creators or parsed.creators
    if picture.creator and not creators:
        creators = credits.read(picture.creator, publisher).creators
    return Image(
        url=tree.absolute(picture.url),
        caption=parsed.caption if parsed.credit_text else (fold(picture.caption or "") or None),
        credit_text=credit.credit_text,
        creator=creators,
        agency=credit.agency or parsed.agency,
        alt=picture.alt,
    )


def _without_repeats(images: list[Image]) -> list[Image]:
    """One image a picture: repeats for other screens share the address or the caption."""
    kept: list[Image] = []
    seen: set[str] = set()
    for image in images:
        keys = {k for k in (_stem(image.url), _folded(image.caption)) if k}
        if keys and keys & seen and (not image.caption or _folded(image.caption) in seen):
            continue
        seen |= keys
        kept.append(image)
    return kept
