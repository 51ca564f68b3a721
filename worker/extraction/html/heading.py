"""The element that holds the article's heading.

It is an <h1>, but not the one around the site's logo. On a page without one it is the <h2> or <h3> that repeats the
page's title.
"""

from __future__ import annotations

from itertools import islice
from urllib.parse import urlsplit

from worker.extraction.html.tree import Element, Tree, text_of
from worker.extraction.text import text_size
from worker.extraction.text.normalize import name_key

_MOST = 6  #: h1 elements that are examined
_MOST_LOWER = 60  #: h2 and h3 elements that are examined
_LEAST = 12  #: letters that such an h2 or h3 has at least
_FEW_WORDS = 3  #: a title with fewer words is not compared


def find_heading(tree: Tree) -> Element | None:
    """Return the heading, or None if the page shows none."""
    return tree.cached(_heading)


def headings(tree: Tree) -> list[Element]:
    """Return the first h1 elements with text, without logos.

    Those that share most words with the page's title come first.
    """
    return tree.cached(_headings)


def _heading(tree: Tree) -> Element | None:
    found = headings(tree)
    if found and word_overlap(text_of(found[0]), _title_words(tree)) > 0:
        return found[0]
    lower = (n for tag in ("h2", "h3") for n in islice(tree.root.iter(tag), _MOST_LOWER))
    return next((n for n in lower if _is_title(n, tree)), found[0] if found else None)


def _headings(tree: Tree) -> list[Element]:
    found = [n for n in islice(tree.root.iter("h1"), _MOST) if text_of(n) and not _is_logo(n, tree)]
    title = _title_words(tree)
    if len(found) < 2 or len(title) < _FEW_WORDS:
        return found
    own = {node: words(text_of(node)) for node in found}
    return sorted(found, key=lambda n: (-round(len(own[n] & title) / max(1, len(own[n])), 1), -len(own[n] & title)))


def _title_words(tree: Tree) -> frozenset[str]:
    return words(f"{tree.title or ''} {tree.meta_first('og:title') or ''}")


def word_overlap(text: str, title: frozenset[str]) -> float:
    """Return the share of a text's words that a title has, 0 to 1."""
    own = words(text)
    return len(title & own) / max(1, len(own))


def words(text: str) -> frozenset[str]:
    """Return the distinct words of a text in lower case."""
    return frozenset(text_size.tokens(text.casefold()))


def _is_logo(node: Element, tree: Tree) -> bool:
    """Return True if all of the element's text is a link to the home page."""
    link = next(node.iter("a"), None)
    link = link if link is not None else next(node.iterancestors("a"), None)
    target = tree.absolute(link.get("href")) if link is not None else None
    if link is None or target is None:
        return False
    parts = urlsplit(target)
    is_home = parts.path in ("", "/") and not parts.query and parts.hostname == urlsplit(tree.url).hostname
    return is_home and len(text_of(link)) >= len(text_of(node))


def _is_title(node: Element, tree: Tree) -> bool:
    """Return True if the page's title or og:title repeats this heading."""
    text = text_of(node)
    if text_size.size(text) < _LEAST or len(text) > 400:
        return False
    key = name_key(text)
    titles = [name_key(t) for t in (tree.title, tree.meta_first("og:title")) if t]
    return any(key in title or (len(title) > _LEAST and key.startswith(title)) for title in titles)
