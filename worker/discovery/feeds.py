"""RSS, Atom and JSON Feed, however broken: bytes in, entries out. feedparser reads the XML."""

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
BEGINS_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
DOCTYPE = re.compile(rb"[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>")  # the rest of it; never steps back, so time is linear
WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
TAG = re.compile(rb"<")
ENTRY_END = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)>", re.IGNORECASE)
MOST_BYTES, MOST_TAGS = 3_000_000, 100_000  # that go to feedparser, which takes up to 40 microseconds a tag
MOST_ENTRIES = 10_000
CHARACTER = re.compile(rb"&#(x[0-9a-fA-F]{1,20}|[0-9]{1,20});")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    title: str | None = None
    links: tuple[DiscoveredLink, ...] = ()  #: entries in the feed's order, each address once
    hub: str | None = None  #: that tells subscribers what is new (WebSub), absolute
    self_url: str | None = None  #: the feed's own address, absolute, in the feed's own spelling


def parse(body: bytes, url: str, content_type: str = "") -> Feed:
    """`url` is where the bytes came from: relative links start there. `Unreadable` for what is no feed at all; a broken
    feed gives what could be read, and one without end its beginning."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(body, url)
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    try:
        parsed = feedparser.parse(io.BytesIO(_bounded(_plain(body))), response_headers=headers, sanitize_html=False)
    except Exception as e:  # feedparser promises none, and has raised many
        raise Unreadable(f"{url} is a feed that cannot be read: {e}") from None
    if not parsed.get("version") and not parsed.entries:
        raise Unreadable(f"{url} is no RSS, Atom or JSON feed")
    return Feed(
        title=plain_text(parsed.feed.get("title")),
        links=unique_links(f for e in parsed.entries[:MOST_ENTRIES] if (f := _entry(e, url))),
        hub=next((a for href in _hrefs(parsed.feed, "hub") if (a := absolute_url(url, href))), None),
        self_url=next((a for href in _hrefs(parsed.feed, "self") if (a := verbatim_url(url, href))), None),
    )


def _plain(body: bytes) -> bytes:
    """Without what costs feedparser seconds or breaks it: declarations of entities, UTF-16, impossible characters."""
    return CHARACTER.sub(_possible, _without_doctype(narrow(body)))


def _bounded(body: bytes) -> bytes:
    """Of a feed on which feedparser would spend minutes, the first entries: the newest, as a rule."""
    beyond = next(islice(TAG.finditer(body, 0, MOST_BYTES), MOST_TAGS, None), None)
    most = beyond.start() if beyond else MOST_BYTES
    if len(body) <= most:
        return body
    ends = [entry.end() for entry in ENTRY_END.finditer(body, 0, most)]
    return body[: ends[-1] if ends else most]


def narrow(body: bytes) -> bytes:
    """UTF-16 as UTF-8, without the declaration that says otherwise; anything else as it is."""
    encoding = WIDE.get(body[:2])
    return DECLARATION.sub(b"", body.decode(encoding, "replace").encode()) if encoding else body


def _without_doctype(body: bytes) -> bytes:
    """Without the first one, which may declare entities; one that does not end stays."""
    begin = BEGINS_DOCTYPE.search(body)
    end = DOCTYPE.match(body, begin.end()) if begin else None
    return body[: begin.start()] + body[end.end() :] if begin and end else body


def _possible(match: re.Match[bytes]) -> bytes:
    """A character reference, if there is such a character."""
    digits = match[1].lower()
    code = int(digits[1:], 16) if digits.startswith(b"x") else int(digits)
    return match[0] if code <= sys.maxunicode and not 0xD800 <= code < 0xE000 else b""


def _entry(entry: Any, base: str) -> DiscoveredLink | None:
    address = next((a for link in _links(entry) if (a := absolute_url(base, link))), None)
    if address is None:
        return None
    return DiscoveredLink(
        url=address,
        title=plain_text(entry.get("title")),
        published=_time(entry.get("published_parsed")),
        modified=_time(entry.get("updated_parsed")) if "updated" in entry else None,
        authors=_names(a.get("name") for a in entry.get("authors", [])),
    )


def _hrefs(feed: Any, rel: str) -> Iterable[str | None]:
    return (link.get("href") for link in feed.get("links", []) if link.get("rel") == rel)


def _links(entry: Any) -> Iterable[str | None]:
    """Where an entry may lead, the likeliest first: FeedBurner hides the real address in a field of its own."""
    yield entry.get("feedburner_origlink")
    yield entry.get("link")
    for link in entry.get("links", []):
        if link.get("rel") == "alternate":
            yield link.get("href")
    if entry.get("guidislink"):
        yield entry.get("id")


def _time(value: struct_time | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(value), UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None


def _names(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for n in names if (name := plain_text(n))))


def _json_feed(body: bytes, url: str) -> Feed:
    """https://www.jsonfeed.org/version/1.1/"""
    try:
        data = json.loads(body)
        items = data["items"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unreadable(f"{url} is JSON, but no JSON feed") from None
    entries = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return Feed(
        title=plain_text(_string(data.get("title"))),
        links=unique_links(f for e in entries[:MOST_ENTRIES] if (f := _json_entry(e, url))),
        hub=_json_hub(data.get("hubs"), url),
        self_url=verbatim_url(url, _string(data.get("feed_url"))),
    )


def _json_hub(hubs: object, base: str) -> str | None:
    named = [hub for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    ours = (hub for hub in named if (_string(hub.get("type")) or "").lower() == "websub")
    return next((address for hub in ours if (address := absolute_url(base, _string(hub.get("url"))))), None)


def _json_entry(item: dict[str, Any], base: str) -> DiscoveredLink | None:
    addresses = (absolute_url(base, _string(item.get(name))) for name in ("url", "external_url"))
    address = next((a for a in addresses if a), None)
    if address is None:
        return None
    named = item.get("authors")
    authors = named if isinstance(named, list) and named else [item.get("author")]  # "author" is version 1.0
    return DiscoveredLink(
        url=address,
        title=plain_text(_string(item.get("title"))),
        published=parse_w3c_date(_string(item.get("date_published"))),
        modified=parse_w3c_date(_string(item.get("date_modified"))),
        authors=_names(_string(a.get("name")) for a in authors if isinstance(a, dict)),
    )


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None
