"""One request, one answer: what every fetch of Copydesk goes through."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import ada_url
import requests
from urllib3 import exceptions as wire

from worker import urls
from worker.config.settings import Settings
from worker.errors import FetchFailed
from worker.fetching.politeness import parse_retry_after
from worker.fetching.session import drain, host_of, open_session, root_cause, translate_errors
from worker.fetching.ssrf_guard import AddressGuard
from worker.model.records import Fetched

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
TRY_LATER = frozenset({408, 425, 429})
MEDIA = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip")
CHUNK_BYTES = 64 * 1024


class Fetcher:
    """Sends single requests over kept-alive connections. Safe to share between threads; build one per process."""

    def __init__(self, settings: Settings) -> None:
        self._most_bytes = settings.fetch_max_body_bytes
        self._timeout = (settings.fetch_connect_timeout_s, settings.fetch_read_timeout_s)
        self._session = open_session(
            settings,
            AddressGuard(settings.fetch_allow_private, settings.fetch_allow_ports),
            total_s=settings.fetch_total_timeout_s,
            most_bytes=self._most_bytes,
        )

    def close(self) -> None:
        self._session.close()

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = ACCEPT,
        cut_at_bytes: int | None = None,
    ) -> Fetched:
        """One GET. A redirect comes back as it is, with `location`; 304 with an empty body.

        A body longer than `cut_at_bytes` is cut there; without it, one longer than `fetch_max_body_bytes` is refused.
        `FetchFailed` for everything but 2xx, 304 and redirects that name their target.
        """
        headers = {"Accept": accept}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        begin = time.monotonic()
        response = self._send(url, headers)
        try:
            return self._answer(url, response, begin, cut_at_bytes)
        finally:
            response.close()

    def _send(self, url: str, headers: dict[str, str]) -> requests.Response:
        with translate_errors(url):
            return self._session.get(
                urls.clean(url), headers=headers, timeout=self._timeout, allow_redirects=False, stream=True
            )

    def _answer(self, url: str, response: requests.Response, begin: float, cut_at_bytes: int | None) -> Fetched:
        status = response.status_code
        location = _location(url, response) if status in REDIRECTS else None
        if 200 <= status < 300:
            _refuse_media(url, response)
            body = self._body(url, response, cut_at_bytes)
        else:
            body = b""
            drain(response)
        if not (200 <= status < 300 or status == 304 or location):
            raise _refused(url, response)
        return Fetched(
            url=url,
            status=status,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=body,
            fetched_at=datetime.now(UTC),
            elapsed_s=time.monotonic() - begin,
            location=location,
            sent_bytes=response.raw.tell(),
        )

    def _body(self, url: str, response: requests.Response, cut_at_bytes: int | None) -> bytes:
        most = self._most_bytes if cut_at_bytes is None else cut_at_bytes
        if cut_at_bytes is None and (response.raw.length_remaining or 0) > most:
            raise _too_large(url, most)
        body = bytearray()
        try:
            while chunk := response.raw.read(CHUNK_BYTES, decode_content=True):
                body += chunk
                if len(body) > most:
                    if cut_at_bytes is None:
                        raise _too_large(url, most)
                    return bytes(body[:most])
        except wire.DecodeError as e:
            raise FetchFailed("bad-encoding", f"{url} is not compressed as its header says: {root_cause(e)}") from e
        except (wire.ReadTimeoutError, TimeoutError) as e:
            raise FetchFailed("timeout", f"{host_of(url)} stopped in the middle of {url}", retry=True) from e
        except (wire.HTTPError, OSError) as e:
            raise FetchFailed("connection", f"{host_of(url)} broke off in the middle of {url}", retry=True) from e
        return bytes(body)


def _refuse_media(url: str, response: requests.Response) -> None:
    """Before its body is read: a film may be long, and no article is in it."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith(MEDIA):
        raise FetchFailed("not-a-page", f"{url} is {kind}, not a page", rejected=True, status=response.status_code)


def _location(url: str, response: requests.Response) -> str | None:
    """The absolute target of a redirect. Servers send bytes of UTF-8, which http.client reads as Latin-1."""
    value = response.headers.get("location", "").strip()
    if not value:
        return None
    try:
        return ada_url.join_url(url, value.encode("latin-1", "replace").decode("utf-8", "replace"))
    except ValueError:
        return value  # whoever follows it says what is wrong with it


def _refused(url: str, response: requests.Response) -> FetchFailed:
    status = response.status_code
    return FetchFailed(
        f"http-{status}",
        f"{url} answered {status} {response.reason or ''}".rstrip(),
        retry=status in TRY_LATER or status >= 500,
        retry_after_s=parse_retry_after(response.headers.get("retry-after"), datetime.now(UTC)),
        status=status,
    )


def _too_large(url: str, most_bytes: int) -> FetchFailed:
    return FetchFailed("too-large", f"{url} is longer than {most_bytes:,} bytes (fetch_max_body_bytes)", rejected=True)
