"""The HTTP client of the crawl: one GET request, one response."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import ada_url
import requests
from urllib3 import exceptions as urllib3_errors

from worker import urls
from worker.config.settings import Settings
from worker.errors import FetchFailed
from worker.fetching.politeness import parse_retry_after
from worker.fetching.session import drain, host_of, open_session, root_cause, translate_errors
from worker.fetching.ssrf_guard import AddressGuard
from worker.model.reasons import Reason
from worker.model.records import Fetched

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MEDIA_TYPES = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip")
CHUNK_BYTES = 64 * 1024


class Fetcher:
    """Client that sends single GET requests over kept-alive connections.

    Threads may share it. Build one per process.
    """

    def __init__(self, settings: Settings) -> None:
        self._max_bytes = settings.fetch_max_body_bytes
        self._timeout = (settings.fetch_connect_timeout_s, settings.fetch_read_timeout_s)
        self._session = open_session(
            settings,
            AddressGuard(settings.fetch_allow_private, settings.fetch_allow_ports),
            total_s=settings.fetch_total_timeout_s,
            max_bytes=self._max_bytes,
        )

    def close(self) -> None:
        """Close all connections."""
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
        """Send one GET request and return the response.

        Redirects are not followed: a redirect is returned with its target in `location`. A 304 has an empty body.
        A body longer than `cut_at_bytes` is cut at that length; without `cut_at_bytes`, a body longer than
        `fetch_max_body_bytes` is an error. Raise `FetchFailed` for every other response and for no response.
        """
        headers = {"Accept": accept}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        start = time.monotonic()
        response = self._send(url, headers)
        try:
            return self._read(url, response, start, cut_at_bytes)
        finally:
            response.close()

    def _send(self, url: str, headers: dict[str, str]) -> requests.Response:
        with translate_errors(url):
            return self._session.get(
                urls.clean(url), headers=headers, timeout=self._timeout, allow_redirects=False, stream=True
            )

    def _read(self, url: str, response: requests.Response, start: float, cut_at_bytes: int | None) -> Fetched:
        status = response.status_code
        location = _location(url, response) if status in REDIRECTS else None
        if 200 <= status < 300:
            _reject_media(url, response)
            body = self._read_body(url, response, cut_at_bytes)
        else:
            body = b""
            drain(response)
        if not (200 <= status < 300 or status == 304 or location):
            raise _http_error(url, response)
        return Fetched(
            url=url,
            status=status,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=body,
            fetched_at=datetime.now(UTC),
            elapsed_s=time.monotonic() - start,
            location=location,
            sent_bytes=response.raw.tell(),
        )

    def _read_body(self, url: str, response: requests.Response, cut_at_bytes: int | None) -> bytes:
        limit = self._max_bytes if cut_at_bytes is None else cut_at_bytes
        if cut_at_bytes is None and (response.raw.length_remaining or 0) > limit:
            raise _too_large(url, limit)
        body = bytearray()
        try:
            while chunk := response.raw.read(CHUNK_BYTES, decode_content=True):
                body += chunk
                if len(body) > limit:
                    if cut_at_bytes is None:
                        raise _too_large(url, limit)
                    return bytes(body[:limit])
        except urllib3_errors.DecodeError as e:
            detail = f"the body of {url} is not compressed as its Content-Encoding says: {root_cause(e)}"
            raise FetchFailed(Reason.BAD_ENCODING, detail) from e
        except (urllib3_errors.ReadTimeoutError, TimeoutError) as e:
            raise FetchFailed(Reason.TIMEOUT, f"{host_of(url)} stopped sending in the middle of {url}") from e
        except (urllib3_errors.HTTPError, OSError) as e:
            detail = f"{host_of(url)} closed the connection in the middle of {url}"
            raise FetchFailed(Reason.CONNECTION, detail) from e
        return bytes(body)


def _reject_media(url: str, response: requests.Response) -> None:
    """Raise `FetchFailed` for media types that contain no article, before their long bodies are read."""
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type.startswith(MEDIA_TYPES):
        detail = f"{url} is {media_type}, not a page"
        raise FetchFailed(Reason.NOT_A_PAGE, detail, status=response.status_code)


def _location(url: str, response: requests.Response) -> str | None:
    """Return the absolute target of a redirect, or None without one.

    Servers send the bytes of UTF-8, and http.client decodes them as Latin-1.
    """
    value = response.headers.get("location", "").strip()
    if not value:
        return None
    try:
        return ada_url.join_url(url, value.encode("latin-1", "replace").decode("utf-8", "replace"))
    except ValueError:
        return value  # the caller reports the error when it follows the redirect


def _http_error(url: str, response: requests.Response) -> FetchFailed:
    status = response.status_code
    return FetchFailed(
        Reason.http(status),
        f"{url} answered {status} {response.reason or ''}".rstrip(),
        retry_after_s=parse_retry_after(response.headers.get("retry-after"), datetime.now(UTC)),
        status=status,
    )


def _too_large(url: str, max_bytes: int) -> FetchFailed:
    detail = f"the body of {url} is longer than {max_bytes:,} bytes (fetch_max_body_bytes)"
    return FetchFailed(Reason.TOO_LARGE, detail)
