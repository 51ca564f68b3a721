"""The reasons for which crawls end, fetches fail and documents stay as they are.

A reason is a short code ("timeout", "section-page") that is stored, counted and filtered by. Beside it, a row keeps a
detail: one sentence for people. The codes are part of the API and of stored data: never rename one.
"""

from __future__ import annotations

import re
from enum import Enum, StrEnum
from typing import Self

_HTTP = re.compile(r"http-[1-9]\d\d")  # some hosts send statuses beyond the standard: 999
#: Statuses below 500 after which the same request may succeed soon.
_RETRYABLE_STATUSES = frozenset({408, 425, 429})


class Stage(StrEnum):
    """The part of the pipeline that gives a reason."""

    FETCH = "fetch"  #: one HTTP request
    VISIT = "visit"  #: a visit to a host: robots.txt, pauses, leases
    REDIRECT = "redirect"  #: a redirect is evaluated
    READ = "read"  #: a page is read
    DIGEST = "digest"  #: a read page is compared and written
    SWEEP = "sweep"  #: the sweeper looks for lost crawls
    DELETE = "delete"  #: an article is deleted on purpose
    SOURCE = "source"  #: a source is visited
    REBUILD = "rebuild"  #: the index is rebuilt from the archive
    OTHER = "other"  #: written by another version of Copydesk


class _Effect(Enum):
    """Consequences that a reason has beside its outcome; see the properties of `Reason`."""

    NONE = 0
    RETRY = 1
    REFUSE = 2
    DELETE = 3


RETRY, REFUSE, DELETE = _Effect.RETRY, _Effect.REFUSE, _Effect.DELETE


class Reason(StrEnum):
    """A machine-readable code with its stage, its explanation and whether the crawl is tried again by itself.

    Statuses are members too, made when first used: `Reason.http(404)` is `Reason("http-404")`.
    """

    _stage: Stage
    _explanation: str
    _effect: _Effect

    def __new__(
        cls, code: str, stage: Stage = Stage.OTHER, explanation: str = "", effect: _Effect = _Effect.NONE
    ) -> Self:
        """Make the member of this code. The defaults are for type checkers, which see `Reason(code)` as this call."""
        member = str.__new__(cls, code)
        member._value_ = code
        member._stage = stage
        member._explanation = explanation
        member._effect = effect
        return member

    @property
    def stage(self) -> Stage:
        """The part of the pipeline that gives it."""
        return self._stage

    @property
    def explanation(self) -> str:
        """One line for people, without a full stop."""
        return self._explanation

    @property
    def retryable(self) -> bool:
        """True if the same request may succeed soon: it is repeated up to `fetch_attempts` times."""
        return self._effect is _Effect.RETRY

    @property
    def refuses(self) -> bool:
        """True if a rule refuses the URL or its page: the crawl ends as rejected, not as failed."""
        return self._effect in (_Effect.REFUSE, _Effect.DELETE)

    @property
    def deletes(self) -> bool:
        """True if the article was deleted on purpose; it does not come back by itself."""
        return self._effect is _Effect.DELETE

    TIMEOUT = "timeout", Stage.FETCH, "the host did not answer in time", RETRY
    SLOW = "slow", Stage.FETCH, "the answer did not end within fetch_total_timeout_s", RETRY
    DNS = "dns", Stage.FETCH, "the host name has no address", RETRY
    CONNECTION = "connection", Stage.FETCH, "the connection failed or broke, or the answer is not valid HTTP", RETRY
    TLS = "tls", Stage.FETCH, "the TLS handshake failed, for example because of an invalid certificate", RETRY
    FETCH_ERROR = "fetch-error", Stage.FETCH, "an unexpected error while fetching; see the log", RETRY
    BAD_ENCODING = "bad-encoding", Stage.FETCH, "the body is not compressed as its header says"
    BAD_URL = "bad-url", Stage.FETCH, "the URL cannot be requested", REFUSE
    BLOCKED_ADDRESS = "blocked-address", Stage.FETCH, "the host is not public (fetch_allow_private)", REFUSE
    BLOCKED_PORT = "blocked-port", Stage.FETCH, "the port is not allowed (fetch_allow_ports)", REFUSE
    TOO_LARGE = "too-large", Stage.FETCH, "the answer is larger than fetch_max_body_bytes", REFUSE
    NOT_A_PAGE = (
        "not-a-page",
        Stage.FETCH,
        "the answer is an image, audio, video or another kind of file that is not a page",
        REFUSE,
    )
    ROBOTS = "robots", Stage.VISIT, "robots.txt disallows the URL", REFUSE
    ROBOTS_AWAY = "robots-away", Stage.VISIT, "robots.txt cannot be fetched at the moment; the host is paused", RETRY
    ROBOTS_UNREACHABLE = "robots-unreachable", Stage.VISIT, "robots.txt could not be fetched in fetch_attempts tries"
    HOST_PAUSED = "host-paused", Stage.VISIT, "the host is paused after failures"
    HOST_BUSY = "host-busy", Stage.VISIT, "the lease of the host was not free in time"
    BREAKS_FETCHER = "breaks-fetcher", Stage.VISIT, "the process ended each time while it fetched the URL"
    REDIRECT = "redirect", Stage.REDIRECT, "the URL redirects to the URL of another row"
    MOVING = "moving", Stage.REDIRECT, "the URL redirects to a URL that has no article yet; checked again in minutes"
    REDIRECTS_AWAY = (
        "redirects-away",
        Stage.REDIRECT,
        "the URL redirects to a page without an article, or to another site; the article stays",
    )
    REDIRECT_LOOP = "redirect-loop", Stage.REDIRECT, "redirects lead back to the same URL"
    BAD_REDIRECT = "bad-redirect", Stage.REDIRECT, "the redirect leads to something that is not a web URL"
    TOO_MANY_REDIRECTS = "too-many-redirects", Stage.REDIRECT, "more than eight redirects in a row"
    ARTICLE = "article", Stage.READ, "an article"
    GALLERY = "gallery", Stage.READ, "a picture gallery"
    VIDEO = "video", Stage.READ, "a video with a text"
    LIVE = "live", Stage.READ, "a live blog"
    OPINION = "opinion", Stage.READ, "an opinion piece"
    PAYWALL = "paywall", Stage.READ, "the free beginning of an article behind a paywall"
    SECTION_PAGE = (
        "section-page",
        Stage.READ,
        "a home, topic or section page: it links to articles and is not one",
        REFUSE,
    )
    CONSENT_PAGE = "consent-page", Stage.READ, "a cookie or consent wall instead of an article", REFUSE
    ERROR_PAGE = "error-page", Stage.READ, 'a page that says "not found" with status 200', REFUSE
    OTHER_PAGE = "other-page", Stage.READ, "not an article: a form, a shop, a search page or the like", REFUSE
    NO_TEXT = "no-text", Stage.READ, "the page has neither text nor images of an article", REFUSE
    UNREADABLE = "unreadable", Stage.READ, "the body is empty, binary, or not text", REFUSE
    READER_ERROR = "reader-error", Stage.READ, "an unexpected error while reading; see the log"
    BREAKS_READER = (
        "breaks-reader",
        Stage.READ,
        "the process ended or ran out of time in three attempts to read the page",
    )
    CANONICAL = "canonical", Stage.DIGEST, "the page names another URL as its canonical one (rel=canonical)"
    SAME_CONTENT = "same-content", Stage.DIGEST, "the article has not changed"
    INDEX_REFUSED = "index-refused", Stage.DIGEST, "the index refused the document; the detail has the error"
    NEVER_FINISHED = "never-finished", Stage.SWEEP, "the crawl was lost and queued again ten times"
    TAKEN_DOWN = "taken-down", Stage.DELETE, "the article was removed on demand and its URLs are blocked", DELETE
    REMOVED = "removed", Stage.DELETE, "the article was removed on demand; its URLs are not blocked", DELETE
    EXPIRED = "expired", Stage.DELETE, "the article is beyond retention_days or retention_max_articles", DELETE
    NOINDEX = "noindex", Stage.DELETE, "the page asks search engines not to list it (fetch_noindex)", DELETE
    CRAWL_ERROR = "crawl-error", Stage.SOURCE, "an unexpected error while visiting the source; see the log"
    NOT_ARCHIVED = "not-archived", Stage.REBUILD, "the archive does not hold the page from which the document was made"
    NO_ROW = "no-row", Stage.REBUILD, "the ledger does not have a row for the document"
    NEWER_READER = "newer-reader", Stage.REBUILD, "a newer version of the reader made the document"
    READ_MEANWHILE = "read-meanwhile", Stage.REBUILD, "a worker read the page during the rebuild"

    @classmethod
    def http(cls, status: int) -> Reason:
        """Return the reason for an answer with this HTTP status: `http-404`, `http-503`."""
        return cls(f"http-{status}")

    @classmethod
    def not_an_article(cls, kind: str) -> Reason:
        """Return the reason for a page of a kind that is not an article: `section-page` for "section"."""
        return cls(f"{kind}-page")

    @classmethod
    def stored(cls, code: str | None) -> Reason | None:
        """Return the reason of a stored code, also of one that another version of Copydesk has written."""
        if code is None:
            return None
        try:
            return cls(code)
        except ValueError:
            return cls._make(code, Stage.OTHER, "a reason of another version of Copydesk")

    @classmethod
    def _missing_(cls, value: object) -> Reason | None:
        code = str(value)
        if not _HTTP.fullmatch(code):
            return None
        status = int(code.removeprefix("http-"))
        is_retryable = status >= 500 or status in _RETRYABLE_STATUSES
        explanation = f"the host answered with HTTP status {status}"
        return cls._make(code, Stage.FETCH, explanation, RETRY if is_retryable else _Effect.NONE)

    @classmethod
    def _make(cls, code: str, stage: Stage, explanation: str, effect: _Effect = _Effect.NONE) -> Reason:
        """Return a member that the class body does not list, always the same one for a code."""
        member = str.__new__(cls, code)
        member._value_, member._stage, member._explanation, member._effect = code, stage, explanation, effect
        member._name_ = code.upper().replace("-", "_")
        known = cls._value2member_map_.setdefault(code, member)
        assert isinstance(known, cls)
        return known
