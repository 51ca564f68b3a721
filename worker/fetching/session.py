"""Guarded HTTP sessions, and their errors as `FetchFailed`. Every request of Copydesk to a foreign host uses them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.exceptions import ConnectTimeout, InvalidHeader, InvalidURL, ReadTimeout, SSLError
from urllib3 import exceptions as urllib3_errors

from worker.config.settings import Settings
from worker.errors import BadInput, FetchFailed
from worker.fetching.ssrf_guard import AddressGuard
from worker.fetching.transport import GuardedAdapter
from worker.model.reasons import Reason

SHORT_BYTES = 64 * 1024


def open_session(settings: Settings, guard: AddressGuard, *, total_s: float, max_bytes: int) -> requests.Session:
    """Return a session that connects only through `guard`. Threads may share it.

    `total_s` and `max_bytes` limit the duration and the size of each response.
    """
    session = requests.Session()
    session.trust_env = False  # a proxy or .netrc of the environment would bypass the guard
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    if settings.fetch_proxy_url:
        proxy = settings.fetch_proxy_url.get_secret_value()
        session.proxies = {"http": proxy, "https": proxy}
    session.headers["User-Agent"] = settings.fetch_user_agent
    hosts = max(64, settings.fetch_threads * 8)
    adapter = GuardedAdapter(guard, total_s=total_s, max_bytes=max_bytes, hosts=hosts)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


@contextlib.contextmanager
def translate_errors(url: str) -> Iterator[None]:
    """Raise the errors of a request to `url` as `FetchFailed`."""
    try:
        yield
    except (ConnectTimeout, ReadTimeout) as e:
        raise FetchFailed(Reason.TIMEOUT, f"{host_of(url)} did not answer in time") from e
    except SSLError as e:
        raise FetchFailed(Reason.TLS, f"no secure connection to {host_of(url)}: {root_cause(e)}") from e
    except requests.ConnectionError as e:
        raise FetchFailed(Reason.CONNECTION, f"no connection to {host_of(url)}: {root_cause(e)}") from e
    except BadInput as e:
        raise FetchFailed(Reason.BAD_URL, str(e)) from e
    except (InvalidURL, InvalidHeader, ValueError) as e:
        raise FetchFailed(Reason.BAD_URL, f"invalid request for {url!r}: {e}") from e
    except (requests.RequestException, urllib3_errors.HTTPError) as e:
        detail = f"invalid HTTP response from {host_of(url)}: {root_cause(e)}"
        raise FetchFailed(Reason.CONNECTION, detail) from e


def drain(response: requests.Response) -> None:
    """Read and drop a short body, so that its connection can be used again."""
    if (response.raw.length_remaining or SHORT_BYTES) < SHORT_BYTES:
        with contextlib.suppress(urllib3_errors.HTTPError, OSError, FetchFailed):
            response.raw.read(decode_content=False)


def host_of(url: str) -> str:
    """Return the host and port of a URL as they are written in it."""
    return urlsplit(url).netloc


def root_cause(error: BaseException) -> str:
    """Return the message of the first exception of a chain, in one line."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return " ".join(str(error).split()) or type(error).__name__
