"""JSON-LD: the articles among the page's schema.org nodes, in a list, under @graph, or nested."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from worker.extraction.embedded.body_text import read_text
from worker.extraction.embedded.jsonld_authors import authors
from worker.extraction.embedded.schema_org import spelled, types
from worker.extraction.html.tree import Tree
from worker.extraction.page_data import EmbeddedArticle, ImageCandidate, clean_text

#: Types of articles: NewsArticle, BlogPosting, LiveBlogPosting, ReportageNewsArticle, Recipe …
_ARTICLE_TYPE = re.compile(r"(?:Article|Posting|Report|Review|Blog|Recipe)$")
#: Properties that lead to other things than the article.
_LEADING_AWAY = frozenset({
    "hasPart", "isPartOf", "mentions", "about", "citation", "relatedLink", "itemListElement", "comment", "review",
    "isBasedOn", "publisher", "author",
})  # fmt: skip
_MAX_NODES = 5000
_MAX_ARTICLES = 6  #: a live blog has hundreds of posts


def articles(tree: Tree) -> tuple[EmbeddedArticle, ...]:
    """Return the articles in the page's JSON-LD: those about this page first, else in page order."""
    nodes = tree.cached(_main_nodes)
    by_id = {n["@id"]: n for n in nodes if isinstance(n.get("@id"), str) and len(n) > 2}
    found = [(_is_about(n, tree.url), n) for n in nodes if any(_ARTICLE_TYPE.search(t) for t in types(n))]
    found.sort(key=lambda pair: not pair[0])
    return tuple(_article(n, by_id, tree) for _, n in found[:_MAX_ARTICLES])


def breadcrumbs(tree: Tree) -> tuple[str, ...]:
    """Return the names of the page's BreadcrumbList, home first. The longest list is taken."""
    if "eadcrumb" not in tree.text:
        return ()
    lists_of_names = [
        _breadcrumb_names(n) for n in _nodes(list(tree.json_ld), lists=True) if "BreadcrumbList" in types(n)
    ]
    return max(lists_of_names, key=len, default=())


def site_name(tree: Tree) -> str | None:
    """Return the name of the WebSite or organisation in the page's JSON-LD."""
    for wanted in ("WebSite", "NewsMediaOrganization", "Organization"):
        for node in tree.cached(_main_nodes):
            if wanted in types(node) and "Person" not in types(node) and (name := clean_text(node.get("name"))):
                return name
    return None


def _main_nodes(tree: Tree) -> tuple[dict[str, Any], ...]:
    return tuple(_nodes(list(tree.json_ld)))


def _nodes(roots: list[Any], *, lists: bool = False) -> Iterator[dict[str, Any]]:
    """Yield every node with a type, outer before inner, except below properties that lead away from the article."""
    stack = list(reversed(roots))
    for _ in range(_MAX_NODES):
        if not stack:
            return
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(reversed(node))
        elif isinstance(node, dict):
            node = spelled(node)
            if node.get("@type"):
                yield node
            stack.extend(
                v for k, v in reversed(node.items()) if isinstance(v, dict | list) and (lists or k not in _LEADING_AWAY)
            )


def _is_about(node: dict[str, Any], url: str) -> bool:
    """Return True if the node is about this page, judging by the last part of the URL."""
    slug = re.split(r"[?#]", url)[0].rstrip("/").rpartition("/")[2]
    about = node.get("mainEntityOfPage")
    named = (node.get("url"), about.get("@id") if isinstance(about, dict) else about, node.get("@id"))
    return bool(slug) and any(isinstance(n, str) and slug in n for n in named)


def _article(node: dict[str, Any], by_id: dict[str, dict[str, Any]], tree: Tree) -> EmbeddedArticle:
    publisher = _resolve(node.get("publisher"), by_id)
    return EmbeddedArticle(
        source="json-ld",
        rule=next(iter(types(node)), "node"),
        type=next((t for t in types(node) if _ARTICLE_TYPE.search(t)), ""),
        headline=clean_text(_first(node.get("headline"))) or clean_text(_first(node.get("name"))),
        description=clean_text(_first(node.get("description"))),
        paragraphs=_paragraphs(node.get("articleBody")),
        word_count=_count(node.get("wordCount")),
        authors=authors(node, tree),
        published=clean_text(_first(node.get("datePublished"))) or clean_text(_first(node.get("dateCreated"))),
        modified=clean_text(_first(node.get("dateModified"))),
        section=_section(node.get("articleSection")),
        keywords=keywords_in(node.get("keywords")),
        publisher=_name(publisher),
        agency=_name(_resolve(node.get("sourceOrganization") or node.get("provider"), by_id)),
        language=clean_text(_first(node.get("inLanguage"))),
        images=tuple(_images(node.get("image"), by_id)),
        is_free=_boolean(node.get("isAccessibleForFree")),
        url=clean_text(node.get("url")),
    )


def _paragraphs(body: Any) -> tuple[str, ...]:
    """Return the paragraphs of a string, or of a list of strings."""
    parts = body if isinstance(body, list) else [body]
    texts = (part["@value"] if isinstance(part, dict) and "@value" in part else part for part in parts)
    return tuple(p for text in texts if isinstance(text, str) for p in read_text(text).paragraphs)


def _count(value: Any) -> int | None:
    """Return a number of words, however it is written: 412, "412", "412 words"."""
    match = re.match(r"\s*(\d{1,6})(?!\d)", str(_first(value)))
    return int(match[1]) if match else None


def _first(value: Any) -> Any:
    """Return the first item of a list, and the value of a typed value: {"@type": "Date", "@value": "2024-05-03"}."""
    value = value[0] if isinstance(value, list) and value else value
    return value["@value"] if isinstance(value, dict) and "@value" in value else value


def _resolve(value: Any, by_id: dict[str, dict[str, Any]]) -> Any:
    value = _first(value)
    if isinstance(value, str) and value in by_id:
        return by_id[value]
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and len(value) <= 2:
        return by_id.get(value["@id"], value)
    return value


def _name(value: Any) -> str | None:
    return clean_text(_first(value.get("name"))) if isinstance(value, dict) else clean_text(value)


_SECTIONS = 6  #: names in a list of sections that are read


def _section(value: Any) -> str | None:
    """Return the name of a section. Some sites give a list, which becomes a trail: "World > Bridges"."""
    items = value if isinstance(value, list) else [value]
    names = [t for i in items[:_SECTIONS] if (t := clean_text(i.get("name") if isinstance(i, dict) else i))]
    return " > ".join(dict.fromkeys(names)) or None


def keywords_in(value: Any) -> tuple[str, ...]:
    """Return the keywords of a list, or of a string with commas. "Tag:…" and "key=value" entries are left out."""
    items = value if isinstance(value, list) else [value]
    parts = [
        p for i in items if (t := clean_text(i.get("name") if isinstance(i, dict) else i)) for p in _split(t, items)
    ]
    kept = (p.strip() for p in parts)
    return tuple(dict.fromkeys(k for k in kept if 1 < len(k) <= 80 and not re.match(r"[\w-]+[:=]\S", k)))


def _split(text: str, items: list[Any]) -> list[str]:
    return re.split(r"[,;|]", text) if len(items) == 1 or text.count(",") > 2 else [text]


def _boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().rpartition("/")[2].lower())
    return value if isinstance(value, bool) else None


def _images(value: Any, by_id: dict[str, dict[str, Any]]) -> Iterator[ImageCandidate]:
    for item in value if isinstance(value, list) else [value]:
        node = _resolve(item, by_id)
        if isinstance(node, str):
            yield ImageCandidate(url=node)
        elif isinstance(node, dict) and (image := _image(node)).url:
            yield image


def _image(node: dict[str, Any]) -> ImageCandidate:
    holder = node.get("copyrightHolder") or node.get("copyrightNotice")
    caption = clean_text(_first(node.get("caption"))) or clean_text(_first(node.get("description")))
    url = _first(node.get("contentUrl") or node.get("url") or node.get("@id"))
    if isinstance(url, dict):
        url = url.get("@id") or url.get("url")
    return ImageCandidate(
        url=clean_text(url),
        caption=caption,
        credit=clean_text(_first(node.get("creditText"))) or _name(_first(holder)),
        creator=_name(_first(node.get("creator") or node.get("author"))),
        alt=clean_text(_first(node.get("alternateName"))),
    )


def _breadcrumb_names(node: dict[str, Any]) -> tuple[str, ...]:
    items = node.get("itemListElement")
    found: list[tuple[float, str | None]] = []
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, dict):
            target = item.get("item")
            name = clean_text(item.get("name")) or (
                clean_text(target.get("name")) if isinstance(target, dict) else None
            )
            found.append((_position(item.get("position"), len(found)), name))
    return tuple(name for _, name in sorted(found, key=lambda pair: pair[0]) if name)


def _position(value: Any, default: int) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float(default)
