"""From an article's page to its webhook, through real processes on the embedded stack."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests

from sample.site import Site
from tests.e2e.conftest import Stack, sites
from tests.support.servers.processes import wait_until
from tests.support.servers.webhook_receiver import Receiver, verifies
from tests.worker.services.alerts.conftest import matched

__all__ = ["sites"]
BRIDGE = "/news/2026/03/03/swing-bridge-inspection/"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    found = Stack(
        {
            "COPYDESK_WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8",
            "COPYDESK_WEBHOOK_RETRY_BASE_S": "0.5",
        },
        tmp_path,
    )
    yield from found.running()


def test_an_article_reaches_the_webhook_also_when_its_sender_dies_and_the_receiver_fails(
    stack: Stack, sites: Mapping[str, Site], receiver: Receiver
) -> None:
    receiver.answers = [500, 500]
    body = {"name": "Bridges", "q": "bridge pivot", "webhook": receiver.url}
    made = requests.post(stack.url("/v1/searches"), json=body, timeout=10).json()
    assert made["found"] == 0
    urls = [sites["harbour-post"].origin + BRIDGE, sites["lantern"].origin + "/city/night-tram.html"]
    row, _ = requests.post(stack.url("/v1/urls"), json={"urls": urls}, timeout=10).json()
    wait_until(lambda: bool(receiver.got), 30, stack.log_tail)
    for pid in stack.pids("-Q fetch"):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(receiver.got) >= 3, 60, stack.log_tail)
    assert len({g.id for g in receiver.got}) == 1, "every try is the same delivery"
    assert receiver.got[-1].json["article"]["id"] == row["id"]
    assert verifies(made["secret"], receiver.got[-1].headers, receiver.got[-1].body)
    shown = stack.url(f"/v1/searches/{made['id']}")
    wait_until(lambda: requests.get(shown, timeout=10).json()["waiting"] == 0, 30, stack.log_tail)
    assert requests.get(shown, timeout=10).json()["problem"] is None
    assert matched(stack.context) == [(made["id"], row["id"])]
    assert made["secret"] not in stack.log_tail()
    assert "t0p-s3cret" not in stack.log_tail()
