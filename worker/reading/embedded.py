"""Finds the story in a value of embedded data, whatever the system calls its parts, and reads it.

An object is the story where its headline is the page's and it has what a story has: a body, a date, authors. Of several the one
with most of it is taken. Keys are known by a table of their names in the systems of the trade; "basic" (Arc XP) and the like are
looked through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from worker.reading.inline import Root, resolve
from worker.reading.jsonld import keywords_in
from worker.reading.story import Picture, Signature, Story, text_in
from worker.reading.tree import fold

_HEADLINE = ("headlines", "headline", "title", "titel", "titre", "titulo", "name", "hed", "heading", "headlineText", "seoTitle")  # fmt: skip
_DESCRIPTION = ("description", "subheadlines", "standfirst", "lead", "teaserText", "summary", "excerpt", "dek", "intro", "subtitle")  # fmt: skip
_BODY = ("content_elements", "articleBody", "body", "bodyHtml", "bodyHTML", "content", "contents", "text", "elements", "blocks", "paragraphs", "components", "article", "story", "html", "storyElements", "cards")  # fmt: skip
_PUBLISHED = ("publishedAt", "published_at", "datePublished", "publish_date", "publishDate", "publicationDate", "published_time", "publishedTime", "published", "publishedDate", "published_date", "publicatedAt", "firstPublished", "first_publish_date", "display_date", "displayDate", "firstPublishedAt", "releaseDate", "pubDate", "publishTime", "publishedOn", "createdAt", "created")  # fmt: skip
_MODIFIED = ("updatedAt", "updated_at", "dateModified", "last_updated_date", "lastUpdated", "modifiedAt", "updated_time", "updatedTime", "modified", "modificationDate", "lastModified", "updated")  # fmt: skip
_AUTHORS = ("authors", "author", "credits", "bylines", "byline", "contributors", "creators", "writers", "by", "reporters")  # fmt: skip
_SECTION = ("primary_section", "primarySection", "section", "articleSection", "ressort", "mainCategory", "primaryCategory", "category", "channel", "department", "rubrik")  # fmt: skip
_KEYWORDS = ("keywords", "tags", "topics", "seoKeywords")
_AGENCY = ("distributor", "source", "agency", "provider")
_TEXTS = ("content", "text", "value", "html", "body", "data", "copy", "content_html", "bodyHtml", "name", "headline")
_INNER = ("basic", "main", "default", "original", "plain", "short", "rendered", "display", "label", "title", "name", "text", "value", "content", "shortName", "display_name", "displayName")  # fmt: skip
_CAPTION = ("caption", "captionText", "caption_text", "imageCaption", "legend", "legende", "bu", "bildunterschrift", "description", "subtitle", "longCaption", "Caption", "credits_caption_display")  # fmt: skip
_CREDIT = ("credit", "credits", "creditText", "credit_text", "imageCredit", "copyright", "copyrightHolder", "photographer", "source", "sourceText", "byline", "creator", "author", "owner", "copyrightNotice", "agency", "courtesy", "credit_line", "creditLine", "vanity_credits")  # fmt: skip
_ADDRESS = ("url", "src", "imageUrl", "image_url", "contentUrl", "href", "uri", "originalUrl", "path", "file", "link", "resizer_url", "fallback")  # fmt: skip

#: Block types that hold no text of the story.
_NO_TEXT = re.compile(r"image|photo|picture|gallery|slideshow|video|audio|podcast|\bad\b|^ad|advert|promo|related|recommend|newsletter|interstitial|link[_-]?list|teaser|embed|oembed|raw_html|custom_embed|reference|social|tweet|instagram|facebook|divider|button|paywall|poll|widget|author|byline|outbrain|correction|table|infobox|factbox|infographic|headline|breadcrumb|metadata|timestamp|topic|iframe|map|chart", re.I)  # fmt: skip
_INLINE = re.compile(r"^(?:text|fragment|link|a|strong|b|em|i|bold|italic|span|hyperlink|urlLink|u|br|mark|textnode|sup|sub)$", re.I)  # fmt: skip
_IMAGE_TYPE = re.compile(r"image|photo|picture|bild|foto", re.I)
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)\b|/resizer/|/image", re.I)
_PARAGRAPH_END = re.compile(r"</(?:p|h[1-6]|li|div|blockquote|ul|ol|tr|figcaption)\s*>|<br\s*/?>\s*<br\s*/?>|<(?:p|h[1-6]|li|div|ul|ol|blockquote)\b[^>]*>", re.I)  # fmt: skip
_DROPPED = re.compile(r"<(script|style|figure|figcaption|iframe|aside|table|svg|button|form)\b.*?</\1\s*>", re.I | re.S)

_MAX_NODES = 60_000
_MAX_STORIES = 12
_MIN_BODY = 200


def find_story(root: Root, headlines: tuple[str, ...]) -> Story | None:
    """The story with one of these headlines, or None."""
    wanted = frozenset(map(_key, headlines))
    found = [(path, node) for path, node in _objects(root.value) if _is_headed(node, wanted, root.value)]
    read = [_story(root, path, node) for path, node in found[:_MAX_STORIES]]
    return max((s for s in read if _weight(s) > 1), key=_weight, default=None)


def _weight(story: Story) -> float:
    body = sum(map(len, story.paragraphs))
    return (
        (2 + body / 1e6 if body > _MIN_BODY else 0)
        + bool(story.published)
        + bool(story.authors)
        + 0.5 * bool(story.section)
        + 0.5 * bool(story.pictures)
    )


def _objects(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object with its path, outer first, as far as `_MAX_NODES` reach."""
    stack: list[tuple[str, Any]] = [("", value)]
    for _ in range(_MAX_NODES):
        if not stack:
            return
        path, node = stack.pop()
        if isinstance(node, dict):
            yield path, node
            stack.extend((f"{path}.{k}" if path else k, v) for k, v in node.items() if isinstance(v, dict | list))
        elif isinstance(node, list):
            stack.extend((path, v) for v in node if isinstance(v, dict | list))


def _key(headline: str) -> str:
    return re.sub(r"\W+", "", headline.casefold())[:60]


def _is_headed(node: dict[str, Any], wanted: frozenset[str], root: Any) -> bool:
    return any(
        (text := _text(node[k], root)) is not None and (key := _key(text)) in wanted and key != ""
        for k in _HEADLINE
        if k in node
    )


def _story(root: Root, path: str, node: dict[str, Any]) -> Story:
    value = root.value
    taxonomy = node["taxonomy"] if isinstance(node.get("taxonomy"), dict) else {}
    return Story(
        source=root.source,
        rule=".".join(p for p in (root.name, path) if p)[-80:],
        type=str(node.get("type") or node.get("__typename") or "")[:40],
        headline=_named(node, _HEADLINE, value),
        description=_named(node, _DESCRIPTION, value),
        paragraphs=_body(node, value),
        authors=tuple(_signatures(node, value)),
        published=_date(node, _PUBLISHED),
        modified=_date(node, _MODIFIED),
        section=_named(node, _SECTION, value) or _named(taxonomy, _SECTION, value),
        keywords=next((k for o in (node, taxonomy) for n in _KEYWORDS if (k := _keywords(o.get(n)))), ()),
        agency=_named(node, _AGENCY, value),
        pictures=tuple(pictures(node, value)),
        url=text_in(node.get("canonical_url")) or text_in(node.get("url")),
    )


# -- values -----------------------------------------------------------------------------------------------------------


def _text(value: Any, root: Any, depth: int = 0) -> str | None:
    """The text of a value that may be wrapped: {"basic": "..."}, {"title": {"rendered": "..."}}."""
    value = resolve(value, root)
    if isinstance(value, str):
        return text_in(value) if len(value) < 2000 else None
    if isinstance(value, list) and value and depth < 3:
        return _text(value[0], root, depth + 1)
    if isinstance(value, dict) and depth < 3:
        return next((t for k in _INNER if k in value and (t := _text(value[k], root, depth + 1))), None)
    return None


def _named(node: dict[str, Any], names: tuple[str, ...], root: Any) -> str | None:
    return next((t for k in names if k in node and (t := _text(node[k], root))), None)


def _date(node: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """A date as written; epochs stay numbers in digits."""
    for name in names:
        value = node.get(name)
        if isinstance(value, dict):
            value = next((value[k] for k in ("iso", "date", "value", "utc", "timestamp") if k in value), None)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            continue
        text = str(value).strip()
        if re.search(r"\d{4}", text) and len(text) < 60:
            return text
    return None


def _keywords(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        value = [i.get("text") or i.get("name") or i.get("title") if isinstance(i, dict) else i for i in value]
    return keywords_in(value) if isinstance(value, str | list) else ()


def _signatures(node: dict[str, Any], root: Any) -> Iterator[Signature]:
    for name in _AUTHORS:
        value = resolve(node.get(name), root)
        if isinstance(value, dict) and isinstance(value.get("by"), list):
            value = value["by"]
        items = value if isinstance(value, list) else [value]
        names = [s for i in items if (s := _signature(resolve(i, root), root))]
        if names:
            yield from names
            return


def _signature(item: Any, root: Any) -> Signature | None:
    if isinstance(item, dict):
        item = item.get("author") if isinstance(item.get("author"), dict) else item
        first, last = (_text(item.get(k), root) for k in ("firstName", "lastName"))
        name = f"{first} {last}" if first and last else _named(item, ("name", "byline", "fullName", "displayName", "title", "text"), root)  # fmt: skip
        return Signature(name=name, kind="") if name else None
    name = text_in(item)
    return Signature(name=name) if name and len(name) < 200 else None


# -- the body ---------------------------------------------------------------------------------------------------------


def _body(node: dict[str, Any], root: Any) -> tuple[str, ...]:
    """The longest body among the keys that may hold one."""
    found = [tuple(_paragraphs(resolve(node[k], root), root)) for k in _BODY if k in node]
    return max(found, key=lambda b: sum(map(len, b)), default=())


def _paragraphs(value: Any, root: Any, depth: int = 0) -> Iterator[str]:
    """Any value as paragraphs: HTML and plain strings, lists of blocks, and trees of blocks with marks."""
    value = resolve(value, root)
    if depth > 14:
        return
    if isinstance(value, str):
        yield from _split(value)
    elif isinstance(value, list):
        if value and all(isinstance(v, dict) and _INLINE.match(str(v.get("type") or v.get("name") or "")) for v in value) and not _has_blocks(value):  # fmt: skip
            if joined := fold("".join(_inline(v, root) for v in value)):
                yield joined
            return
        for item in value:
            yield from _paragraphs(item, root, depth + 1)
    elif isinstance(value, dict):
        yield from _block(value, root, depth)


def _has_blocks(items: list[Any]) -> bool:
    """Arc calls its paragraphs "text": such a list is one of blocks, since each is a whole text or has an id of its own."""
    texts = [t for v in items if isinstance(t := v.get("content") or v.get("text") or v.get("value"), str)]
    return len(texts) > 1 and (all("_id" in v or "id" in v for v in items) or sum(map(len, texts)) > 120 * len(texts))


def _block(node: dict[str, Any], root: Any, depth: int) -> Iterator[str]:
    kind = str(node.get("type") or node.get("__typename") or node.get("kind") or node.get("_type") or "")
    if _NO_TEXT.search(kind):
        return
    for key in ("model", "data", "attributes", "json", "document"):
        if isinstance(node.get(key), dict) and not isinstance(node.get("content"), list):
            yield from _block({k: v for k, v in node[key].items() if k != "type"}, root, depth + 1)
            return
    plain = next((node[k] for k in ("content", "text", "html", "value", "body") if isinstance(node.get(k), str)), None)
    if plain is not None:
        yield from _split(str(resolve(plain, root)))
        return
    for key in ("children", "content", "content_elements", "items", "blocks", "nodes", "elements", "paragraphs", "text", "body", "component", "components"):  # fmt: skip
        if isinstance(node.get(key), list | dict):
            yield from _paragraphs(node[key], root, depth + 1)
            return


def _inline(node: Any, root: Any) -> str:
    if isinstance(node, str):
        return node
    if isinstance(node, list):
        return "".join(_inline(v, root) for v in node[:200])
    if not isinstance(node, dict):
        return ""
    for key in ("text", "content", "value", "children", "model", "data"):
        if key in node and (text := _inline(resolve(node[key], root), root)):
            return text
    return ""


def _split(text: str) -> Iterator[str]:
    """Paragraphs of a string, which may be HTML."""
    if "<" in text:
        text = _PARAGRAPH_END.sub("\n", _DROPPED.sub("\n", text))
    for line in text.split("\n"):
        if paragraph := text_in(line):
            yield paragraph


# -- pictures ---------------------------------------------------------------------------------------------------------


def pictures(node: dict[str, Any], root: Any) -> Iterator[Picture]:
    """Every image below a story that has an address and a caption or a credit, once each, in order."""
    seen: set[tuple[str | None, str | None]] = set()
    stack: list[Any] = [node]
    for _ in range(_MAX_NODES // 4):
        if not stack:
            return
        current = resolve(stack.pop(), root)
        if isinstance(current, list):
            stack.extend(reversed(current))
        elif isinstance(current, dict):
            picture = _picture(current, root) if current is not node else None
            if picture is None:
                stack.extend(v for k, v in reversed(current.items()) if isinstance(v, dict | list | str) and not _leads_away(k))  # fmt: skip
            elif (picture.url, picture.caption) not in seen:
                seen.add((picture.url, picture.caption))
                yield picture


def _leads_away(key: str) -> bool:
    return bool(re.search(r"related|recommend|teaser|author|credits|taxonomy|owner|more|next|prev|latest|popular|breadcrumb|publisher|sections?$|tags|topics", key, re.I))  # fmt: skip


def _picture(node: dict[str, Any], root: Any) -> Picture | None:
    address = next((a for k in _ADDRESS if k in node and isinstance(a := resolve(node[k], root), str) and a), None)
    kind = str(node.get("type") or node.get("__typename") or node.get("_type") or "")
    if address is None or not (_IMAGE_TYPE.search(kind) or _IMAGE_FILE.search(address)):
        return None
    caption = _named({k: v for k, v in node.items() if k in _CAPTION}, _CAPTION, root)
    credit = _credit(node, root)
    if not (caption or credit) or re.search(r"video|author", kind, re.I):
        return None
    return Picture(url=address, caption=caption, credit=credit, alt=_named(node, ("alt_text", "altText", "alt"), root))


def _credit(node: dict[str, Any], root: Any) -> str | None:
    """The credit as a line. Arc XP's is an object: {"by": [{"name": ...}], "affiliation": [{"name": ...}]}."""
    for key in _CREDIT:
        value = resolve(node.get(key), root)
        if isinstance(value, dict) and ("by" in value or "affiliation" in value):
            names = [n for k in ("by", "affiliation") for i in _list(value.get(k)) if (n := _text(i, root))]
            value = "/".join(dict.fromkeys(names))
        if text := _text(value, root):
            return text
    return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
