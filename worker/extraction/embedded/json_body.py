"""The body in a value of embedded data, as paragraphs and images.

The value may be HTML, Markdown, a plain string, a list of blocks, or a tree of blocks with marks. The trees of the
usual editors have these shapes (Slate, ProseMirror, Draft.js, Editor.js, Lexical, Quill, Portable Text, rich text of
Contentful, blocks of WordPress, HTML as JSON); they are read by shape, not by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from worker.extraction.embedded.body_text import read_text
from worker.extraction.embedded.references import resolve
from worker.extraction.embedded.syntax.packings import is_packed, unpack
from worker.extraction.html.tree import INLINE
from worker.extraction.page_data import ImageCandidate

#: Block types without text of the article.
_NO_TEXT = re.compile(
    r"image|photo|picture|gallery|slideshow|video|audio|podcast|\bad\b|advert|promo|related|recommend|newsletter|"
    r"interstitial|link[_-]?list|teaser|embed|oembed|raw_html|reference|social|tweet|instagram|facebook|divider|button|"
    r"paywall|poll|widget|author|byline|outbrain|correction|table|infobox|factbox|infographic|headline|breadcrumb|"
    r"metadata|timestamp|topic|iframe|\bmap\b|chart|\bstyle|\bscript|figure|figcaption|aside|\bimg\b|delimiter|separator|atomic",
    re.I,
)
_INLINE_TYPE = re.compile(
    r"^(?:text|fragment|link|bold|italic|hyperlink|urllink|strike(?:through)?|underline|emphasis|inline\w*|\w+-?hyperlink|"
    r"hard_?-?break|break|mention|autolink|linebreak|text_?run|leaf)$",
    re.I,
)
_BREAK_TYPE = re.compile(r"^(?:br|hard_?-?break|break|line_?-?break)$", re.I)
_ONE_TEXT_TYPE = re.compile(r"^(?:core/)?(?:p|paragraph|h[1-6]|head(?:er|ing)[\w-]*|lead|unstyled|block|text)$", re.I)
_WRAPPING = ("model", "data", "attributes", "attrs", "json", "document", "root", "fields", "doc")
_TEXTUAL = ("processed", "rendered", "content", "text", "html", "htmlText", "value", "body", "markdown", "innerHTML")
_LISTING = (
    "children",
    "content",
    "content_elements",
    "innerBlocks",
    "ops",
    "items",
    "blocks",
    "nodes",
    "elements",
    "paragraphs",
    "text",
    "body",
    "component",
    "components",
    "value",
    "model",
    "sections",
    "rows",
    "edges",
    "node",
)
_NESTED = ("items", "innerBlocks", "children")
_TYPE_KEYS = ("type", "__typename", "kind", "_type", "nodeType", "blockName", "__component", "_template")
_MAX_DEPTH = 24
_MAX_NODES = 30_000
_LONG_RUN = 120  #: characters of a run, on average: longer runs are paragraphs


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


def read_body(value: Any, known: Any) -> Body:
    """Return the paragraphs and images in a value; `known` are the objects that references name. Raises no error."""
    body = Body()
    _add(value, known, body, 0, "")
    return body


def _add(value: Any, known: Any, body: Body, depth: int, around: str) -> None:
    """Add a value; `around` is the type of the block that it is in."""
    value = resolve(value, known)
    body.left -= 1
    if depth > _MAX_DEPTH or body.left < 0:
        return
    if isinstance(value, str) and is_packed(value):
        value = unpack(value) or value
    if isinstance(value, str):
        _add_string(value, body)
    elif isinstance(value, list) and (element := _as_element(value)):
        _add_block(element, known, body, depth)
    elif isinstance(value, list) and value and _is_one_text(value, around):
        _add_string("".join(_inline(v, known, body, 0) for v in value), body)
    elif isinstance(value, list):
        for item in value:
            _add(item, known, body, depth + 1, around)
    elif isinstance(value, dict):
        _add_block(value, known, body, depth)


def _add_string(text: str, body: Body) -> None:
    found = read_text(text)
    body.paragraphs += found.paragraphs
    body.images += found.images


def _as_element(items: list[Any]) -> dict[str, Any] | None:
    """Return React's ["$", "p", key, props] or the list ["p", {}, child, …] as a block; None for other lists."""
    if len(items) == 4 and items[0] == "$" and isinstance(items[3], dict):
        return {"type": items[1], "children": items[3].get("children")}
    if len(items) > 2 and isinstance(items[0], str) and isinstance(items[1], dict) and _is_tag(items[0]):
        return {"type": items[0], "children": items[2:]}
    return None


def _is_tag(name: str) -> bool:
    return name in INLINE or name in ("p", "div", "ul", "ol", "li", "blockquote", "h2", "h3", "h4", "figure", "section")


def _kind(node: dict[str, Any]) -> str:
    """Return the type of a block, its tag for an element of HTML, "" for objects without a type."""
    kind = next((v for k in _TYPE_KEYS if isinstance(v := node.get(k), str) and v), "")
    if kind == "element" or not kind:
        tag, name = node.get("tagName") or node.get("tag"), node.get("name")
        if isinstance(tag, str) and (kind or _is_tag(tag)):
            return tag
        kind = name if isinstance(name, str) and (kind or "/" in name) else kind
    return kind


def _add_block(node: dict[str, Any], known: Any, body: Body, depth: int) -> None:
    kind = _kind(node)
    if _NO_TEXT.search(kind):
        return
    for key in _WRAPPING:
        inner = node.get(key)
        if not isinstance(inner, dict) or not _has_text(inner) or isinstance(node.get("content"), list):
            continue
        if key not in ("data", "attrs", "attributes") or not _has_text(node, but=key):
            _add_block({"type": kind} | {k: v for k, v in inner.items() if k != "type"}, known, body, depth + 1)
            return
    text = next((node[k] for k in _TEXTUAL if isinstance(node.get(k), str) and node[k].strip()), None)
    listing = next((node[k] for k in _LISTING if isinstance(node.get(k), list | dict) and node[k]), None)
    if text is None and listing is None and not kind:  # a wrapper of any name
        listing = next((v for v in node.values() if isinstance(v, dict) and _has_text(v)), None)
    start = len(body.paragraphs)
    if text is not None:
        _add(text, known, body, depth + 1, kind)
        listing = next((node[k] for k in _NESTED if isinstance(node.get(k), list)), None) if kind or not start else None
        if listing and _repeats(listing, known, body, start):
            return
    if listing is not None:
        _add(listing, known, body, depth + 1, kind)


def _repeats(listing: Any, known: Any, body: Body, start: int) -> bool:
    """Return True if the text that was added from `start` on has the first words of the listing."""
    inner = Body(left=100)
    _add(listing, known, inner, 1, "")
    return not inner.paragraphs or inner.paragraphs[0][:40] in " ".join(body.paragraphs[start:])


def _has_text(node: dict[str, Any], but: str = "") -> bool:
    """Return True if the object has a text or a list of blocks of its own."""
    names = (*_TEXTUAL, *_LISTING, *_WRAPPING)
    return any(k != but and isinstance(node.get(k), str | list | dict) and node[k] for k in names)


def _is_one_text(items: list[Any], around: str) -> bool:
    """Return True if the items are the runs of one paragraph.

    Arc XP calls its paragraphs "text" too, but they have ids or are long. Runs without a type are a paragraph's only
    inside of a block.
    """
    runs = [v for v in items if isinstance(v, dict)]
    if not runs:
        return len(items) > 1 and bool(_ONE_TEXT_TYPE.match(around))
    if not all(isinstance(v, str) or _is_run(v, around) for v in items):
        return False
    if _ONE_TEXT_TYPE.match(around) and around != "text":
        return True
    texts = [t for v in runs if isinstance(t := v.get("content") or v.get("text") or v.get("value"), str)]
    has_ids = all("_id" in v or "id" in v for v in runs)
    return len(texts) < 2 or not (has_ids or sum(map(len, texts)) > _LONG_RUN * len(texts))


def _is_run(node: Any, around: str) -> bool:
    """Return True if the object is a run of text: it has an inline type, or a text alone."""
    if isinstance(node, list):
        element = _as_element(node)
        return element is not None and element["type"] in INLINE
    if not isinstance(node, dict):
        return False
    if "insert" in node:
        return True
    kind = _kind(node)
    if not kind:
        is_leaf = isinstance(node.get("text"), str) and not any(isinstance(node.get(k), list) for k in _NESTED)
        return bool(around) and is_leaf
    if _ONE_TEXT_TYPE.match(around) and kind != around and not _NO_TEXT.search(kind) and not _ONE_TEXT_TYPE.match(kind):
        return True
    return kind in INLINE or bool(_INLINE_TYPE.match(kind))


def _inline(node: Any, known: Any, body: Body, depth: int) -> str:
    """Return the text of a run."""
    body.left -= 1
    if isinstance(node, str) or depth > _MAX_DEPTH or body.left < 0:
        return node if isinstance(node, str) else ""
    if isinstance(node, list):
        element = _as_element(node)
        parts = [element["children"]] if element else node[:500]
        return "".join(_inline(v, known, body, depth + 1) for v in parts)
    if isinstance(node, dict):
        kind = _kind(node)
        if _BREAK_TYPE.match(kind):
            return "\n"
        if _NO_TEXT.search(kind):
            return ""
        for key in ("text", "content", "value", "children", "insert", "model", "data", "attrs"):
            if key in node and (text := _inline(resolve(node[key], known), known, body, depth + 1)):
                return text
    return ""
