"""The article in a value of embedded data, found without knowing the publishing system's key names.

An object is the article if its headline is the page's and it has a body, a date or authors. Of several objects, the
one with most of these is taken. The names of keys are in tables/embedded.toml.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

from worker.extraction.embedded import json_keys
from worker.extraction.embedded.json_body import Body, read_body
from worker.extraction.embedded.json_images import find_images
from worker.extraction.embedded.jsonld import keywords_in
from worker.extraction.embedded.script_json import EmbeddedValue, resolve
from worker.extraction.page_data import AuthorCandidate, EmbeddedArticle, clean_text
from worker.extraction.text.normalize import comparison_key

_MAX_NODES = 60_000
_MAX_ARTICLES = 12
_ENOUGH = 4.0  #: the weight of an article with body, date and author; the search ends there
_DATE_KEYS = ("iso", "date", "value", "utc", "timestamp")
_MIN_BODY = 200  #: characters


def find_article(root: EmbeddedValue, headlines: tuple[str, ...]) -> EmbeddedArticle | None:
    """Return the article with one of these headlines, or None. Never raises an error."""
    wanted = frozenset(map(_key, headlines))
    best, best_weight = None, 1.0
    headed = ((path, node) for path, node in _objects(root.value) if _is_headed(node, wanted, root.value))
    for path, node in islice(headed, _MAX_ARTICLES):
        article = _article(root, path, node)
        if (weight := _weight(article)) > best_weight:
            best, best_weight = article, weight
        if best_weight > _ENOUGH:
            break
    return best


def _weight(article: EmbeddedArticle) -> float:
    body = sum(map(len, article.paragraphs))
    has_body = 2 + body / 1e6 if body > _MIN_BODY else 0.0
    return (
        has_body + bool(article.published) + bool(article.authors) + (bool(article.section) + bool(article.images)) / 2
    )


_Path: TypeAlias = "tuple[_Path, str] | None"  #: the path of the object around it, and the key in it
_NESTED = (dict, list)


def _objects(value: Any) -> Iterator[tuple[_Path, dict[str, Any]]]:
    """Yield every object with its path, the outermost first, up to `_MAX_NODES`."""
    queue: deque[tuple[_Path, Any]] = deque([(None, value)])
    for _ in range(_MAX_NODES):
        if not queue:
            return
        path, node = queue.popleft()
        if isinstance(node, dict):
            yield path, node
            queue.extend([((path, k), v) for k, v in node.items() if isinstance(v, _NESTED)])
        elif isinstance(node, list):
            queue.extend([(path, v) for v in node if isinstance(v, _NESTED)])


def _path_text(path: _Path) -> str:
    names: list[str] = []
    while path is not None:
        path, name = path
        names.append(str(name))
    return ".".join(reversed(names))


def _key(headline: str) -> str:
    return comparison_key(headline)[:80]


def _is_headed(node: dict[str, Any], wanted: frozenset[str], root: Any) -> bool:
    """Return True if one of the object's headlines is the page's, perhaps followed by the section or the site."""
    for name, value in node.items():
        if _is_headline(name) and isinstance(value, str | dict) and (text := json_keys.text(value, root)):
            key = _key(text)
            if key in wanted or (len(key) >= 14 and any(w.startswith(key) for w in wanted)):
                return bool(key)
    return False


@lru_cache(maxsize=16384)
def _is_headline(name: str) -> bool:
    return json_keys.normalize_key(name) in json_keys.names("headline")


def _article(root: EmbeddedValue, path: _Path, node: dict[str, Any]) -> EmbeddedArticle:
    value = root.value
    taxonomy = node["taxonomy"] if isinstance(node.get("taxonomy"), dict) else {}
    body = _body(node, value)
    return EmbeddedArticle(
        source=root.source,
        rule=".".join(p for p in (root.name, _path_text(path)) if p)[-80:],
        type=str(node.get("type") or node.get("__typename") or "")[:40],
        headline=json_keys.first_text(node, "headline", value),
        description=json_keys.first_text(node, "description", value),
        paragraphs=tuple(body.paragraphs),
        authors=tuple(_author_candidates(node, value)),
        published=_date(node, "published"),
        modified=_date(node, "modified"),
        section=json_keys.first_text(taxonomy, "section", value) or json_keys.first_text(node, "section", value),
        keywords=next(
            (k for o in (node, taxonomy) for v in json_keys.values(o, "keywords") if (k := _keywords(v))), ()
        ),
        agency=json_keys.first_text(node, "agency", value),
        images=(*find_images(node, value), *body.images),
        url=clean_text(node.get("canonical_url")) or clean_text(node.get("url")),
    )


def _body(node: dict[str, Any], root: Any) -> Body:
    """Return the longest body among the keys that may hold one."""
    return max((read_body(v, root) for v in json_keys.values(node, "body")), key=lambda b: b.size, default=Body())


def _date(node: dict[str, Any], meaning: str) -> str | None:
    """Return a date as written. Epochs stay numbers in digits."""
    for value in json_keys.values(node, meaning):
        plain = next((value[k] for k in _DATE_KEYS if k in value), None) if isinstance(value, dict) else value
        if isinstance(plain, bool) or not isinstance(plain, str | int | float):
            continue
        text = str(plain).strip()
        if re.search(r"\d{4}", text) and len(text) < 60:
            return text
    return None


def _keywords(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        value = [i.get("text") or i.get("name") or i.get("title") if isinstance(i, dict) else i for i in value]
    return keywords_in(value) if isinstance(value, str | list) else ()


def _author_candidates(node: dict[str, Any], root: Any) -> Iterator[AuthorCandidate]:
    for value in json_keys.values(node, "authors"):
        resolved = resolve(value, root)
        if isinstance(resolved, dict) and isinstance(resolved.get("by"), list):
            resolved = resolved["by"]
        items = resolved if isinstance(resolved, list) else [resolved]
        if authors := [s for i in items[:50] if (s := _author_candidate(resolve(i, root), root))]:
            yield from authors
            return


def _author_candidate(item: Any, root: Any) -> AuthorCandidate | None:
    if isinstance(item, dict):
        item = item["author"] if isinstance(item.get("author"), dict) else item
        first, last = (json_keys.text(item.get(k), root) for k in ("firstName", "lastName"))
        name = f"{first} {last}" if first and last else json_keys.first_text(item, "person", root)
    else:
        name = clean_text(item)
    return AuthorCandidate(name=name) if name and len(name) < 200 else None
