"""Reader of sitemaps (sitemaps.org): XML, news, indices, lists of URLs, and feeds used as sitemaps; gzipped or not."""

from __future__ import annotations

import heapq
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice

from lxml import etree

from worker import urls
from worker.discovery import feeds, near_xml
from worker.discovery.discovered_link import (
    DiscoveredLink,
    Skipped,
    absolute_url,
    parse_date,
    plain_text,
    unique_links,
)
from worker.errors import Unreadable

MAX_BYTES = 52_428_800  # maximum size of one unpacked sitemap, by the protocol
GZIP_CHUNK_BYTES = 4 * 1024  # small, because the rest of a chunk is copied at the end of each member
MAX_URLS = 50_000  # maximum number of URLs in one sitemap, by the protocol
MAX_ELEMENTS = 1_000_000  # maximum number of elements in one sitemap: twenty per URL, such as images and translations
GZIP = b"\x1f\x8b"
LONG_TAG = re.compile("<[^<>]{100000}")  # whose attributes would take gigabytes
WORD = re.compile(r"\S+")
ENTRY_START = re.compile(r"<(?:[\w.-]+:)?(?:url|sitemap)(?=[\s/>])", re.IGNORECASE)
ENTRY = re.compile(
    r"<(?:[\w.-]{1,40}:)?(url|sitemap)(?=[\s>])[^<>]*>(?s:.{0,20000}?)</(?:[\w.-]{1,40}:)?\1>", re.IGNORECASE
)
UNDATED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """A parsed sitemap or sitemap index."""

    pages: tuple[DiscoveredLink, ...] = ()  #: each once, in the sitemap's order
    sitemaps: tuple[DiscoveredLink, ...] = ()  #: sitemaps of an index; `modified` is the date of the sitemap
    skipped: Mapping[Skipped, int] = field(default_factory=dict)  #: entries that are not in `pages` and `sitemaps`


def parse(body: bytes, url: str, content_type: str = "", sites: Collection[str] = ()) -> Sitemap:
    """Return the sitemap that was fetched from `url`.

    Pages belong to the sitemap's own site (registrable domain), as the protocol requires, or to one of `sites`, which
    is the site that names this sitemap. Parts of an index may be on any host. A broken sitemap returns the readable
    entries; of a very long one, the newest pages are kept. Raise `Unreadable` if the body is not a sitemap, or is too
    large.
    """
    text = near_xml.decode(_unpack(body, url), content_type)
    root = near_xml.root_name(text)
    if root and root not in ("urlset", "sitemapindex"):
        feed = feeds.parse(body, url, content_type)
        found = [("url", link) for link in feed.links]
        skipped = Counter(feed.skipped)
    elif root:
        found, skipped = _read_entries(text, url)
    else:
        found, skipped = [("url", link) for link in _lines(text, url)], Counter()
    own = {urls.site(url), *sites}
    pages = [link for name, link in found if name == "url"]
    allowed = [link for link in pages if urls.site(link.url) in own]
    unique, kept = unique_links(allowed), _newest(allowed)
    if not found and skipped[Skipped.UNREADABLE]:
        raise Unreadable(f"{url} names {skipped[Skipped.UNREADABLE]:,} entries, but none can be read")
    skipped[Skipped.OTHER_SITE] += len(pages) - len(allowed)
    skipped[Skipped.REPEATED] += len(allowed) - len(unique)
    skipped[Skipped.TOO_MANY] += len(unique) - len(kept)
    parts = unique_links(link for name, link in found if name == "sitemap")
    return Sitemap(pages=kept, sitemaps=parts[:MAX_URLS], skipped={name: n for name, n in skipped.items() if n})


def _newest(links: Sequence[DiscoveredLink]) -> tuple[DiscoveredLink, ...]:
    """Return each link once, in its order: the newest, if there are more than the protocol allows."""
    unique = unique_links(links)
    if len(unique) <= MAX_URLS:
        return unique
    newest = heapq.nlargest(
        MAX_URLS, range(len(unique)), key=lambda n: (unique[n].published or unique[n].modified or UNDATED, -n)
    )
    return tuple(unique[n] for n in sorted(newest))


def _unpack(body: bytes, url: str) -> bytes:
    """Unpack all members of a gzip file (RFC 1952, section 2.2); return the beginning of a truncated or broken one."""
    unpacked, decompressor, start = bytearray(), _decompressor(), 0
    while body.startswith(GZIP) and start < len(body):
        chunk = body[start : start + GZIP_CHUNK_BYTES]
        try:
            unpacked += decompressor.decompress(chunk, MAX_BYTES + 1 - len(unpacked))
        except zlib.error as e:
            if unpacked:
                break
            raise Unreadable(f"{url} is not a valid gzip file: {e}") from None
        if len(unpacked) > MAX_BYTES:
            raise Unreadable(f"{url} unpacks to more than {MAX_BYTES:,} bytes, the limit of the sitemap protocol")
        start += len(chunk) - len(decompressor.unused_data)
        if decompressor.eof:
            decompressor = _decompressor()
    return bytes(unpacked) if body.startswith(GZIP) else body


def _decompressor() -> zlib._Decompress:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def _read_entries(text: str, url: str) -> tuple[list[tuple[str, DiscoveredLink]], Counter[Skipped]]:
    """Return the entries with the names of their elements, and how many could not be taken."""
    found: list[tuple[str, DiscoveredLink]] = []
    skipped: Counter[Skipped] = Counter()
    read = 0
    for name, entry in _entries(text, url):
        read += 1
        if entry:
            found.append((name, entry))
        else:
            skipped[Skipped.NO_ADDRESS] += 1
    lost = max(sum(1 for _ in ENTRY_START.finditer(text)) - read, 0)
    if (
        lost and text.count("<") <= MAX_ELEMENTS and not LONG_TAG.search(text)
    ):  # a stray end tag closed the root, and the parser ignores what follows
        alone = [(name, e) for name, e in _lone_entries(text, url) if e]
        if len(alone) > len(found):
            found, lost = alone, max(lost - (len(alone) - len(found)), 0)
    skipped[Skipped.UNREADABLE] = lost
    return found, skipped


def _lone_entries(text: str, url: str) -> Iterator[tuple[str, DiscoveredLink | None]]:
    """Yield the entries of a sitemap, each parsed alone."""
    for match in islice(ENTRY.finditer(text), MAX_URLS):
        name = match[1].lower()
        yield from _entries(f"<urlset>{match[0]}</urlset>", url) if name in ("url", "sitemap") else ()


def _entries(text: str, url: str) -> Iterator[tuple[str, DiscoveredLink | None]]:
    """Yield the `url` and `sitemap` elements of any namespace. Read elements are removed, to limit memory."""
    if long_tag := LONG_TAG.search(text):
        text = text[: long_tag.start()]
    for element in islice(_elements(text), MAX_ELEMENTS):
        name = _name(element)
        if name in ("url", "sitemap"):
            yield name, _entry(element, url)
            element.clear()
            _remove_preceding(element)


def _remove_preceding(element: etree._Element) -> None:
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)


def _elements(text: str) -> Iterator[etree._Element]:
    """Yield each element at its end tag. The text is parsed only as far as elements are requested.

    After its first error the parser holds back the elements until it is closed.
    """
    parser = etree.XMLPullParser(
        events=("end",), recover=True, resolve_entities=False, no_network=True, huge_tree=False
    )
    for piece in near_xml.repaired(text):
        parser.feed(piece.encode())
        yield from _ended(parser)
    with suppress(etree.XMLSyntaxError):
        parser.close()
    yield from _ended(parser)


def _ended(parser: etree.XMLPullParser) -> Iterator[etree._Element]:
    for _, element in parser.read_events():
        if isinstance(element, etree._Element):
            yield element


def _entry(element: etree._Element, base: str) -> DiscoveredLink | None:
    """Return the link of an entry. The first value of each field counts; images and videos are nested deeper."""
    fields: dict[str, str] = {}
    for child in element:
        if _name(child) == "news":
            fields |= {f"news:{_name(c)}": c.text or "" for c in child}
        else:
            fields.setdefault(_name(child), child.text or "")
    url = absolute_url(base, fields.get("loc"))
    if url is None:
        return None
    return DiscoveredLink(
        url=url,
        title=plain_text(fields.get("news:title")),
        published=parse_date(fields.get("news:publication_date")),
        modified=parse_date(fields.get("lastmod")),
    )


def _name(element: etree._Element) -> str:
    """Return the tag without namespace and prefix, in lower case; "" for comments."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _lines(text: str, url: str) -> Iterator[DiscoveredLink]:
    lines = (word[0] for word in WORD.finditer(text))
    first = list(islice(lines, 5))
    if not first or not all(line.startswith(("http://", "https://")) for line in first):
        raise Unreadable(f"{url} is not a sitemap")
    for line in chain(first, islice(lines, MAX_ELEMENTS)):
        if target := absolute_url(url, line):
            yield DiscoveredLink(url=target)
