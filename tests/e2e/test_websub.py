"""A feed's hub tells what is new, through real processes: subscribed by itself, granted over HTTP, read in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import requests

from sample.site import Site
from tests.desk.conftest import Answer, Web, web
from tests.desk.test_sources import feed
from tests.e2e.conftest import Stack, free_port, sites
from tests.fetching.hub import Hub, open_hub

__all__ = ["sites", "web"]
BRIDGE = "/news/2026/03/03/swing-bridge-inspection/"
KEY = {"Authorization": "Bearer key-of-the-tests"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with open_hub() as found:
        found.calls_back = True
        yield found


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    port = free_port()
    public = {"COPYDESK_API_PUBLIC_URL": f"http://127.0.0.1:{port}", "COPYDESK_API_KEYS": "key-of-the-tests"}
    found = Stack(public, tmp_path, port=port)
    found.start()
    yield found
    if found.process and found.process.poll() is None:
        found.end()


def until(happened: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_a_hub_tells_is_found_without_waiting_for_the_schedule(
    stack: Stack, web: Web, hub: Hub, sites: Mapping[str, Site]
) -> None:
    web["/feed"] = Answer(feed(web), headers={"Link": f'<{hub.url}>; rel="hub"'})
    new = {"url": web.url("/feed"), "name": "told", "kind": "feed", "every": "1d"}
    assert requests.post(stack.url("/v1/sources"), json=new, headers=KEY, timeout=10).status_code == 201
    until(lambda: hub.granted)
    (callback,) = hub.granted
    told = feed(web).replace(
        "</channel>", f"<item><link>{sites['harbour-post'].origin}{BRIDGE}</link></item></channel>"
    )
    web["/feed"] = Answer(told, headers={"Link": f'<{hub.url}>; rel="hub"'})
    assert hub.tell(callback, told) == 202
    until(lambda: stack.desk.ledger.counts().get("indexed") == 1, 60)
    assert web.requests["/feed"] == 2
    assert "until" in stack.run("sources", "show", "told").stdout
    stack.run("sources", "remove", "told")
    until(lambda: not hub.granted)
