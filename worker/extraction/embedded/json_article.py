"""The article in a value of embedded data, found without knowing the publishing system's key names.

An object is the article if its headline is the page's and it has a body, a date or authors. Of several objects, the
one with most of these is taken. The names of keys are in tables/embedded.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import unquote

from worker.extraction.embedded import json_keys
from worker.extraction.embedded.json_body import Body, read_body
from worker.extraction.embedded.json_images import find_images, leads_away
from worker.extraction.embedded.json_objects import JsonObject, JsonObjects
from worker.extraction.embedded.jsonld import keywords_in
from worker.extraction.embedded.references import resolve
from worker.extraction.embedded.script_json import EmbeddedValue
from worker.extraction.embedded.syntax import flight
from worker.extraction.page_data import AuthorCandidate, EmbeddedArticle, clean_text
from worker.extraction.text.normalize import comparison_key

_MAX_ARTICLES = 12
_ENOUGH = 4.0  #: the weight of an article with body, date and author; the search ends there
_DATE_KEYS = ("iso", "date", "value", "utc", "timestamp", "rendered")
_MIN_BODY = 200  #: characters
_COPY = 0.9  #: the weight that JSON-LD inside of other data loses
_STORY = 400  #: characters of the body of an article that nothing on the page names
_ADDRESS_KEYS = ("url", "link", "href", "slug", "canonicalurl", "permalink", "path", "uri", "weburl", "canonical", "id")
_MIN_SLUG = 8  #: characters of the last part of a URL that names one article
_NO_BODY = re.compile(r"comment|disclaimer|consent|cookie|translation|label|message|config", re.I)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What identifies the article of the page in embedded data."""

    headlines: frozenset[str]  #: as comparison keys
    names: frozenset[str]  #: the last part of the URL, and the number in it
    is_bare: bool = False  #: the elements show no prose: the body may be anywhere

    @classmethod
    def of(cls, headlines: tuple[str, ...], url: str, *, is_bare: bool = False) -> Wanted:
        """Return what identifies the article with one of these headlines, or at this URL."""
        return cls(frozenset(filter(None, map(_key, headlines))), frozenset(url_names(url)), is_bare)


def url_names(url: str) -> Iterator[str]:
    """Yield the last part of a URL's path if it is long enough to name one article, and a long number in it."""
    slug = re.split(r"[?#]", url)[0].rstrip("/").rpartition("/")[2]
    slug = re.sub(r"\.(?:s?html?|php|aspx?|json)$", "", unquote(slug))
    if len(slug) >= _MIN_SLUG or (slug.isdigit() and len(slug) > 3):
        yield slug
    yield from (n for n in re.findall(r"\d{5,}", slug) if n != slug)


def find_article(root: EmbeddedValue, wanted: Wanted) -> EmbeddedArticle | None:
    """Return the page's article in a value, or None. Never raises an error."""
    found = _objects(root)
    best, best_weight = None, 1.0
    named = (place for place in found if _is_named(place.node, wanted, found.known))
    for place in islice(named, _MAX_ARTICLES):
        article = _article(root, place, found.known, wanted)
        weight = _weight(article) - (_COPY if "@type" in place.node else 0)
        if weight > best_weight:
            best, best_weight = article, weight
        if best_weight > _ENOUGH:
            break
    return best


def find_only_article(root: EmbeddedValue) -> tuple[EmbeddedArticle, ...]:
    """Return the articles in a value that have a headline, a body, and a date or authors: the first two of them."""
    found = _objects(root)
    wanted = Wanted(frozenset(), frozenset())
    articles: dict[str, EmbeddedArticle] = {}
    headed = (p for p in found if json_keys.first_text(p.node, "headline", found.known))
    for place in islice(headed, 300):
        article = _article(root, place, found.known, wanted)
        if sum(map(len, article.paragraphs)) >= _STORY and (article.published or article.authors):
            articles.setdefault(f"{article.headline}\n{article.paragraphs[0]}", article)
        if len(articles) > 1:
            break
    return tuple(articles.values())


def _objects(root: EmbeddedValue) -> JsonObjects:
    return JsonObjects(root.value, root.value if root.name == flight.MARK else None, is_linked=root.is_linked)


def _weight(article: EmbeddedArticle) -> float:
    body = sum(map(len, article.paragraphs))
    has_body = 2 + body / 1e6 if body > _MIN_BODY else 0.0
    return (
        has_body + bool(article.published) + bool(article.authors) + (bool(article.section) + bool(article.images)) / 2
    )


def _key(headline: str) -> str:
    return comparison_key(headline)[:80]


def _is_named(node: dict[str, Any], wanted: Wanted, known: Any) -> bool:
    """Return True if the object has the page's headline, perhaps followed by the site, or a headline and its URL."""
    has_headline = False
    for name, value in node.items():
        if _is_headline(name) and isinstance(value, str | dict | list) and (text := json_keys.text(value, known)):
            key, has_headline = _key(text), True
            if key and (
                key in wanted.headlines or (len(key) >= 14 and any(w.startswith(key) for w in wanted.headlines))
            ):
                return True
    return has_headline and bool(wanted.names) and _is_addressed(node, wanted.names)


def _is_addressed(node: dict[str, Any], names: frozenset[str]) -> bool:
    for name, value in node.items():
        if isinstance(value, str | int) and json_keys.normalize_key(name) in _ADDRESS_KEYS:
            last = next(url_names(str(value)), str(value))
            if last in names:
                return True
    return False


@lru_cache(maxsize=16384)
def _is_headline(name: str) -> bool:
    return json_keys.is_a(name, "headline")


def _article(root: EmbeddedValue, place: JsonObject, known: Any, wanted: Wanted) -> EmbeddedArticle:
    node = place.node
    body, whole = _body(node, known), node
    if body.size < _MIN_BODY and place.parent is not None and not (place.in_list or leads_away(place.name)):
        whole = {k: v for k, v in place.parent.node.items() if k != place.name} | node
        body = _body(whole, known)
    if body.size < _MIN_BODY and wanted.is_bare:
        body = max((body, *_other_bodies(whole, known)), key=lambda b: b.size)
    whole = whole if body.size >= _MIN_BODY else node
    taxonomy = node["taxonomy"] if isinstance(node.get("taxonomy"), dict) else {}
    return EmbeddedArticle(
        source=root.source,
        rule=".".join(p for p in (root.name, place.path) if p)[-80:],
        type=str(node.get("type") or node.get("__typename") or "")[:40],
        headline=json_keys.first_text(node, "headline", known),
        description=json_keys.first_text(node, "description", known),
        paragraphs=tuple(body.paragraphs),
        authors=tuple(_author_candidates(whole, known)),
        published=_date(whole, "published"),
        modified=_date(whole, "modified"),
        section=json_keys.first_text(taxonomy, "section", known) or json_keys.first_text(node, "section", known),
        keywords=next(
            (k for o in (node, taxonomy) for v in json_keys.values(o, "keywords") if (k := _keywords(v))), ()
        ),
        agency=json_keys.first_text(node, "agency", known),
        images=(*find_images(node, known), *body.images),
        url=clean_text(node.get("canonical_url")) or clean_text(node.get("url")),
    )


def _body(node: dict[str, Any], known: Any) -> Body:
    """Return the longest body among the keys that may hold one."""
    return max((read_body(v, known) for v in json_keys.values(node, "body")), key=lambda b: b.size, default=Body())


def _other_bodies(node: dict[str, Any], known: Any) -> Iterator[Body]:
    """Yield what is under the other keys, whatever their names, if it may be a body."""
    for name, value in islice(node.items(), 60):
        is_long = isinstance(value, list | dict) or (isinstance(value, str) and len(value) > _MIN_BODY)
        if is_long and not leads_away(name) and not _NO_BODY.search(name):
            yield read_body(value, known)


def _date(node: dict[str, Any], meaning: str) -> str | None:
    """Return a date as written. Epochs stay numbers in digits."""
    for key in (
        f"{w}_gmt" for w in (("date", "post_date") if meaning == "published" else ("modified", "post_modified"))
    ):
        if isinstance(value := node.get(key), str) and value:
            return value.strip() + ("" if value.strip()[-1:] in "Zz" else "Z")
    for value in json_keys.values(node, meaning):
        plain = value[0] if isinstance(value, list) else value
        plain = next((plain[k] for k in _DATE_KEYS if k in plain), None) if isinstance(plain, dict) else plain
        if isinstance(plain, bool) or not isinstance(plain, str | int | float):
            continue
        text = str(plain).strip().removeprefix("$D")
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
        inner = resolved if isinstance(resolved, dict) else {}
        resolved = next(
            (inner[k] for k in ("by", "data", "edges", "nodes", "items") if isinstance(inner.get(k), list)), resolved
        )
        items = resolved if isinstance(resolved, list) else [resolved]
        if authors := [s for i in items[:50] if (s := _author_candidate(resolve(i, root), root))]:
            yield from authors
            return


def _author_candidate(item: Any, root: Any) -> AuthorCandidate | None:
    if isinstance(item, dict):
        item = next((item[k] for k in ("author", "node", "person", "fields") if isinstance(item.get(k), dict)), item)
        item = item["attributes"] if isinstance(item.get("attributes"), dict) else item
        first, last = (json_keys.first_text(item, m, root) for m in ("first_name", "last_name"))
        name = f"{first} {last}" if first and last else json_keys.first_text(item, "person", root)
    else:
        name = clean_text(item)
    return AuthorCandidate(name=name) if name and len(name) < 200 else None
