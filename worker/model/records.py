"""The records that pass between the stages: one frozen record for each stage.

    Target  -> Row       an accepted URL, and its row in the ledger
    Row     -> Fetched   the response of the host
    Fetched -> Page      a page that waits in the spool to be read
    Page    -> Article   the result of reading
    Article -> Document  the article as stored in the index
    Query   -> Results   a search and its results

All times are aware datetimes in UTC unless the field says otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from worker.model.reasons import Reason


class State(StrEnum):
    """The state of a row: it waits for its crawl, or its last crawl has finished."""

    QUEUED = "queued"
    FINISHED = "finished"


class Outcome(StrEnum):
    """How a finished crawl ended."""

    INDEXED = "indexed"  #: a document was written or replaced
    UNCHANGED = "unchanged"  #: the page has the same content as before
    DUPLICATE = "duplicate"  #: the article belongs to another row (redirect, canonical link)
    REJECTED = "rejected"  #: excluded by a rule: robots.txt, blocked address, not an article, too large
    FAILED = "failed"  #: the crawl failed; `copydesk failures retry` queues it again


class Kind(StrEnum):
    """The kind of a page. The last four are not articles and are not indexed."""

    ARTICLE = "article"
    GALLERY = "gallery"
    VIDEO = "video"
    LIVE = "live"
    OPINION = "opinion"
    PAYWALL = "paywall"  #: an article behind a paywall; its free beginning is indexed
    SECTION = "section"  #: a home, topic or section page: links to articles
    CONSENT = "consent"  #: a cookie or consent wall instead of the article
    ERROR = "error"  #: a soft error: "page not found" with status 200
    OTHER = "other"  #: any other page: a form, a shop, a search page

    @property
    def is_article(self) -> bool:
        """True if such a page is indexed as an article."""
        return self not in (Kind.SECTION, Kind.CONSENT, Kind.ERROR, Kind.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A URL to ingest, with its canonical URL."""

    id: str  #: `urls.url_id(canonical_url)`
    url: str  #: URL to fetch
    canonical_url: str  #: identifies the URL
    host: str  #: origin, `scheme://host[:port]`: the unit of politeness
    source: str = ""  #: a source's name, "cli", "api", "celery", or "" if unknown
    hops: int = 0  #: number of redirects that led here
    force: bool = False  #: crawl again even if the row is finished and not due


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the ledger: a canonical URL with its state and outcome."""

    id: str
    url: str
    canonical_url: str
    host: str
    source: str
    state: State
    crawl: int  #: number of the current or last crawl, from 1
    attempts: int = 0  #: times that the sweeper queued this crawl again
    hops: int = 0
    outcome: Outcome | None = None  #: outcome of the last finished crawl
    reason: Reason | None = None  #: reason of the last finished crawl
    detail: str | None = None  #: the reason in one sentence, for people
    queued_at: datetime | None = None
    finished_at: datetime | None = None
    first_seen_at: datetime | None = None
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None  #: as the host sent it
    content_hash: str | None = None  #: hash of the indexed article and the reader's revision; see `digest.decide`
    article_id: str | None = None  #: the document of this row: its own id, or another row's if it is a duplicate
    gone_at: datetime | None = None  #: since when the page is missing (404, 410) while its document stays
    next_crawl_at: datetime | None = None  #: time of the next crawl; None: no scheduled one


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The answer to the admission of a target: a verdict and the current row.

    The verdicts of `Ledger.admit` are `created`, `requeued` and `known`; `services.ledger.lifecycle` adds `blocked`.
    """

    verdict: str
    row: Row

    @property
    def is_queued(self) -> bool:
        """True if this admission queued the row; False if it was queued or finished before."""
        return self.verdict in ("created", "requeued")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlResult:
    """How a crawl of a row ends. It has an effect only while the row is queued with this crawl number."""

    id: str
    crawl: int
    outcome: Outcome
    finished_at: datetime
    reason: Reason | None = None
    detail: str | None = None
    http_status: int | None = None
    etag: str | None = None  #: None keeps what the row has
    last_modified: str | None = None  #: None keeps what the row has
    content_hash: str | None = None  #: None keeps what the row has
    article_id: str | None = None  #: None keeps what the row has
    gone: bool | None = None  #: True sets gone_at if it is not set, False clears it, None keeps it
    next_crawl_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The response of a host to one request. A redirect is a response too: it is not followed here."""

    url: str
    status: int
    headers: Mapping[str, str]  #: names in lower case; values of repeated headers joined with ", "
    body: bytes  #: decompressed
    fetched_at: datetime
    elapsed_s: float  #: from sending the request to the last byte
    location: str | None = None  #: absolute URL of a redirect's target
    sent_bytes: int = 0  #: size of the body on the wire

    @property
    def content_type(self) -> str:
        """The Content-Type header, or an empty string."""
        return self.headers.get("content-type", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A fetched page that waits in the spool to be read."""

    id: str  #: id of the row
    crawl: int
    url: str  #: URL from which the body was fetched
    content_type: str
    status: int
    fetched_at: datetime
    body: bytes
    etag: str | None = None
    last_modified: str | None = None
    attempt: int = 0  #: number of earlier attempts to read it
    archived: str | None = None  #: archive position of the raw response: "segment#offset"
    is_imported: bool = False  #: read from a WARC or WET file; never recrawled automatically


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image of the article. Names follow schema.org's ImageObject."""

    url: str | None = None
    caption: str | None = None  #: without its credit
    credit_text: str | None = None  #: the credit line as printed, without brackets: "Jung Yeon-je/Pool Photo via AP"
    creator: tuple[str, ...] = ()  #: names of the photographers
    agency: str | None = None  #: "AP", "Reuters", "dpa" …
    alt: str | None = None
    is_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The origin of a field's value."""

    source: str  #: "json-ld", "meta", "dom", "text", "fusion", "next", "url" …
    rule: str  #: which rule of that source: "og:title", "h1", "NewsArticle.datePublished"
    rivals: tuple[tuple[str, str], ...] = ()  #: values of other sources: (source and rule, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The article on a page. Names follow schema.org's NewsArticle in snake_case."""

    url: str  #: URL of the page, as given to the reader
    kind: Kind
    headline: str | None = None
    description: str | None = None
    article_body: str = ""  #: paragraphs separated by newlines, without captions and boilerplate
    article_html: str = ""  #: the body as clean HTML, with its images; see `extraction.article_html`
    author: tuple[str, ...] = ()  #: people; agencies are in `agency`
    byline: tuple[str, ...] = ()  #: all names of the byline as printed, including organisations: "Jane Roe", "dpa"
    agency: str | None = None  #: the news agency of the text: "AP", "dpa"
    article_section: str | None = None
    keywords: tuple[str, ...] = ()
    language: str | None = None  #: ISO 639-1 code, detected in the text
    date_published: datetime | None = None  #: aware; provenance says if UTC was assumed
    date_modified: datetime | None = None
    date_precision: str | None = None  #: precision of date_published: "second", "minute" or "day"
    dateline: str | None = None  #: only the place: "SEOUL"
    publisher: str | None = None
    canonical_url: str | None = None  #: absolute, as the page gives it; not checked here
    images: tuple[Image, ...] = ()
    provenance: Mapping[str, Provenance] = field(default_factory=dict)  #: by field name

    @property
    def caption_text(self) -> tuple[str, ...]:
        """The captions of all images."""
        return tuple(i.caption for i in self.images if i.caption)

    @property
    def credit_text(self) -> tuple[str, ...]:
        """The credit lines of all images."""
        return tuple(i.credit_text for i in self.images if i.credit_text)

    @property
    def photographer(self) -> tuple[str, ...]:
        """The photographers of all images, without repetitions."""
        return tuple(dict.fromkeys(name for i in self.images for name in i.creator))

    @property
    def photo_agency(self) -> tuple[str, ...]:
        """The agencies of all images, without repetitions."""
        return tuple(dict.fromkeys(i.agency for i in self.images if i.agency))

    @property
    def word_count(self) -> int:
        """The number of words in the body."""
        return len(self.article_body.split())

    @property
    def content_hash(self) -> str:
        """A hash of headline, authors, body, captions and credits, with whitespace folded: 32 hex digits.

        Revisions keep and show all of these fields.
        """
        parts = (self.headline or "", *self.author, self.article_body, *self.caption_text, *self.credit_text)
        folded = "\x00".join(" ".join(p.split()) for p in parts)
        return hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article as stored in the index, with data of its row."""

    id: str
    version: int  #: external version, made of crawl number and reader revision; see `document_version`
    article: Article
    url: str  #: canonical
    host: str
    source: str
    fetched_at: datetime
    first_seen_at: datetime


REVISION_BITS = 20


def document_version(crawl: int, reader_revision: int) -> int:
    """Return the external version of a document: a later crawl wins, and in the same crawl a newer reader.

    It is not a time, since clocks of machines differ. A late or repeated write has an equal or lower number.
    """
    return (crawl << REVISION_BITS) + reader_revision


def crawl_and_revision(version: int) -> tuple[int, int]:
    """Return the crawl number and the reader revision of a `document_version`."""
    return divmod(version, 1 << REVISION_BITS)
