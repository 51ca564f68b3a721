"""Queries and results: the same records for every backend.

The text of a query (`Query.text`) has a small syntax. It is parsed leniently: no text is an error.

    flood rescue          both words            "flood rescue"      the phrase
    flood OR storm        either                -storm              not this
    resc*                 words that begin so   photographer:Rossi  a field by its short name (see FIELDS)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: The document field for each short name in queries, filters, API and pages.
FIELDS: Mapping[str, str] = {
    "publisher": "publisher",
    "section": "article_section",
    "author": "author",
    "lang": "language",
    "photographer": "photographer",
    "agency": "agency",
    "photo_agency": "photo_agency",
    "caption": "caption_text",
    "dateline": "dateline",
    "kind": "kind",
    "keyword": "keywords",
    "host": "host",
    "source": "source",
    "headline": "headline",
    "body": "article_body",
}

#: Names of FIELDS that are searched as text. The others are exact values, for facets and filters.
TEXT_FIELDS = ("caption", "headline", "body")

FACETS = tuple(name for name in FIELDS if name not in TEXT_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search request."""

    text: str = ""  #: an empty text finds all articles
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: short name -> any of these values
    since: datetime | None = None  #: date_published at or after
    until: datetime | None = None  #: date_published before
    ids: tuple[str, ...] = ()  #: search only these documents; empty: all
    scope: str = "all"  #: searched fields: "all", "headline", "body", "captions"
    facets: tuple[str, ...] = ()  #: short names to count values of
    facet_size: int = 10
    histogram: str | None = None  #: "day", "week", "month", "year", or "auto" by the time span of the results
    sort: str = "relevance"  #: "relevance", "newest", "oldest"; ties by id
    size: int = 10  #: hits a page, 0 to 100
    cursor: str | None = None  #: `Results.next_cursor` of the previous page


#: Document field -> fragments. Each match is between \x02 and \x03, which the rest of a fragment does not contain, so
#: that each user interface can escape the text in its own way.
Highlights = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that a search has found."""

    fields: Mapping[str, Any]  #: the article as it is stored; `storage.document_json.from_json` makes a Document of it
    score: float | None = None
    highlights: Highlights = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of the article."""
        return str(self.fields["id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A value of a facet or an interval of a histogram, with its number of documents."""

    value: str  #: a facet's value, or the UTC date on which a histogram's interval begins ("2026-11-24")
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A page of search results."""

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[Bucket, ...]] = field(default_factory=dict)  #: by short name, most frequent first
    histogram: tuple[Bucket, ...] = ()
    interval: str | None = None  #: interval of the histogram
    next_cursor: str | None = None  #: None on the last page
    notes: tuple[str, ...] = ()  #: how an unusual query was interpreted
    suggestion: str | None = None  #: the text with corrected spelling, if nothing was found
