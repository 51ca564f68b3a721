"""A story as a page's embedded data tells it, before anything is decided: what each source of fields gives."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from worker.extraction.text.normalize import fold

_TAG = re.compile(r"<[a-zA-Z/!][^>]{0,2000}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCandidate:
    """An image as a source names it; caption and credit still as printed."""

    url: str | None = None
    caption: str | None = None
    credit: str | None = None
    creator: str | None = None
    alt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorCandidate:
    """Who signed, and what the source says of them."""

    name: str
    kind: str = ""  #: "person", "organisation", or "" where the source does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedArticle:
    source: str  #: "json-ld", "microdata", "fusion", "next", "state"
    rule: str  #: where in it: "NewsArticle", "props.pageProps.article"
    type: str = ""  #: schema.org's or the system's own name for what it is
    headline: str | None = None
    description: str | None = None
    paragraphs: tuple[str, ...] = ()
    authors: tuple[AuthorCandidate, ...] = ()
    published: str | None = None  #: as written
    modified: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    publisher: str | None = None
    agency: str | None = None  #: the distributor or source, as written
    language: str | None = None
    images: tuple[ImageCandidate, ...] = ()
    is_free: bool | None = None  #: isAccessibleForFree
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageData:
    """All that the page's embedded data says. Stories come best first."""

    articles: tuple[EmbeddedArticle, ...] = ()
    breadcrumbs: tuple[str, ...] = ()  #: names, from the home page down
    site: str | None = None  #: the name of the site

    def values(self, get: Callable[[EmbeddedArticle], Any]) -> Iterator[tuple[EmbeddedArticle, Any]]:
        """What each story says of something, those that say nothing left out."""
        return ((article, value) for article in self.articles if (value := get(article)))

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The longest body that a story has."""
        return max((s.paragraphs for s in self.articles), key=lambda p: sum(map(len, p)), default=())


def clean_text(value: Any) -> str | None:
    """A string of embedded data as people see it: tags and entities resolved, white space folded; None if empty or no
    string.
    """
    if not isinstance(value, str) or not value:
        return None
    if "&" in value:
        value = html.unescape(html.unescape(value))
    if "<" in value:
        value = _TAG.sub(" ", value)
    return fold(value) or None
