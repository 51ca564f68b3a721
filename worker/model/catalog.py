"""The records of the catalog: everything that is stored beside articles and ledger rows.

Sources, WebSub subscriptions, API keys, saved searches, blocked URLs, boilerplate counts, revisions. All times are
aware datetimes in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from worker.model.query import Query


class SourceKind(StrEnum):
    """The kind of page at the URL of a source."""

    FEED = "feed"  #: RSS, Atom or JSON Feed
    SITEMAP = "sitemap"  #: a sitemap, or an index of sitemaps
    SECTION = "section"  #: a home, topic or section page with links to articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A page that lists new articles and is visited on a schedule."""

    name: str  #: unique; a facet of its articles
    url: str
    kind: SourceKind
    schedule: str  #: "15m", a cron expression, or "adaptive 5m..6h"
    paused: bool = False
    created_at: datetime
    next_due_at: datetime | None = None  #: None: no scheduled visit
    claim: int = 0  #: fencing number: grows when a visit is claimed, begins and ends; only the latest is valid
    claimed_until: datetime | None = None  #: when a claimed visit counts as dead; None: none is claimed
    hurried: bool = False  #: visit again soon after the current visit
    #: State of the crawler, as plain values.
    history: Mapping[str, Any] = field(default_factory=dict)  #: visits, failures, validators
    learned: Mapping[str, Any] = field(default_factory=dict)  #: which links of a section page lead to articles
    cursor: Mapping[str, Any] = field(default_factory=dict)  #: where a visit in several parts continues


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A WebSub subscription: a hub pushes the new entries of a feed. One for each source."""

    source: str  #: name of the source
    hub: str  #: URL to which subscription requests go
    topic: str  #: URL by which the hub identifies the feed
    callback: str = field(repr=False)  #: URL to which the hub posts; contains the token
    token: str = field(repr=False)  #: authenticates the hub
    secret: str | None = field(default=None, repr=False)  #: signs the posts; None if the hub does not use TLS
    due_at: datetime | None = None  #: time of the next request to the hub
    requested_at: datetime | None = None  #: time of the last request
    expires_at: datetime | None = None  #: end of the lease that the hub granted; None: not yet granted
    tries: int = 0  #: requests since the hub last granted a lease
    problem: str | None = None  #: the last error, until a request succeeds
    leaving: bool = False  #: the subscription is being cancelled
    pushed_at: datetime | None = None  #: time of the last post


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of a client of the HTTP API. The secret itself is not stored."""

    id: str  #: the public part, shown in lists and logs
    name: str  #: name of the key's owner
    scopes: tuple[str, ...]  #: "read", "add", or "admin", which includes the others
    secret_hash: str  #: SHA-256 of the secret; 256 random bits do not need a slow hash
    created_at: datetime
    expires_at: datetime | None = None
    rate_per_minute: int | None = None  #: None: the value of the settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedKey:
    """A revoked key. It stays known, so that a restored backup does not accept it again."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """A query whose new matches go to a webhook and to the event stream."""

    id: str
    name: str
    query: Query
    created_at: datetime
    webhook: str | None = None  #: URL to which each match is posted
    #: Signs the deliveries. Stored in plain text, since both sides need it, and never logged.
    secret: str | None = field(default=None, repr=False)
    paused: bool = False
    problem: str | None = None  #: the last error, until it is resolved
    failures_in_row: int = 0  #: consecutive failed deliveries
    last_sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A blocked URL: it was taken down and is never crawled or indexed again."""

    id: str  #: id of the row: `urls.url_id(canonical_url)`
    canonical_url: str
    at: datetime
    reason: str = ""
    article_id: str | None = None  #: id of the article, whose URLs are all blocked and unblocked together


@dataclass(frozen=True, slots=True, kw_only=True)
class HostBlocks:
    """How many pages of a host show which blocks of text."""

    host: str
    pages: int = 0  #: number of counted pages; halved from time to time
    seen: Mapping[str, int] = field(default_factory=dict)  #: number of pages by fingerprint of the block


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One text of an article. Long texts are cut, see `worker/storage/catalog/revisions.py`."""

    version: int  #: version of the document
    fetched_at: datetime  #: fetch time of the first page with this text
    replaced_at: datetime | None = None  #: when a page with another text was fetched; None: the current text
    content_hash: str  #: `Article.content_hash` of the whole texts, before they were cut
    headline: str | None = None
    description: str | None = None
    article_body: str = ""
    author: tuple[str, ...] = ()
    caption_text: tuple[str, ...] = ()
    credit_text: tuple[str, ...] = ()
    date_modified: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleHistory:
    """The former texts of an article."""

    id: str  #: id of the article
    revisions: tuple[Revision, ...] = ()  #: the newest last
