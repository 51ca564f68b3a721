"""The fixed point for programs that measure the product: plain functions over bytes, URLs and files.

read(body, url), read_text(body, url)        the shape that scorers of readers expect (`bench.scores`)
article(body, url), article_of_text(…)       all fields, as `copydesk read --json` prints them
parse_feed, parse_sitemap, robots_allow      discovery
url_id, warc_pages                           identity of URLs, and archives

All results are JSON-compatible, except the bodies of archived pages, which are bytes. Dates are ISO 8601 strings or
None. Each function raises `Unreadable`, a ValueError with a one-line message, for input that cannot be read.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from worker import extraction, urls
from worker.archive.warc_reader import ArchivedPage, read_pages
from worker.discovery import feeds, sitemaps
from worker.errors import CopydeskError
from worker.fetching import robots
from worker.model.records import Article, Kind
from worker.storage.document_json import article_to_json

MAX_PAGE_BYTES = 10_000_000  #: archived pages with a longer body are left out

_KINDS: Mapping[Kind, str] = {
    Kind.SECTION: "section",
    Kind.CONSENT: "consent",
    Kind.ERROR: "error",
    Kind.OTHER: "error",
}


class Unreadable(ValueError):
    """Input that cannot be read: empty or binary bytes, a bad URL, a missing file."""


def read(body: bytes, url: str) -> dict[str, Any]:
    """Return the article on a page, in the shape that scorers of readers expect."""
    with _one_line_errors():
        return _scored(extraction.read(body, url, with_html=False))


def read_text(body: bytes, url: str) -> dict[str, Any]:
    """Return the article in plain text, in the shape that scorers of readers expect."""
    with _one_line_errors():
        return _scored(extraction.read_text(body, url, with_html=False))


def article(body: bytes, url: str, content_type: str = "") -> dict[str, Any]:
    """Return the article on a page, with the fields of `copydesk read --json`."""
    with _one_line_errors():
        return article_to_json(extraction.read(body, url, content_type=content_type))


def article_of_text(body: bytes, url: str) -> dict[str, Any]:
    """Return the article in plain text, with the fields of `copydesk read --json`."""
    with _one_line_errors():
        return article_to_json(extraction.read_text(body, url))


def parse_feed(body: bytes, url: str, content_type: str = "") -> list[dict[str, Any]]:
    """Return the entries of an RSS, Atom or JSON feed: dicts with url, title and published."""
    with _one_line_errors():
        found = feeds.parse(body, urls.clean(url), content_type).links
    return [{"url": link.url, "title": link.title, "published": _iso(link.published)} for link in found]


def parse_sitemap(body: bytes, url: str) -> dict[str, Any]:
    """Return the pages of a sitemap (dicts with url and modified) and the URLs of further sitemaps."""
    with _one_line_errors():
        sitemap = sitemaps.parse(body, urls.clean(url))
    return {
        "pages": [{"url": link.url, "modified": _iso(link.modified)} for link in sitemap.pages],
        "sitemaps": [link.url for link in sitemap.sitemaps],
    }


def robots_allow(body: bytes, user_agent: str, url: str) -> bool:
    """Return True if a robots.txt file allows the user agent to fetch a URL. An empty file allows everything."""
    with _one_line_errors():
        page = urls.clean(url)
    if not user_agent.strip():
        raise Unreadable("The user agent is empty. Give its product token, for example Copydesk.")
    if b"\0" in body:
        raise Unreadable("The robots.txt file is not text. Give the bytes of a text file.")
    return robots.parse(body, user_agent).allows(page)


def url_id(url: str) -> str:
    """Return the id of a URL: 32 hex digits that all spellings of the same page share."""
    with _one_line_errors():
        return urls.url_id(urls.canonicalize(url))


def warc_pages(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Return the pages of a WARC, WET or ARC file: dicts with url, fetched_at, content_type and body (bytes).

    If the file is damaged after its first pages, those are returned, and a warning describes the damage.
    """
    found: list[dict[str, Any]] = []
    try:
        with _one_line_errors(), Path(path).open("rb") as stream:
            if not stream.peek(1):
                raise ValueError(f"{path} is empty. Give a WARC, WET or ARC file.")
            for page in read_pages(stream, max_bytes=MAX_PAGE_BYTES):
                found.append(_archived(page))
    except Unreadable as e:
        if not found:
            raise
        warnings.warn(f"{path}: {e}", stacklevel=2)
    return found


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turn the product's errors, and those of files, into `Unreadable` with a one-line message."""
    try:
        yield
    except OSError as e:
        raise Unreadable(f"Cannot open {e.filename}: {e.strerror}. Give the path of a readable file.") from None
    except (CopydeskError, ValueError) as e:
        raise Unreadable(" ".join(str(e).split())) from None


def _archived(page: ArchivedPage) -> dict[str, Any]:
    fetched = page.fetched
    return {
        "url": fetched.url,
        "fetched_at": _iso(fetched.fetched_at),
        "content_type": fetched.content_type,
        "body": fetched.body,
    }


def _iso(date: datetime | None) -> str | None:
    return date.isoformat() if date else None


def _scored(found: Article) -> dict[str, Any]:
    return {
        "body": found.article_body,
        "title": found.headline,
        "authors": list(found.byline or found.author),
        "published": _iso(found.date_published),
        "images": [
            {"caption": i.caption, "credit": i.credit_text, "creator": list(i.creator), "agency": i.agency}
            for i in found.images
        ],
        "section": found.article_section,
        "dateline": found.dateline,
        "kind": _KINDS.get(found.kind, "article"),
    }
