"""The element that is the story's heading: an <h1>, but not the one around the site's logo; where a page has none, the
<h2> or <h3> that its title repeats.
"""

from __future__ import annotations

from itertools import islice
from urllib.parse import urlsplit

from worker.extraction.html.tree import Element, Tree, text_of
from worker.extraction.text import text_size
from worker.extraction.text.normalize import name_key

_MOST = 6  #: h1s that are looked at
_MOST_LOWER = 60  #: h2s and h3s
_LEAST = 12  #: letters of one of these
_FEW_WORDS = 3  #: a title of fewer tells nothing


def find_heading(tree: Tree) -> Element | None:
    """The heading, or None where the page shows none."""
    return tree.cached(_heading)


def headings(tree: Tree) -> list[Element]:
    """The first h1s with text, logos left out, those that share most words with the page's title before others."""
    return tree.cached(_headings)


def _heading(tree: Tree) -> Element | None:
    found = headings(tree)
    if found:
        return found[0]
    lower = (n for tag in ("h2", "h3") for n in islice(tree.root.iter(tag), _MOST_LOWER))
    return next((n for n in lower if _is_title(n, tree)), None)


def _headings(tree: Tree) -> list[Element]:
    found = [n for n in islice(tree.root.iter("h1"), _MOST) if text_of(n) and not _is_logo(n, tree)]
    title = words(tree.title or "")
    if len(found) < 2 or len(title) < _FEW_WORDS:
        return found
    return sorted(found, key=lambda n: -round(word_overlap(text_of(n), title), 1))


def word_overlap(text: str, title: frozenset[str]) -> float:
    """Which share of a text's words stands in a title, 0 to 1."""
    own = words(text)
    return len(title & own) / max(1, len(own))


def words(text: str) -> frozenset[str]:
    """Each word of a text once, in small letters."""
    return frozenset(text_size.tokens(text.casefold()))


def _is_logo(node: Element, tree: Tree) -> bool:
    """Whether all of its text is a link to the home page."""
    link = next(node.iter("a"), None)
    link = link if link is not None else next(node.iterancestors("a"), None)
    target = tree.absolute(link.get("href")) if link is not None else None
    if link is None or target is None:
        return False
    parts = urlsplit(target)
    is_home = parts.path in ("", "/") and not parts.query and parts.hostname == urlsplit(tree.url).hostname
    return is_home and len(text_of(link)) >= len(text_of(node))


def _is_title(node: Element, tree: Tree) -> bool:
    """Whether the page's title, or what it says elsewhere that it is, repeats this heading."""
    text = text_of(node)
    if text_size.size(text) < _LEAST or len(text) > 400:
        return False
    return any(name_key(text) in name_key(t) for t in (tree.title, tree.meta_first("og:title")) if t)
