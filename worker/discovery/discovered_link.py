"""What a source lists: addresses of articles, with hints that the reader may weigh."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import ada_url

from worker import urls
from worker.errors import BadInput

TAG = re.compile(r"<[^>]{0,500}>")
LONGEST_TEXT = 4000  # characters of a title or name with its markup; what follows is no title any more


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredLink:
    """One address that a source lists. Everything but the address is a hint."""

    url: str  #: absolute, http or https, as `urls.clean` gives it
    title: str | None = None  #: plain text
    published: datetime | None = None
    modified: datetime | None = None
    authors: tuple[str, ...] = ()


def absolute_url(base: str, href: str | None) -> str | None:
    """A link of a page as an address to fetch; None where it leads to no web page."""
    if not href or not href.strip():
        return None
    try:
        return urls.clean(ada_url.join_url(base, href.strip()))
    except (ValueError, BadInput):
        return None


def verbatim_url(base: str, href: str | None) -> str | None:
    """An absolute address as it is written, where somebody else compares it letter by letter; a relative one made
    absolute."""
    is_absolute = href is not None and href.strip().lower().startswith(("http://", "https://"))
    return href.strip() if href and is_absolute and absolute_url(base, href) else absolute_url(base, href)


def unique_links(found: Iterable[DiscoveredLink]) -> tuple[DiscoveredLink, ...]:
    """Without repetitions of one address; the first mention counts."""
    first: dict[str, DiscoveredLink] = {}
    for f in found:
        first.setdefault(urls.canonicalize(f.url), f)
    return tuple(first.values())


def plain_text(value: str | None) -> str | None:
    """Plain text of a title that may carry markup. Lone surrogates, as JSON that was cut within an emoji has them,
    become question marks: no store takes them."""
    if not value:
        return None
    plain = html.unescape(TAG.sub(" ", value[:LONGEST_TEXT]))
    return " ".join(plain.encode(errors="replace").decode().split()) or None


def parse_w3c_date(value: str | None) -> datetime | None:
    """A W3C date (ISO 8601), as sitemaps and JSON feeds have it: UTC where no zone is given; None if unreadable."""
    try:
        when = datetime.fromisoformat((value or "").strip())
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the first hours of the year 1 lie before all time in UTC
        return None
