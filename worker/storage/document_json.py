"""Documents as JSON: schema.org's names in snake_case, with flat fields beside the nested images.

`caption_text`, `photographer` and `photo_agency` repeat data of the images, since facets and Kibana support nested
objects badly. These fields and the counts follow from the article, so `from_json` does not read them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from worker.model.records import Article, Document, Image, Kind, Provenance

_TEXTS = (
    "headline", "description", "article_body", "article_html", "agency", "article_section", "language",
    "date_precision", "dateline", "publisher", "canonical_url",
)  # fmt: skip
_LISTS = ("author", "byline", "keywords")
_DERIVED = ("caption_text", "photographer", "photo_agency")
_DATES = ("date_published", "date_modified")
_LEDGER_FIELDS = ("id", "version", "url", "page_url", "host", "source", "fetched_at", "first_seen_at")
#: All fields of a document.
FIELDS = (
    *_LEDGER_FIELDS, "kind", *_TEXTS, *_LISTS, *_DERIVED, *_DATES, "images", "word_count", "content_hash", "provenance",
)  # fmt: skip


#: Fields of a hit, if none are requested. The HTML repeats the body and is as long.
HIT_FIELDS = tuple(name for name in FIELDS if name != "article_html")


def article_to_json(article: Article) -> dict[str, Any]:
    """Return an article as plain JSON values, with every field, even empty ones.

    Lone surrogates, which UTF-8 cannot encode, become question marks.
    """
    fields: dict[str, Any] = {"url": article.url, "kind": article.kind.value}
    fields |= {name: getattr(article, name) for name in _TEXTS}
    fields |= {name: list(getattr(article, name)) for name in (*_LISTS, *_DERIVED)}
    fields |= {name: value.isoformat() if (value := getattr(article, name)) else None for name in _DATES}
    fields["images"] = [_image_to_json(image) for image in article.images]
    fields["word_count"] = article.word_count
    fields["content_hash"] = article.content_hash
    fields["provenance"] = {name: _provenance_to_json(p) for name, p in article.provenance.items()}
    return {name: _storable(value) for name, value in fields.items()}


def to_json(document: Document, fields: Collection[str] = ()) -> dict[str, Any]:
    """Return a document as it is stored: the non-empty fields of its article, and the fields from the ledger.

    With `fields`, return only these.
    """
    article = article_to_json(document.article)
    ledger_fields = {
        "id": document.id,
        "version": document.version,
        "url": document.url,
        "page_url": article["url"],
        "host": document.host,
        "source": document.source,
        "fetched_at": document.fetched_at.isoformat(),
        "first_seen_at": document.first_seen_at.isoformat(),
    }
    kept = {name: value for name, value in article.items() if value not in (None, "", [], {})}
    kept |= {name: _storable(value) for name, value in ledger_fields.items()}
    return {name: value for name, value in kept.items() if name in fields} if fields else kept


def select_fields(stored: Mapping[str, Any], fields: Collection[str] = ()) -> Mapping[str, Any]:
    """Return only the given fields of a stored document, or all of them if none are given."""
    return {name: value for name, value in stored.items() if name in fields} if fields else stored


def from_json(fields: Mapping[str, Any]) -> Document:
    """Return the document from the values of `to_json`. Ignores unknown fields."""
    return Document(
        id=fields["id"],
        version=fields["version"],
        article=_article_from_json(fields),
        url=fields["url"],
        host=fields["host"],
        source=fields["source"],
        fetched_at=datetime.fromisoformat(fields["fetched_at"]),
        first_seen_at=datetime.fromisoformat(fields["first_seen_at"]),
    )


def _article_from_json(fields: Mapping[str, Any]) -> Article:
    found: dict[str, Any] = {name: fields[name] for name in _TEXTS if name in fields}
    found |= {name: tuple(fields[name]) for name in _LISTS if name in fields}
    found |= {name: datetime.fromisoformat(fields[name]) for name in _DATES if name in fields}
    return Article(
        url=fields["page_url"],
        kind=Kind(fields["kind"]),
        images=tuple(_image_from_json(image) for image in fields.get("images", ())),
        provenance={name: _provenance_from_json(p) for name, p in fields.get("provenance", {}).items()},
        **found,
    )


def _image_to_json(image: Image) -> dict[str, Any]:
    fields = {
        "url": image.url,
        "caption": image.caption,
        "credit_text": image.credit_text,
        "creator": list(image.creator),
        "agency": image.agency,
        "alt": image.alt,
        "is_lead": image.is_lead,
    }
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _image_from_json(fields: Mapping[str, Any]) -> Image:
    return Image(**{**fields, "creator": tuple(fields.get("creator", ()))})


def _provenance_to_json(provenance: Provenance) -> dict[str, Any]:
    return {"source": provenance.source, "rule": provenance.rule, "rivals": [list(r) for r in provenance.rivals]}


def _provenance_from_json(fields: Mapping[str, Any]) -> Provenance:
    rivals = tuple((origin, value) for origin, value in fields["rivals"])
    return Provenance(source=fields["source"], rule=fields["rule"], rivals=rivals)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(v) for v in value]
    if isinstance(value, dict):
        return {_storable(k): _storable(v) for k, v in value.items()}
    return value
