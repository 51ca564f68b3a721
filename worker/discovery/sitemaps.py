"""Reader of sitemaps (sitemaps.org): XML, news, indices, lists of URLs, and feeds used as sitemaps; gzipped or not."""

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

MAX_BYTES = 52_428_800  # maximum size of one unpacked sitemap, by the protocol
CHUNK_BYTES = 64 * 1024
GZIP_CHUNK_BYTES = 4 * 1024  # small, because the rest of a chunk is copied at the end of each member
MAX_URLS = 50_000  # maximum number of URLs in one sitemap, by the protocol
MAX_ELEMENTS = 1_000_000  # maximum number of elements in one sitemap: twenty per URL, such as images and translations
GZIP = b"\x1f\x8b"
LONG_TAG = re.compile(rb"<[^<>]{100000}")  # whose attributes would take gigabytes
WORD = re.compile(rb"\S+")
ROOT = re.compile(rb"<(?:[\w.-]+:)?(urlset|sitemapindex|rss|feed|rdf)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """A parsed sitemap or sitemap index."""

    pages: tuple[DiscoveredLink, ...] = ()  #: each once, in the sitemap's order
    sitemaps: tuple[DiscoveredLink, ...] = ()  #: sitemaps of an index; `modified` is the date of the sitemap


def parse(body: bytes, url: str, content_type: str = "") -> Sitemap:
    """Return the sitemap that was fetched from `url`.

    URLs of other sites (registrable domains) are left out, as the protocol requires. A broken sitemap returns the
    readable entries, a very long one the first. Raise `Unreadable` if the body is not a sitemap or too large.
    """
    body = feeds.to_utf8(_unpack(body, url))
    root = ROOT.search(body[:65536])
    kind = root[1].lower() if root else b""
    links: Iterable[DiscoveredLink]
    if kind in (b"urlset", b"sitemapindex"):
        links = _entries(body, url)
    elif kind:
        links = feeds.parse(body, url, content_type).links
    else:
        links = _lines(body, url)
    own = unique_links(link for link in islice(links, MAX_URLS) if urls.site(link.url) == urls.site(url))
    return Sitemap(sitemaps=own) if kind == b"sitemapindex" else Sitemap(pages=own)


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


def _entries(body: bytes, url: str) -> Iterator[DiscoveredLink]:
    """Yield the `url` and `sitemap` elements of any namespace. Read elements are removed, to limit memory."""
    if long_tag := LONG_TAG.search(body):
        body = body[: long_tag.start()]
    for element in islice(_elements(body), MAX_ELEMENTS):
        if _name(element) in ("url", "sitemap"):
            if entry := _entry(element, url):
                yield entry
            element.clear()
            _remove_preceding(element)


def _remove_preceding(element: etree._Element) -> None:
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)


def _elements(body: bytes) -> Iterator[etree._Element]:
    """Yield each element at its end tag. The body is parsed only as far as elements are requested."""
    parser = etree.XMLPullParser(
        events=("end",), recover=True, resolve_entities=False, no_network=True, huge_tree=False
    )
    for start in range(0, len(body), CHUNK_BYTES):
        parser.feed(body[start : start + CHUNK_BYTES])
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
        published=parse_w3c_date(fields.get("news:publication_date")),
        modified=parse_w3c_date(fields.get("lastmod")),
    )


def _name(element: etree._Element) -> str:
    """Return the tag without namespace and prefix, in lower case; "" for comments."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _lines(body: bytes, url: str) -> Iterator[DiscoveredLink]:
    lines = (word[0].decode("utf-8", "replace") for word in WORD.finditer(body.removeprefix(BOM_UTF8)))
    first = list(islice(lines, 5))
    if not first or not all(line.startswith(("http://", "https://")) for line in first):
        raise Unreadable(f"{url} is not a sitemap")
    for line in chain(first, lines):
        if target := absolute_url(url, line):
            yield DiscoveredLink(url=target)
