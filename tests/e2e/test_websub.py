"""WebSub on a running stack: subscribing to the hub of a feed, receiving from it, and unsubscribing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.conftest import Stack, free_port
from tests.support.servers.processes import wait_until
from tests.support.servers.websub_hub import Hub, open_hub
from tests.worker.services.conftest import Answer, Web, web
from tests.worker.services.sources.test_registry import feed

__all__ = ["web"]
KEY = {"Authorization": "Bearer s3cret-s3cret-s3cret"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with open_hub() as started:
        started.calls_back = True
        yield started


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    port = free_port()
    public = {"COPYDESK_API_PUBLIC_URL": f"http://127.0.0.1:{port}", "COPYDESK_API_KEYS": KEY["Authorization"][7:]}
    yield from Stack(public, tmp_path, port=port).running()


def source(stack: Stack) -> Any:
    return requests.get(stack.url("/v1/sources/pushed"), headers=KEY, timeout=10).json()


def test_hub_is_subscribed_to_and_its_push_makes_the_source_due(stack: Stack, web: Web, hub: Hub) -> None:
    web["/feed"] = Answer(feed(web), headers={"Link": f'<{hub.url}>; rel="hub"'})
    new = {"url": web.url("/feed"), "name": "pushed", "kind": "feed", "every": "1d"}
    assert requests.post(stack.url("/v1/sources"), json=new, headers=KEY, timeout=10).status_code == 201
    wait_until(lambda: bool(hub.granted), 30, stack.log_tail)
    (callback,) = hub.granted
    before = source(stack)
    assert hub.tell(callback, feed(web)) == 202
    after = source(stack)
    assert after["next_due_at"] < before["next_due_at"], "without TLS, a push only makes the source due"
    assert "until" in after["hub"]
    assert requests.delete(stack.url("/v1/sources/pushed"), headers=KEY, timeout=10).status_code == 204
    wait_until(lambda: not hub.granted, 30, stack.log_tail)
