"""The links that a source lists: URLs of articles, with hints that extraction may use."""

from __future__ import annotations

import html
import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import urlsplit

import ada_url

from worker import urls
from worker.errors import BadInput
from worker.extraction.text import date_parser

MONTH = re.compile(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])")
TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>|<!--.{0,500}?-->", re.DOTALL)
MAX_TEXT_CHARS = 4000  # of a title or name with its markup; the rest is dropped


class Skipped(StrEnum):
    """Why an entry of a source is not taken."""

    NO_ADDRESS = "no-address"  #: it has no URL of a web page
    OTHER_SITE = "other-site"  #: its URL is on another site than the sitemap
    REPEATED = "repeated"  #: an earlier entry has the same canonical URL
    TOO_MANY = "too-many"  #: the source lists more than the limit; the newest are taken
    UNREADABLE = "unreadable"  #: the bytes name it, but it cannot be parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredLink:
    """A URL that a source lists. All other fields are hints."""

    url: str  #: absolute, http or https, as `urls.clean` returns it
    title: str | None = None  #: plain text
    published: datetime | None = None
    modified: datetime | None = None
    authors: tuple[str, ...] = ()


#: A link without scheme that begins with a host name: "www.ferry.example/a".
WITHOUT_SCHEME = re.compile(r"(?:www\.[\w-]+|([\w-]+(?:\.[\w-]+)+))(?:\.[\w-]+)*(?::\d+)?(?=[/?#]|$)", re.IGNORECASE)


def absolute_url(base: str, href: str | None) -> str | None:
    """Return a link of a page as a URL to fetch, or None if it does not lead to a web page.

    A link without a scheme that begins with "www." or with the base's own host is an address, not a relative path.
    """
    href = (href or "").strip()
    if not href:
        return None
    try:
        bare = WITHOUT_SCHEME.match(href)
        if bare and (bare[1] is None or bare[0].lower() == urlsplit(base).netloc.lower()):
            href = f"https://{href}"
        return urls.clean(ada_url.join_url(base, href))
    except (ValueError, BadInput):
        return None


def verbatim_url(base: str, href: str | None) -> str | None:
    """Return an absolute URL exactly as it is written, for hubs that compare it letter by letter.

    A relative URL is made absolute.
    """
    is_absolute = href is not None and href.strip().lower().startswith(("http://", "https://"))
    return href.strip() if href and is_absolute and absolute_url(base, href) else absolute_url(base, href)


def unique_links(links: Iterable[DiscoveredLink]) -> tuple[DiscoveredLink, ...]:
    """Return the first link to each canonical URL, in the order given."""
    first: dict[str, DiscoveredLink] = {}
    for link in links:
        first.setdefault(urls.canonicalize(link.url), link)
    return tuple(first.values())


def plain_text(value: str | None) -> str | None:
    """Return the plain text of a title that may contain markup, or None if it is empty.

    Lone surrogates become question marks, because no store accepts them. JSON contains one if it was cut inside an
    emoji.
    """
    if not value:
        return None
    text = html.unescape(TAG.sub(" ", value[:MAX_TEXT_CHARS]))
    return " ".join(text.encode(errors="replace").decode().split()) or None


def parse_date(value: str | None) -> datetime | None:
    """Return a date of a feed or a sitemap in UTC, in any form that pages use; None if it is unreadable.

    A date without a time zone is in UTC. A month alone counts as its end, so that its pages do not look older than
    they are.
    """
    text = (value or "").strip()
    if month := MONTH.fullmatch(text):
        year, number = int(month[1]), int(month[2])
        return datetime(year, number, monthrange(year, number)[1], 23, 59, 59, tzinfo=UTC)
    found = date_parser.parse(text)
    return found.value if found else None
