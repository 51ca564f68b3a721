"""The body in a value of embedded data, as paragraphs and images.

The value may be HTML, a plain string, a list of blocks, or a tree of blocks with marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from worker.errors import Unreadable
from worker.extraction.embedded.script_json import resolve
from worker.extraction.html.tree import Element, parse
from worker.extraction.images.caption_elements import find_caption_elements
from worker.extraction.images.extract import page_images
from worker.extraction.page_data import ImageCandidate, clean_text
from worker.extraction.text.normalize import fold

#: Block types without text of the article.
_NO_TEXT = re.compile(
    r"image|photo|picture|gallery|slideshow|video|audio|podcast|\bad\b|advert|promo|related|recommend|newsletter|"
    r"interstitial|link[_-]?list|teaser|embed|oembed|raw_html|reference|social|tweet|instagram|facebook|divider|button|"
    r"paywall|poll|widget|author|byline|outbrain|correction|table|infobox|factbox|infographic|headline|breadcrumb|"
    r"metadata|timestamp|topic|iframe|map|chart|style|script",
    re.I,
)
_INLINE_TYPE = re.compile(
    r"^(?:text|fragment|link|a|strong|b|em|i|bold|italic|span|hyperlink|urllink|u|br|mark|sup|sub)$", re.I
)
_WRAPPING = ("model", "data", "attributes", "json", "document")
_TEXTUAL = ("content", "text", "html", "htmlText", "value", "body")
_LISTING = (
    "children",
    "content",
    "content_elements",
    "items",
    "blocks",
    "nodes",
    "elements",
    "paragraphs",
    "text",
    "body",
    "component",
    "components",
    "model",
)
_SKIPPED = frozenset({
    "script", "style", "figure", "figcaption", "iframe", "aside", "svg", "button", "form", "noscript", "template",
    "head",
})  # fmt: skip
_BLOCK = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "div", "blockquote", "ul", "ol", "section", "article", "tr",
    "table", "br", "dd", "dt", "body", "html", "td",
})  # fmt: skip
#: Placeholders for advertisements and the like: "$$ARTICLEAD$$", "{{ad}}".
_PLACEHOLDER = re.compile(r"(?:\$\$|\{\{|\[\[)[^\s]*$")
_MAX_DEPTH = 16
_MAX_NODES = 30_000


@dataclass(slots=True)
class Body:
    """The paragraphs and images that were found so far."""

    paragraphs: list[str] = field(default_factory=list)
    images: list[ImageCandidate] = field(default_factory=list)
    left: int = _MAX_NODES  #: values that may still be visited; references may be circular

    @property
    def size(self) -> int:
        """The number of characters of all paragraphs."""
        return sum(map(len, self.paragraphs))


def read_body(value: Any, root: Any) -> Body:
    """Return the paragraphs and images in a value. Never raises an error."""
    body = Body()
    _add(value, root, body, 0)
    return body


def _add(value: Any, root: Any, body: Body, depth: int) -> None:
    value = resolve(value, root)
    body.left -= 1
    if depth > _MAX_DEPTH or body.left < 0:
        return
    if isinstance(value, str):
        _add_string(value, body)
    elif isinstance(value, list) and _is_one_text(value):
        body.paragraphs += [t] if (t := fold("".join(_inline(v, root, body, 0) for v in value))) else []
    elif isinstance(value, list):
        for item in value:
            _add(item, root, body, depth + 1)
    elif isinstance(value, dict):
        _add_block(value, root, body, depth)


def _add_block(node: dict[str, Any], root: Any, body: Body, depth: int) -> None:
    if _NO_TEXT.search(str(node.get("type") or node.get("__typename") or node.get("kind") or node.get("_type") or "")):
        return
    for key in _WRAPPING:
        if isinstance(node.get(key), dict) and not isinstance(node.get("content"), list):
            _add_block({k: v for k, v in node[key].items() if k != "type"}, root, body, depth + 1)
            return
    plain = next((node[k] for k in _TEXTUAL if isinstance(node.get(k), str) and node[k]), None)
    inner = (
        plain if plain is not None else next((node[k] for k in _LISTING if isinstance(node.get(k), list | dict)), None)
    )
    _add(inner, root, body, depth + 1)


def _is_one_text(items: list[Any]) -> bool:
    """Return True if the items are the runs of one paragraph.

    Arc XP calls its paragraphs "text" too, but they have ids or are long.
    """
    runs = [v for v in items if isinstance(v, dict) and _INLINE_TYPE.match(str(v.get("type") or v.get("name") or ""))]
    if not items or len(runs) < len(items):
        return False
    texts = [t for v in runs if isinstance(t := v.get("content") or v.get("text") or v.get("value"), str)]
    has_ids = all("_id" in v or "id" in v for v in runs)
    return len(texts) < 2 or not (has_ids or sum(map(len, texts)) > 120 * len(texts))


def _inline(node: Any, root: Any, body: Body, depth: int) -> str:
    body.left -= 1
    if isinstance(node, str) or depth > _MAX_DEPTH or body.left < 0:
        return node if isinstance(node, str) else ""
    if isinstance(node, list):
        return "".join(_inline(v, root, body, depth + 1) for v in node[:200])
    if isinstance(node, dict):
        for key in ("text", "content", "value", "children", "model", "data"):
            if key in node and (text := _inline(resolve(node[key], root), root, body, depth + 1)):
                return text
    return ""


def _add_string(text: str, body: Body) -> None:
    """Add a string that may be HTML.

    Short HTML is one paragraph. Longer HTML is parsed, so that captions are not taken for text.
    """
    if "<" in text and re.search(r"<(?:p|div|br|li|h\d|figure|img|blockquote)\b", text, re.I):
        _add_html(text, body)
    else:
        body.paragraphs += [t for line in text.split("\n") if (t := clean_text(line))]


def _add_html(text: str, body: Body) -> None:
    try:
        tree = parse(text, "")
    except Unreadable:
        return
    elements = find_caption_elements(tree)
    body.images += [p for p in page_images(tree, elements) if p.url or p.caption]
    lines = "".join(_lines(tree.root, frozenset((*elements.captions, *elements.credits)), 0)).split("\n")
    body.paragraphs += [t for line in lines if (t := fold(line)) and not _PLACEHOLDER.match(t)]


def _lines(node: Element, caption_nodes: frozenset[Element], depth: int) -> Iterator[str]:
    """Yield the text with a line break where a block begins or ends, without captions and hidden elements."""
    if node.tag not in _SKIPPED and node not in caption_nodes and depth < 200:
        edge = "\n" if node.tag in _BLOCK else ""
        yield edge + (node.text or "").replace("\n", " ")
        for child in node:
            yield from _lines(child, caption_nodes, depth + 1)
        yield edge
    yield (node.tail or "").replace("\n", " ")
