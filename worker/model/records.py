"""The records that pass between the stages: one frozen record a stage, none half filled.

    Target  -> Row       a URL that was accepted, and its line in the ledger
    Row     -> Fetched   what the host answered
    Fetched -> Page      what waits in the spool to be read
    Page    -> Article   what the reader found
    Article -> Document  what is filed in the index
    Query   -> Results   what a search gives back

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
    """Where a row stands: it waits for its crawl, or its last crawl has ended."""

    QUEUED = "queued"
    FINISHED = "finished"


class Outcome(StrEnum):
    """How a finished crawl ended."""

    INDEXED = "indexed"  #: a document was written, or written anew
    UNCHANGED = "unchanged"  #: the page says what it said before
    DUPLICATE = "duplicate"  #: the article belongs to another row (redirect, canonical link)
    REJECTED = "rejected"  #: not for us: robots, blocked address, not an article, too large
    FAILED = "failed"  #: we gave up; `failures retry` queues it again


class Kind(StrEnum):
    """What sort of page the reader saw. The last four are never filed as articles."""

    ARTICLE = "article"
    GALLERY = "gallery"
    VIDEO = "video"
    LIVE = "live"
    OPINION = "opinion"
    PAYWALL = "paywall"  #: the stub of a story whose rest must be paid for; filed, and marked as such
    SECTION = "section"  #: a home, topic or section page: links to stories, not a story
    CONSENT = "consent"  #: a cookie or consent wall in place of the story
    ERROR = "error"  #: a soft error: "page not found" with status 200
    OTHER = "other"  #: none of these: a form, a shop, a search page

    @property
    def is_story(self) -> bool:
        return self not in (Kind.SECTION, Kind.CONSENT, Kind.ERROR, Kind.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A URL that somebody wants ingested, already canonicalised."""

    id: str  #: `urls.url_id(canonical_url)`
    url: str  #: as it will be fetched
    canonical_url: str  #: as it is identified
    host: str  #: origin, `scheme://host[:port]`: what politeness goes by
    source: str = ""  #: who asked: a source's name, "cli", "api", "celery", or "" where unknown
    hops: int = 0  #: redirects that led here
    force: bool = False  #: crawl again even if the row is finished and not due


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the ledger: one canonical URL and what has become of it."""

    id: str
    url: str
    canonical_url: str
    host: str
    source: str
    state: State
    crawl: int  #: counts the crawls of this row, from 1
    attempts: int = 0  #: times that the sweeper had to queue this crawl again
    hops: int = 0
    outcome: Outcome | None = None  #: of the last finished crawl
    reason: Reason | None = None  #: of the last finished crawl
    detail: str | None = None  #: the reason in one sentence, for people
    queued_at: datetime | None = None
    finished_at: datetime | None = None
    first_seen_at: datetime | None = None
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None  #: as the host sent it
    content_hash: str | None = None  #: of the article as it was filed, with the revision of its reader
    article_id: str | None = None  #: the document this row leads to: its own id, or another row's if a duplicate
    gone_at: datetime | None = None  #: since when the page has vanished (404, 410) though its document stays
    next_crawl_at: datetime | None = None  #: when it is due again; None: never by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What `Ledger.admit` answers for one target: `created`, `requeued` or `known`, and the row as it now stands.
    The desk adds `blocked`, for what was taken down."""

    verdict: str
    row: Row

    @property
    def is_queued(self) -> bool:
        """Whether this admission put the row into the queue (rather than found it there or finished)."""
        return self.verdict in ("created", "requeued")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlResult:
    """How one crawl of one row ended. Takes effect only while the row is queued with this crawl number."""

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
    gone: bool | None = None  #: True sets gone_at once, False clears it, None leaves it
    next_crawl_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One answer of a host to one request. Redirects are answers too: they are not followed here."""

    url: str
    status: int
    headers: Mapping[str, str]  #: names in lower case; repeated ones joined with ", "
    body: bytes  #: decompressed
    fetched_at: datetime
    elapsed_s: float  #: from sending the request to the last byte
    location: str | None = None  #: absolute URL of a redirect's target
    sent_bytes: int = 0  #: of the body as it came over the wire

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A fetched page that waits in the spool to be read."""

    id: str  #: row
    crawl: int
    url: str  #: where the bytes came from
    content_type: str
    status: int
    fetched_at: datetime
    body: bytes
    etag: str | None = None
    last_modified: str | None = None
    attempt: int = 0  #: times that it was taken before
    archived: str | None = None  #: where the raw response lies: "segment#offset"
    is_imported: bool = False  #: from somebody's file: its host was not asked, nor will it be


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of the story. Names follow schema.org's ImageObject."""

    url: str | None = None
    caption: str | None = None  #: without its credit
    credit_text: str | None = None  #: the credit line as printed, without brackets: "Jung Yeon-je/Pool Photo via AP"
    creator: tuple[str, ...] = ()  #: photographers, as names of people
    agency: str | None = None  #: "AP", "Reuters", "dpa" …
    alt: str | None = None
    is_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a field's value came from."""

    source: str  #: "json-ld", "meta", "dom", "text", "fusion", "next", "url" …
    rule: str  #: which rule of that source: "og:title", "h1", "NewsArticle.datePublished"
    rivals: tuple[tuple[str, str], ...] = ()  #: what other sources said: (source and rule, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What the reader found on one page. Names follow schema.org's NewsArticle in snake_case."""

    url: str  #: the page's address as given to the reader
    kind: Kind
    headline: str | None = None
    description: str | None = None
    article_body: str = ""  #: paragraphs separated by newlines; no captions, no furniture
    author: tuple[str, ...] = ()  #: people; agencies stand in `agency`
    byline: tuple[str, ...] = ()  #: everyone who signed, organisations too, as printed: "Jane Roe", "dpa"
    agency: str | None = None  #: the wire that the story came by: "AP", "dpa"
    article_section: str | None = None
    keywords: tuple[str, ...] = ()
    language: str | None = None  #: ISO 639-1, by the text
    date_published: datetime | None = None  #: aware; UTC assumed only where provenance says so
    date_modified: datetime | None = None
    date_precision: str | None = None  #: "second", "minute", "day": of date_published
    dateline: str | None = None  #: the place alone: "SEOUL"
    publisher: str | None = None
    canonical_url: str | None = None  #: absolute, as the page names it; whether it is believed is decided elsewhere
    images: tuple[Image, ...] = ()
    provenance: Mapping[str, Provenance] = field(default_factory=dict)  #: by field name

    @property
    def caption_text(self) -> tuple[str, ...]:
        return tuple(i.caption for i in self.images if i.caption)

    @property
    def credit_text(self) -> tuple[str, ...]:
        return tuple(i.credit_text for i in self.images if i.credit_text)

    @property
    def photographer(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for i in self.images for name in i.creator))

    @property
    def photo_agency(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(i.agency for i in self.images if i.agency))

    @property
    def word_count(self) -> int:
        return len(self.article_body.split())

    @property
    def content_hash(self) -> str:
        """Of what a reader would call the story and who made it: headline, authors, body, captions, credits; blanks
        folded. 32 hex digits. Revisions keep and show all of these."""
        parts = (self.headline or "", *self.author, self.article_body, *self.caption_text, *self.credit_text)
        folded = "\x00".join(" ".join(p.split()) for p in parts)
        return hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article as it is filed in the index, with what the ledger knows of it."""

    id: str
    version: int  #: external version: crawl number and reader revision, see `document_version`
    article: Article
    url: str  #: canonical, as the ledger identifies it
    host: str
    source: str
    fetched_at: datetime
    first_seen_at: datetime


REVISION_BITS = 20


def document_version(crawl: int, reader_revision: int) -> int:
    """The external version of a document: a later crawl wins over an earlier, a newer reader over an older.

    Not a clock, since clocks of several machines lie; a late or repeated write carries an equal or lower number.
    """
    return (crawl << REVISION_BITS) + reader_revision


def crawl_and_revision(version: int) -> tuple[int, int]:
    """What a `document_version` was made of."""
    return divmod(version, 1 << REVISION_BITS)
