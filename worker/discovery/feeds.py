"""Reader of RSS, Atom and JSON feeds, including broken ones: bytes in, links out. feedparser reads the XML."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import feedparser
from lxml import etree

from worker.discovery import near_xml
from worker.discovery.discovered_link import (
    DiscoveredLink,
    Skipped,
    absolute_url,
    parse_date,
    plain_text,
    unique_links,
    verbatim_url,
)
from worker.errors import Unreadable

TAG = re.compile("<")
ENTRY_START = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)>", re.IGNORECASE)
MAX_CHARS, MAX_TAGS = 3_000_000, 100_000  # limits for feedparser, which takes up to 40 microseconds per tag
MAX_DECODED = 12_000_000  # bytes that are decoded: more than MAX_CHARS has in any encoding
MAX_ENTRIES = 10_000
WEB_URL = re.compile(r"\s*https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A parsed feed."""

    title: str | None = None
    links: tuple[DiscoveredLink, ...] = ()  #: links of the entries, in the feed's order, each URL once
    hub: str | None = None  #: absolute URL of its WebSub hub
    self_url: str | None = None  #: the feed's own URL, absolute, in the feed's own spelling
    skipped: Mapping[Skipped, int] = field(default_factory=dict)  #: entries that are not in `links`


def parse(body: bytes, url: str, content_type: str = "") -> Feed:
    """Return the feed that was fetched from `url`, the last base of its relative links.

    A broken feed returns the readable entries, a very long one the first. Raise `Unreadable` if the body is not a feed.
    """
    text = near_xml.decode(body[:MAX_DECODED], content_type)
    if text.lstrip()[:1] == "{":
        return _json_feed(text, url)
    shortened = _shorten(text)
    root = near_xml.parse(shortened)
    if root is None:
        raise Unreadable(f"{url} is not an RSS, Atom or JSON feed")
    named = sum(1 for _ in ENTRY_START.finditer(near_xml.without_sections(shortened)))
    parsed = _read(etree.tostring(root, encoding="utf-8"), url)
    if _linked(parsed) < min(named, MAX_ENTRIES):  # HTML in a title or a description: feedparser's loose mode reads it
        loose = _read("".join(near_xml.repaired(shortened)).encode(), url)
        parsed = loose if _linked(loose) > _linked(parsed) else parsed
    if not parsed.get("version") and not parsed.entries:
        raise Unreadable(f"{url} is not an RSS, Atom or JSON feed")
    base = absolute_url(url, parsed.feed.get("link")) or url
    found = [_entry(e, base) for e in parsed.entries[:MAX_ENTRIES]]
    links, skipped = _counted(found, named=named)
    return Feed(
        title=plain_text(parsed.feed.get("title")),
        links=links,
        skipped=skipped,
        hub=next((u for href in _hrefs(parsed.feed, "hub") if (u := absolute_url(url, href))), None),
        self_url=next((u for href in _hrefs(parsed.feed, "self") if (u := verbatim_url(url, href))), None),
    )


def _read(xml: bytes, url: str) -> Any:
    try:
        return feedparser.parse(
            io.BytesIO(xml), response_headers={"content-type": "application/xml"}, sanitize_html=False
        )
    except Exception as e:  # feedparser does not document its exceptions, and has raised many
        raise Unreadable(f"unreadable feed {url}: {e}") from None


def _linked(parsed: Any) -> int:
    return sum(any(_candidate_hrefs(e)) for e in parsed.entries)


def _counted(
    found: Sequence[DiscoveredLink | None], named: int
) -> tuple[tuple[DiscoveredLink, ...], dict[Skipped, int]]:
    """Return each link once, and how many of the `named` entries are not among them, by reason."""
    links = [link for link in found if link]
    unique = unique_links(links)
    skipped = {
        Skipped.NO_ADDRESS: len(found) - len(links),
        Skipped.REPEATED: len(links) - len(unique),
        Skipped.TOO_MANY if len(found) >= MAX_ENTRIES else Skipped.UNREADABLE: max(named - len(found), 0),
    }
    return unique, {reason: n for reason, n in skipped.items() if n}


def _shorten(text: str) -> str:
    """Keep only the first entries of a feed that would take feedparser minutes. They are usually the newest."""
    excess_tag = next(islice(TAG.finditer(text, 0, MAX_CHARS), MAX_TAGS, None), None)
    limit = excess_tag.start() if excess_tag else MAX_CHARS
    if len(text) <= limit:
        return text
    ends = [entry.end() for entry in ENTRY_END.finditer(text, 0, limit)]
    return text[: ends[-1] if ends else limit]


def _entry(entry: Any, base: str) -> DiscoveredLink | None:
    url = next((u for href in _candidate_hrefs(entry) if (u := absolute_url(base, href))), None)
    if url is None:
        return None
    return DiscoveredLink(
        url=url,
        title=plain_text(entry.get("title")),
        published=parse_date(entry.get("published")),
        modified=parse_date(entry.get("updated")) if "updated" in entry else None,
        authors=_names(a.get("name") for a in entry.get("authors", [])),
    )


def _hrefs(feed: Any, rel: str) -> Iterable[str | None]:
    return (link.get("href") for link in feed.get("links", []) if link.get("rel") == rel)


def _candidate_hrefs(entry: Any) -> Iterable[str | None]:
    """Yield the hrefs that may be the entry's article, the likeliest first. FeedBurner uses a field of its own.

    feedparser copies a `guid` into an empty `link`. A guid counts only if it is an absolute URL.
    """
    yield entry.get("feedburner_origlink")
    guid = entry.get("id")
    if entry.get("link") != guid:
        yield entry.get("link")
    for link in entry.get("links", []):
        if link.get("rel") == "alternate" and link.get("href") != guid:
            yield link.get("href")
    if guid and WEB_URL.match(guid):
        yield guid


def _names(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for n in names if (name := plain_text(n))))


def _json_feed(text: str, url: str) -> Feed:
    """Return a JSON feed (https://www.jsonfeed.org/version/1.1/)."""
    try:
        data = json.loads(text)
        items = data["items"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unreadable(f"{url} is JSON, but not a JSON feed") from None
    entries = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    links, skipped = _counted([_json_entry(e, url) for e in entries[:MAX_ENTRIES]], named=len(entries))
    return Feed(
        title=plain_text(_string(data.get("title"))),
        links=links,
        skipped=skipped,
        hub=_json_hub(data.get("hubs"), url),
        self_url=verbatim_url(url, _string(data.get("feed_url"))),
    )


def _json_hub(hubs: object, base: str) -> str | None:
    known = [hub for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    websub = (hub for hub in known if (_string(hub.get("type")) or "").lower() == "websub")
    return next((url for hub in websub if (url := absolute_url(base, _string(hub.get("url"))))), None)


def _json_entry(item: dict[str, Any], base: str) -> DiscoveredLink | None:
    id = _string(item.get("id"))  # "ideally the full URL"
    candidates = [_string(item.get(name)) for name in ("url", "external_url")]
    candidates += [id] if id and WEB_URL.match(id) else []
    url = next((u for href in candidates if (u := absolute_url(base, href))), None)
    if url is None:
        return None
    listed = item.get("authors")
    authors = listed if isinstance(listed, list) and listed else [item.get("author")]  # "author" is version 1.0
    return DiscoveredLink(
        url=url,
        title=plain_text(_string(item.get("title"))),
        published=parse_date(_string(item.get("date_published"))),
        modified=parse_date(_string(item.get("date_modified"))),
        authors=_names(_string(a.get("name")) for a in authors if isinstance(a, dict)),
    )


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None
