"""Raw article data as the sources of a page give it, before any field is chosen."""

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
    """An image as one source describes it; caption and credit are still as printed."""

    url: str | None = None
    caption: str | None = None
    credit: str | None = None
    creator: str | None = None
    alt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorCandidate:
    """An author as one source names it."""

    name: str
    kind: str = ""  #: "person", "organisation", or "" where the source does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedArticle:
    """An article in the page's embedded data: JSON-LD, microdata, RDFa or the state of a script."""

    source: str  #: "json-ld", "microdata", "rdfa", "fusion", "next", "state"
    rule: str  #: the place in the source: "NewsArticle", "props.pageProps.article"
    type: str = ""  #: the type by schema.org or by the publishing system
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
    word_count: int | None = None  #: words of the body, as the page states


@dataclass(frozen=True, slots=True, kw_only=True)
class PageData:
    """The content of a page's embedded data. The articles are sorted, best first."""

    articles: tuple[EmbeddedArticle, ...] = ()
    breadcrumbs: tuple[str, ...] = ()  #: names, from the home page down
    site: str | None = None  #: the name of the site

    def values(self, get: Callable[[EmbeddedArticle], Any]) -> Iterator[tuple[EmbeddedArticle, Any]]:
        """Yield each article with `get(article)`; articles without a value are left out."""
        return ((article, value) for article in self.articles if (value := get(article)))

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The longest body of any article."""
        return max((s.paragraphs for s in self.articles), key=lambda p: sum(map(len, p)), default=())


def clean_text(value: Any) -> str | None:
    """Return a string of embedded data as readers see it, or None if the value is empty or not a string.

    Tags are removed, entities are resolved, white space is folded.
    """
    if not isinstance(value, str) or not value:
        return None
    if "&" in value:
        value = html.unescape(html.unescape(value))
    if "<" in value:
        value = _TAG.sub(" ", value)
    return fold(value) or None
