"""Reader of RSS, Atom and JSON feeds, including broken ones: bytes in, links out. feedparser reads the XML."""

from __future__ import annotations

import io
import json
import re
import sys
from calendar import timegm
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from time import struct_time
from typing import Any

import feedparser

from worker.discovery.discovered_link import (
    DiscoveredLink,
    absolute_url,
    parse_w3c_date,
    plain_text,
    unique_links,
    verbatim_url,
)
from worker.errors import Unreadable

DECLARATION = re.compile(rb"^\s*<\?xml[^>]*>")
DOCTYPE_START = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
DOCTYPE_REST = re.compile(rb"[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>")  # possessive quantifiers keep the time linear
UTF_16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
TAG = re.compile(rb"<")
ENTRY_END = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)>", re.IGNORECASE)
MAX_BYTES, MAX_TAGS = 3_000_000, 100_000  # limits for feedparser, which takes up to 40 microseconds per tag
MAX_ENTRIES = 10_000
CHARACTER_REFERENCE = re.compile(rb"&#(x[0-9a-fA-F]{1,20}|[0-9]{1,20});")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A parsed feed."""

    title: str | None = None
    links: tuple[DiscoveredLink, ...] = ()  #: links of the entries, in the feed's order, each URL once
    hub: str | None = None  #: absolute URL of its WebSub hub
    self_url: str | None = None  #: the feed's own URL, absolute, in the feed's own spelling


def parse(body: bytes, url: str, content_type: str = "") -> Feed:
    """Return the feed that was fetched from `url`, the base of its relative links.

    A broken feed returns the readable entries, a very long one the first. Raise `Unreadable` if the body is not a feed.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(body, url)
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    try:
        parsed = feedparser.parse(io.BytesIO(_shorten(_simplify(body))), response_headers=headers, sanitize_html=False)
    except Exception as e:  # feedparser does not document its exceptions, and has raised many
        raise Unreadable(f"unreadable feed {url}: {e}") from None
    if not parsed.get("version") and not parsed.entries:
        raise Unreadable(f"{url} is not an RSS, Atom or JSON feed")
    return Feed(
        title=plain_text(parsed.feed.get("title")),
        links=unique_links(link for e in parsed.entries[:MAX_ENTRIES] if (link := _entry(e, url))),
        hub=next((u for href in _hrefs(parsed.feed, "hub") if (u := absolute_url(url, href))), None),
        self_url=next((u for href in _hrefs(parsed.feed, "self") if (u := verbatim_url(url, href))), None),
    )


def _simplify(body: bytes) -> bytes:
    """Remove everything that slows down or breaks feedparser: entity declarations, UTF-16, invalid characters."""
    return CHARACTER_REFERENCE.sub(_valid_reference, _without_doctype(to_utf8(body)))


def _shorten(body: bytes) -> bytes:
    """Keep only the first entries of a feed that would take feedparser minutes. They are usually the newest."""
    excess_tag = next(islice(TAG.finditer(body, 0, MAX_BYTES), MAX_TAGS, None), None)
    limit = excess_tag.start() if excess_tag else MAX_BYTES
    if len(body) <= limit:
        return body
    ends = [entry.end() for entry in ENTRY_END.finditer(body, 0, limit)]
    return body[: ends[-1] if ends else limit]


def to_utf8(body: bytes) -> bytes:
    """Convert UTF-16 to UTF-8 and remove its XML declaration; return other bodies unchanged."""
    encoding = UTF_16.get(body[:2])
    return DECLARATION.sub(b"", body.decode(encoding, "replace").encode()) if encoding else body


def _without_doctype(body: bytes) -> bytes:
    """Remove the first DOCTYPE, which may declare entities. One without an end is kept."""
    start = DOCTYPE_START.search(body)
    rest = DOCTYPE_REST.match(body, start.end()) if start else None
    return body[: start.start()] + body[rest.end() :] if start and rest else body


def _valid_reference(match: re.Match[bytes]) -> bytes:
    """Return a character reference if its character exists, else an empty text."""
    digits = match[1].lower()
    code = int(digits[1:], 16) if digits.startswith(b"x") else int(digits)
    return match[0] if code <= sys.maxunicode and not 0xD800 <= code < 0xE000 else b""


def _entry(entry: Any, base: str) -> DiscoveredLink | None:
    url = next((u for href in _candidate_hrefs(entry) if (u := absolute_url(base, href))), None)
    if url is None:
        return None
    return DiscoveredLink(
        url=url,
        title=plain_text(entry.get("title")),
        published=_utc(entry.get("published_parsed")),
        modified=_utc(entry.get("updated_parsed")) if "updated" in entry else None,
        authors=_names(a.get("name") for a in entry.get("authors", [])),
    )


def _hrefs(feed: Any, rel: str) -> Iterable[str | None]:
    return (link.get("href") for link in feed.get("links", []) if link.get("rel") == rel)


def _candidate_hrefs(entry: Any) -> Iterable[str | None]:
    """Yield the hrefs that may be the entry's article, the likeliest first. FeedBurner uses a field of its own."""
    yield entry.get("feedburner_origlink")
    yield entry.get("link")
    for link in entry.get("links", []):
        if link.get("rel") == "alternate":
            yield link.get("href")
    if entry.get("guidislink"):
        yield entry.get("id")


def _utc(value: struct_time | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(value), UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None


def _names(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for n in names if (name := plain_text(n))))


def _json_feed(body: bytes, url: str) -> Feed:
    """Return a JSON feed (https://www.jsonfeed.org/version/1.1/)."""
    try:
        data = json.loads(body)
        items = data["items"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unreadable(f"{url} is JSON, but not a JSON feed") from None
    entries = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return Feed(
        title=plain_text(_string(data.get("title"))),
        links=unique_links(link for e in entries[:MAX_ENTRIES] if (link := _json_entry(e, url))),
        hub=_json_hub(data.get("hubs"), url),
        self_url=verbatim_url(url, _string(data.get("feed_url"))),
    )


def _json_hub(hubs: object, base: str) -> str | None:
    known = [hub for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    websub = (hub for hub in known if (_string(hub.get("type")) or "").lower() == "websub")
    return next((url for hub in websub if (url := absolute_url(base, _string(hub.get("url"))))), None)


def _json_entry(item: dict[str, Any], base: str) -> DiscoveredLink | None:
    candidates = (absolute_url(base, _string(item.get(name))) for name in ("url", "external_url"))
    url = next((u for u in candidates if u), None)
    if url is None:
        return None
    listed = item.get("authors")
    authors = listed if isinstance(listed, list) and listed else [item.get("author")]  # "author" is version 1.0
    return DiscoveredLink(
        url=url,
        title=plain_text(_string(item.get("title"))),
        published=parse_w3c_date(_string(item.get("date_published"))),
        modified=parse_w3c_date(_string(item.get("date_modified"))),
        authors=_names(_string(a.get("name")) for a in authors if isinstance(a, dict)),
    )


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None
