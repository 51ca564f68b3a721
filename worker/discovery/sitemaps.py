"""Sitemaps (sitemaps.org), plain, gzipped, of news, as indices, as lists of lines, and feeds that serve as one."""

from __future__ import annotations

import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from lxml import etree

from worker import urls
from worker.discovery import feeds
from worker.discovery.discovered_link import DiscoveredLink, absolute_url, parse_w3c_date, plain_text, unique_links
from worker.errors import Unreadable

MOST_BYTES = 52_428_800  # of one sitemap when unpacked, by the protocol
CHUNK_BYTES = 64 * 1024
GZIP_CHUNK_BYTES = 4 * 1024  # small, since the rest of a chunk is copied at the end of each member
MOST_URLS = 50_000  # in one sitemap, by the protocol
MOST_ELEMENTS = 1_000_000  # in one sitemap: twenty for each URL, such as its images and its other languages
GZIP = b"\x1f\x8b"
LONG_TAG = re.compile(rb"<[^<>]{100000}")  # its attributes would take gigabytes
WORD = re.compile(rb"\S+")
ROOT = re.compile(rb"<(?:[\w.-]+:)?(urlset|sitemapindex|rss|feed|rdf)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    pages: tuple[DiscoveredLink, ...] = ()  #: pages, each once, in the sitemap's order
    sitemaps: tuple[DiscoveredLink, ...] = ()  #: further sitemaps of an index; `modified` is theirs


def parse(body: bytes, url: str, content_type: str = "") -> Sitemap:
    """`url` is where the bytes came from; addresses of other sites (registrable domains) are left out, as the protocol
    asks. `Unreadable` for what is no sitemap or too large; a broken one gives what could be read, and one without end
    its beginning."""
    body = feeds.narrow(_unpacked(body, url))
    root = ROOT.search(body[:65536])
    kind = root[1].lower() if root else b""
    found: Iterable[DiscoveredLink]
    if kind in (b"urlset", b"sitemapindex"):
        found = _entries(body, url)
    elif kind:
        found = feeds.parse(body, url, content_type).links
    else:
        found = _lines(body, url)
    ours = unique_links(f for f in islice(found, MOST_URLS) if urls.site(f.url) == urls.site(url))
    return Sitemap(sitemaps=ours) if kind == b"sitemapindex" else Sitemap(pages=ours)


def _unpacked(body: bytes, url: str) -> bytes:
    """All members of a gzip file (RFC 1952, section 2.2) in a row; a cut or broken one gives its beginning."""
    unpacked, unpacker, start = bytearray(), _unpacker(), 0
    while body.startswith(GZIP) and start < len(body):
        chunk = body[start : start + GZIP_CHUNK_BYTES]
        try:
            unpacked += unpacker.decompress(chunk, MOST_BYTES + 1 - len(unpacked))
        except zlib.error as e:
            if unpacked:
                break
            raise Unreadable(f"{url} is no whole gzip file: {e}") from None
        if len(unpacked) > MOST_BYTES:
            raise Unreadable(f"{url} unpacks to more than {MOST_BYTES:,} bytes, which no sitemap may")
        start += len(chunk) - len(unpacker.unused_data)
        if unpacker.eof:
            unpacker = _unpacker()
    return bytes(unpacked) if body.startswith(GZIP) else body


def _unpacker() -> zlib._Decompress:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def _entries(body: bytes, url: str) -> Iterator[DiscoveredLink]:
    """`url` and `sitemap` elements, whatever their namespaces. What was read is dropped: memory stays flat."""
    if endless := LONG_TAG.search(body):
        body = body[: endless.start()]
    for element in islice(_elements(body), MOST_ELEMENTS):
        if _name(element) in ("url", "sitemap"):
            if entry := _entry(element, url):
                yield entry
            element.clear()
            _drop_before(element)


def _drop_before(element: etree._Element) -> None:
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)


def _elements(body: bytes) -> Iterator[etree._Element]:
    """Each when it ends, as far as the parser has come: those behind the last that was asked for cost nothing."""
    parser = etree.XMLPullParser(
        events=("end",), recover=True, resolve_entities=False, no_network=True, huge_tree=False
    )
    for start in range(0, len(body), CHUNK_BYTES):
        parser.feed(body[start : start + CHUNK_BYTES])
        for _, element in parser.read_events():
            if isinstance(element, etree._Element):
                yield element


def _entry(element: etree._Element, base: str) -> DiscoveredLink | None:
    """The first value of each field counts; those of images and videos lie deeper."""
    fields: dict[str, str] = {}
    for child in element:
        if _name(child) == "news":
            fields |= {f"news:{_name(c)}": c.text or "" for c in child}
        else:
            fields.setdefault(_name(child), child.text or "")
    address = absolute_url(base, fields.get("loc"))
    if address is None:
        return None
    return DiscoveredLink(
        url=address,
        title=plain_text(fields.get("news:title")),
        published=parse_w3c_date(fields.get("news:publication_date")),
        modified=parse_w3c_date(fields.get("lastmod")),
    )


def _name(element: etree._Element) -> str:
    """Without namespace or prefix, in lower case; "" for comments."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _lines(body: bytes, url: str) -> Iterator[DiscoveredLink]:
    lines = (word[0].decode("utf-8", "replace") for word in WORD.finditer(body.removeprefix(BOM_UTF8)))
    first = list(islice(lines, 5))
    if not first or not all(line.startswith(("http://", "https://")) for line in first):
        raise Unreadable(f"{url} is no sitemap")
    for line in chain(first, lines):
        if address := absolute_url(url, line):
            yield DiscoveredLink(url=address)
