"""A search as a feed to subscribe to (Atom, RFC 4287)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import APIRouter, Request, Response

from api.presentation.article_format import body_html
from api.presentation.query_input import match_span
from api.web.auth.api_keys import CurrentContext
from api.web.params import FilterQuery
from worker.model.query import Query
from worker.model.records import Document
from worker.storage.document_json import from_json

router = APIRouter(tags=["search"])
ENTRIES = 50
ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
NEVER = "1970-01-01T00:00:00+00:00"


@router.get(
    "/search.atom",
    summary="A search as an Atom feed",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
def feed(context: CurrentContext, query: FilterQuery, request: Request) -> Response:
    """Return the newest matching articles as a feed for feed readers.

    If the API has keys, a feed reader sends its key as the password of HTTP Basic, with any user name.
    """
    results = context.search.find(replace(query, sort="newest", size=ENTRIES))
    feed_url = _feed_url(request, context.settings.api_public_url)
    identity = _identity(query, _dates(query, request.query_params))
    return Response(
        _atom(query, identity, feed_url, [from_json(hit.fields) for hit in results.hits]), media_type=MEDIA_TYPE
    )


def _feed_url(request: Request, public_url: str) -> str:
    """Return the URL of the feed: under the public URL if there is one, else as requested."""
    url = request.url
    if not public_url:
        return str(url)
    return f"{public_url.rstrip('/')}{url.path}{'?' * bool(url.query)}{url.query}"


def _atom(query: Query, identity: str, feed_url: str, documents: list[Document]) -> bytes:
    root = Element("feed", xmlns=ATOM)
    SubElement(root, "title").text = f"Copydesk: {_xml(query.text) or 'all articles'}"
    SubElement(root, "id").text = f"urn:copydesk:search:{identity}"
    SubElement(root, "link", rel="self", href=feed_url)
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
    SubElement(entry, "content", type="html").text = _xml(body_html(article))


def _changed(document: Document) -> datetime:
    """Return when the article last changed, by its own dates, but not later than it was fetched.

    Feed readers would take a feed with a date in the future for unchanged until that date.
    """
    article = document.article
    return min(article.date_modified or article.date_published or document.first_seen_at, document.fetched_at)


def _dates(query: Query, params: Mapping[str, str]) -> list[str | None]:
    """Return the dates of the query; a span as its own text, because its date changes every day."""
    dates = {"since": query.since, "until": query.until}
    texts = {name: params.get(name, "").strip() for name in dates}
    return [texts[n] if match_span(texts[n]) else d.isoformat() if d else None for n, d in dates.items()]


def _identity(query: Query, dates: Sequence[str | None]) -> str:
    """Return the id of a search. It depends neither on the host name of the request nor on the current time.

    A feed whose id changes would be another feed (RFC 4287, section 4.2.6).
    """
    filters = sorted((name, sorted(values)) for name, values in query.filters.items())
    search = json.dumps([query.text, filters, *dates, query.scope])
    return hashlib.blake2b(search.encode(), digest_size=16).hexdigest()


def _xml(text: str) -> str:
    """Return the text without the characters that XML 1.0 does not allow."""
    return "".join(
        c for c in text if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
