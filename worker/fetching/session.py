"""Guarded sessions of requests, and what goes wrong in them as `FetchFailed`; every request of ours goes this way."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.exceptions import ConnectTimeout, InvalidHeader, InvalidURL, ReadTimeout, SSLError
from urllib3 import exceptions as wire

from worker.config.settings import Settings
from worker.errors import BadInput, FetchFailed
from worker.fetching.ssrf_guard import AddressGuard
from worker.fetching.transport import GuardedAdapter

SHORT_BYTES = 64 * 1024


def open_session(settings: Settings, guard: AddressGuard, *, total_s: float, most_bytes: int) -> requests.Session:
    """A session that connects through `guard` alone; `total_s` and `most_bytes` bound each answer. It may be shared
    between threads."""
    session = requests.Session()
    session.trust_env = False  # a proxy or a .netrc of the environment would bypass the guard
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    if settings.fetch_proxy_url:
        proxy = settings.fetch_proxy_url.get_secret_value()
        session.proxies = {"http": proxy, "https": proxy}
    session.headers["User-Agent"] = settings.fetch_user_agent
    hosts = max(64, settings.fetch_threads * 8)
    adapter = GuardedAdapter(guard, total_s=total_s, most_bytes=most_bytes, hosts=hosts)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


@contextlib.contextmanager
def translate_errors(url: str) -> Iterator[None]:
    """Around the sending of a request to `url`."""
    try:
        yield
    except (ConnectTimeout, ReadTimeout) as e:
        raise FetchFailed("timeout", f"{host_of(url)} did not answer in time", retry=True) from e
    except SSLError as e:
        raise FetchFailed("tls", f"no safe connection to {host_of(url)}: {root_cause(e)}", retry=True) from e
    except requests.ConnectionError as e:
        raise FetchFailed("connection", f"no connection to {host_of(url)}: {root_cause(e)}", retry=True) from e
    except BadInput as e:
        raise FetchFailed("bad-url", str(e), rejected=True) from e
    except (InvalidURL, InvalidHeader, ValueError) as e:
        raise FetchFailed("bad-url", f"{url!r} cannot be requested: {e}", rejected=True) from e
    except (requests.RequestException, wire.HTTPError) as e:
        raise FetchFailed("connection", f"{host_of(url)} answered nonsense: {root_cause(e)}", retry=True) from e


def drain(response: requests.Response) -> None:
    """Read a short body that nobody wants, so that its connection can be kept."""
    if (response.raw.length_remaining or SHORT_BYTES) < SHORT_BYTES:
        with contextlib.suppress(wire.HTTPError, OSError, FetchFailed):
            response.raw.read(decode_content=False)


def host_of(url: str) -> str:
    return urlsplit(url).netloc


def root_cause(error: BaseException) -> str:
    """What lies at the bottom of a chain of exceptions, in one line."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return " ".join(str(error).split()) or type(error).__name__
