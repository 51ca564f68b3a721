"""What people set up and the desk learns beside the articles: sources, subscriptions to hubs, API keys, saved
searches, blocks, furniture, revisions.

All times are aware datetimes in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from worker.model.query import Query


class SourceKind(StrEnum):
    """What lies at a source's address."""

    FEED = "feed"  #: RSS, Atom or JSON Feed
    SITEMAP = "sitemap"  #: of pages or of sitemaps
    SECTION = "section"  #: a home, topic or section page whose links lead to stories


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something that names new stories again and again."""

    name: str  #: unique; a facet of the articles that it brings
    url: str
    kind: SourceKind
    schedule: str  #: "15m", a cron expression, or "adaptive 5m..6h"
    paused: bool = False
    created_at: datetime
    next_due_at: datetime | None = None  #: None: never by itself
    claim: int = 0  #: grows when a crawl is claimed, begins and ends; only who knows the latest may go on
    claimed_until: datetime | None = None  #: when a crawl that has not ended by then has died; None: there is none
    hurried: bool = False  #: to be crawled again soon after the one under way
    #: What the crawler remembers of it, in plain values of its own.
    history: Mapping[str, Any] = field(default_factory=dict)  #: visits, failures, validators
    learned: Mapping[str, Any] = field(default_factory=dict)  #: which links of a section page lead to stories
    cursor: Mapping[str, Any] = field(default_factory=dict)  #: where a crawl that is done in parts goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A hub that tells us what is new in a feed (WebSub), or is asked to. One a source."""

    source: str  #: its name
    hub: str  #: address that subscriptions are asked of
    topic: str  #: address by which the hub knows the feed
    callback: str = field(repr=False)  #: address that the hub posts to; holds the token
    token: str = field(repr=False)  #: who knows it speaks for the hub
    secret: str | None = field(default=None, repr=False)  #: signs what is posted; None where the hub has no TLS
    due_at: datetime | None = None  #: when the hub is to be asked next
    asked_at: datetime | None = None
    expires_at: datetime | None = None  #: of the lease that the hub has granted; None: none yet
    tries: int = 0  #: since the hub last granted a lease
    problem: str | None = None  #: what went wrong last, until it goes well again
    leaving: bool = False  #: the hub is to forget us
    pushed_at: datetime | None = None  #: when it last posted something


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key that a client of the HTTP API presents. The secret itself is not kept."""

    id: str  #: the part that may be seen: in lists, in logs
    name: str  #: whose it is
    scopes: tuple[str, ...]  #: "read", "add", or "admin", which includes the others
    secret_hash: str  #: SHA-256 of the secret; a random one of 256 bits needs no slow hash
    created_at: datetime
    expires_at: datetime | None = None
    rate_per_minute: int | None = None  #: None: as the settings say


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedKey:
    """That a key was revoked, so that no older copy of the store lets it in again."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """A query whose new matches go to a webhook and to the stream of events."""

    id: str
    name: str
    query: Query
    created_at: datetime
    webhook: str | None = None  #: address that each match is posted to
    #: Signs what is posted; kept as it is, since both sides need it, and out of every log.
    secret: str | None = field(default=None, repr=False)
    paused: bool = False
    problem: str | None = None  #: what went wrong last, until it goes well again
    failures_in_row: int = 0  #: tries that its webhook did not take, up to now
    last_sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A URL that was taken down and is never to be crawled, read or filed again."""

    id: str  #: of the row: `urls.url_id(canonical_url)`
    canonical_url: str
    at: datetime
    reason: str = ""
    article_id: str | None = None  #: of the article that was taken down with all its addresses: its blocks go together


@dataclass(frozen=True, slots=True, kw_only=True)
class HostBlocks:
    """Which blocks of text a host showed on how many of its pages."""

    host: str
    pages: int = 0  #: that were counted, less what has decayed
    seen: Mapping[str, int] = field(default_factory=dict)  #: fingerprint of a block -> pages that showed it


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an article said, as far as readers see it; long texts are cut, see `storing/catalog/revisions.py`."""

    version: int  #: of the document
    fetched_at: datetime  #: when it was read so first, by this version
    replaced_at: datetime | None = None  #: when a page was fetched that said something else; None: it stands
    content_hash: str  #: `Article.content_hash`, of the texts before they were cut
    headline: str | None = None
    description: str | None = None
    article_body: str = ""
    author: tuple[str, ...] = ()
    caption_text: tuple[str, ...] = ()
    credit_text: tuple[str, ...] = ()
    date_modified: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleHistory:
    """What an article said before."""

    id: str  #: of the article
    revisions: tuple[Revision, ...] = ()  #: the newest last
