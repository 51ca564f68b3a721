"""Variants of a labelled page for training: the same story in another build, so that a model learns no site's fashion.

A variant loses names (class, id, role) or the meaning of its tags, and gets lists of teasers with the first paragraphs
of other stories. The same page and seed give the same variant.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import islice

from lxml import etree

from worker.extraction.html.charset import decode
from worker.extraction.html.tree import Element, parse

_NAMES = ("class", "id", "role", "itemprop", "data-testid", "data-component", "aria-label")
_MEANINGFUL = ("article", "aside", "footer", "header", "main", "nav", "section")
_LIST_NAMES = ("", "teasers", "grid", "latest", "columns", "row", "stream", "block-list")
_HEADLINES = ("h2", "h3", "h4", "div", "strong")
_CHARS = (90, 420)  #: characters of a teaser's text
_CARDS = (3, 12)  #: teasers in a list
_STORY_SHARE = 0.5  #: the innermost element with this share of the page's paragraphs holds the story


def variant_of(html: bytes, url: str, stories: Sequence[str], seed: str) -> bytes:
    """Return a variant of a page. `stories` are the texts of other pages."""
    chance = random.Random(seed)
    root = parse(decode(html), url).root
    steps: list[Callable[[], None]] = []
    if chance.random() < 0.7:
        steps.append(lambda: _drop_names(root, chance, chance.choice((0.5, 1.0))))
    if chance.random() < 0.35:
        steps.append(lambda: _make_plain(root))
    if stories and chance.random() < 0.7:
        steps.append(lambda: _add_teasers(root, chance, stories))
    for step in steps or [lambda: _drop_names(root, chance, 1.0)]:
        step()
    return bytes(etree.tostring(root, encoding="utf-8", method="html"))


def _drop_names(root: Element, chance: random.Random, share: float) -> None:
    for node in root.iter(etree.Element):
        if node.tag not in ("meta", "link", "script", "time", "img") and chance.random() < share:
            for name in _NAMES:
                if name in node.attrib:
                    del node.attrib[name]


def _make_plain(root: Element) -> None:
    for node in root.iter(*_MEANINGFUL):
        node.tag = "div"


def _add_teasers(root: Element, chance: random.Random, stories: Sequence[str]) -> None:
    """Insert a list of teasers after the story, before it, or at the end of the page."""
    body = next(iter(root.iter("body")), None)
    if body is None:
        return
    story = _story(body)
    teasers = _teasers(chance, stories)
    place = chance.choice(("after", "inside", "end", "before"))
    parent = story.getparent()
    if place == "inside":
        story.append(teasers)
    elif place == "end" or story is body or parent is None:
        body.append(teasers)
    else:
        parent.insert(parent.index(story) + (place == "after"), teasers)


def _story(body: Element) -> Element:
    """Return the innermost element that holds half of the page's text in paragraphs."""
    sizes: dict[Element, int] = {}
    total = 0
    for node in body.iter("p"):
        size = len("".join(map(str, node.itertext())))
        total += size
        for around in node.iterancestors():
            sizes[around] = sizes.get(around, 0) + size
            if around is body:
                break
    holders = [node for node, size in sizes.items() if size > total * _STORY_SHARE]
    return max(holders, key=lambda node: sum(1 for _ in node.iterancestors()), default=body)


def _teasers(chance: random.Random, stories: Sequence[str]) -> Element:
    name, heading = chance.choice(_LIST_NAMES), chance.choice(_HEADLINES)
    linked, has_link, is_list = chance.random() < 0.7, chance.random() < 0.4, chance.random() < 0.3
    found = etree.Element("ul" if is_list else "div")
    if name:
        found.set("class", name)
    for story in chance.sample(list(stories), min(chance.randint(*_CARDS), len(stories))):
        card = etree.SubElement(found, "li" if is_list else "div")
        paragraphs = [p for p in islice(story.split("\n"), 6) if p.strip()]
        if not paragraphs:
            continue
        words = paragraphs[-1].split()[:9]
        title = etree.SubElement(card, heading)
        if linked:
            title = etree.SubElement(title, "a", href="/news/" + "-".join(w for w in words if w.isalnum()))
        title.text = " ".join(words)
        text = etree.SubElement(card, "p")
        text.text = paragraphs[0][: chance.randint(*_CHARS)]
        if has_link:
            etree.SubElement(card, "a", href="/news/more").text = " ".join(paragraphs[-1].split()[:3])
    return found
