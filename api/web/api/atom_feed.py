"""A search as a feed to subscribe to (Atom, RFC 4287)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import APIRouter, Request, Response

from api.presentation.query_input import match_span
from api.web.auth.api_keys import CurrentContext
from api.web.params import FilterQuery
from worker.model.query import Query
from worker.model.records import Document

router = APIRouter(tags=["search"])
ENTRIES = 50
ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
NEVER = "1970-01-01T00:00:00+00:00"


@router.get(
    "/search.atom",
    summary="A search as a feed",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
def feed(context: CurrentContext, query: FilterQuery, request: Request) -> Response:
    """The newest articles that the search finds, to subscribe to in any feed reader. Where there are keys, readers that
    cannot send a header of their own give the key as the password of HTTP Basic, with any user name."""
    results = context.index.search(replace(query, sort="newest", size=ENTRIES))
    address = _address(request, context.settings.api_public_url)
    identity = _identity(query, _dates(query, request.query_params))
    return Response(_atom(query, identity, address, [hit.document for hit in results.hits]), media_type=MEDIA_TYPE)


def _address(request: Request, public_url: str) -> str:
    """Where readers find the feed: as we are known to the world, else as this one asked."""
    url = request.url
    if not public_url:
        return str(url)
    return f"{public_url.rstrip('/')}{url.path}{'?' * bool(url.query)}{url.query}"


def _atom(query: Query, identity: str, address: str, documents: list[Document]) -> bytes:
    root = Element("feed", xmlns=ATOM)
    SubElement(root, "title").text = f"Copydesk: {_xml(query.text) or 'all articles'}"
    SubElement(root, "id").text = f"urn:copydesk:search:{identity}"
    SubElement(root, "link", rel="self", href=address)
    changes = [max(_changed(d), d.first_seen_at) for d in documents]
    SubElement(root, "updated").text = max(changes).isoformat() if changes else NEVER
    for document in documents:
        _add_entry(root, document)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _add_entry(root: Element, document: Document) -> None:
    article = document.article
    entry = SubElement(root, "entry")
    SubElement(entry, "id").text = f"urn:copydesk:{document.id}"
    SubElement(entry, "title").text = _xml(article.headline or document.url)
    SubElement(entry, "link", href=_xml(document.url))
    SubElement(entry, "updated").text = _changed(document).isoformat()
    SubElement(entry, "published").text = (article.date_published or document.first_seen_at).isoformat()
    for name in article.author or (article.publisher or document.host,):
        SubElement(SubElement(entry, "author"), "name").text = _xml(name)
    SubElement(entry, "summary").text = _xml(article.description or article.article_body[:500])


def _changed(document: Document) -> datetime:
    """When the article last changed, by what it says itself, but never later than it was read: readers would take
    a feed that comes from the future for unchanged until then."""
    article = document.article
    return min(article.date_modified or article.date_published or document.first_seen_at, document.fetched_at)


def _dates(query: Query, asked: Mapping[str, str]) -> list[str | None]:
    """From when and until when, a span in its own words: as a date it would be another one tomorrow."""
    dates = {"since": query.since, "until": query.until}
    return [
        text if match_span(text := asked.get(n, "").strip()) else d.isoformat() if d else None for n, d in dates.items()
    ]


def _identity(query: Query, dates: Sequence[str | None]) -> str:
    """The same for the same search, by whatever name the API is reached, and whenever where it asks for a span of time:
    a feed with another id would be another feed (RFC 4287, section 4.2.6)."""
    filters = sorted((name, sorted(values)) for name, values in query.filters.items())
    asked = json.dumps([query.text, filters, *dates, query.scope])
    return hashlib.blake2b(asked.encode(), digest_size=16).hexdigest()


def _xml(text: str) -> str:
    """Without the characters that XML 1.0 cannot carry."""
    return "".join(
        c for c in text if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
