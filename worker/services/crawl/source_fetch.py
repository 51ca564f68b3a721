"""Fetch one page and follow its redirects: at once, or as part of a host visit."""

from __future__ import annotations

import time
from typing import Protocol

from worker import urls
from worker.config.settings import Settings
from worker.errors import BadInput, FetchFailed
from worker.model.reasons import Reason
from worker.model.records import Fetched
from worker.services.context import AppContext
from worker.services.crawl.host_session import HostSession

WAIT_S = 180.0  # maximum wait for hosts to be free, including the targets of redirects


class FetchPage(Protocol):
    """A function that fetches a page, and follows redirects."""

    def __call__(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        """Return the page. Raise `FetchFailed` if there is none."""


class ContinueLater(Exception):
    """Raised when a fetch must continue in another host visit: at another host, or after this host's delay."""

    def __init__(self, url: str, hops: int) -> None:
        super().__init__(url)
        self.url = url
        self.hops = hops


class ImmediateFetch:
    """Fetches pages at once and waits for busy hosts. For commands and API calls, whose caller waits anyway."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    def __call__(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        """Return the page. Raise `FetchFailed` if there is none, or if its host is not free in time."""
        until, hops = time.monotonic() + WAIT_S, 0
        while True:
            with HostSession.wait(self._context, urls.target(url).host, until) as session:
                session.check_rules(url)
                if not session.rest():
                    continue
                fetched = _get(session, url, etag, last_modified)
            if not fetched.location:
                return fetched
            url, hops = _followed(self._context.settings, url, fetched.location, hops)


class VisitFetch:
    """Fetches pages of one host in its session. Raises `ContinueLater` for another host, or for a later visit."""

    def __init__(self, session: HostSession, url: str = "", hops: int = 0) -> None:
        self._session = session
        self._first = (url, hops)

    def __call__(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        """Return the page. Raise `FetchFailed` if there is none."""
        session, (first, hops), self._first = self._session, self._first, ("", 0)
        url = first or url
        while True:
            if urls.target(url).host != session.host:
                raise ContinueLater(url, hops)
            session.check_rules(url)
            if not session.rest():
                raise ContinueLater(url, hops)
            fetched = _get(session, url, etag, last_modified)
            if not fetched.location:
                return fetched
            url, hops = _followed(session.context.settings, url, fetched.location, hops)


def fetch_page(context: AppContext, url: str) -> Fetched:
    """Fetch a page at once, as politely as from the queue. Raise `FetchFailed` if there is none."""
    return ImmediateFetch(context)(url)


def _get(session: HostSession, url: str, etag: str | None, last_modified: str | None) -> Fetched:
    """Send the request. If a sitemap is too long, return its beginning."""
    cut_at_bytes = session.context.settings.fetch_max_body_bytes
    return session.get(url, etag=etag, last_modified=last_modified, cut_at_bytes=cut_at_bytes)


def _followed(settings: Settings, url: str, location: str, hops: int) -> tuple[str, int]:
    """Return the target of a redirect and the number of redirects so far."""
    if hops >= settings.fetch_max_redirects:
        detail = f"More than {settings.fetch_max_redirects} redirects, the last one from {url}"
        raise FetchFailed(Reason.TOO_MANY_REDIRECTS, detail)
    try:
        return urls.clean(location), hops + 1
    except BadInput as e:
        raise FetchFailed(Reason.BAD_REDIRECT, f"{url} redirects to a URL that cannot be fetched: {e}") from None
