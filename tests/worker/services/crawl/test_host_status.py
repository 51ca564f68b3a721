"""The list of paused and failing hosts, and the end of a pause."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from redis.connection import AbstractConnection

from tests.worker.services.conftest import Answer, Clock, Ingest, Web
from worker.errors import BadInput
from worker.services.context import AppContext
from worker.services.crawl import host_status
from worker.services.crawl.host_session import HostSession


def _pause(context: AppContext, *hosts: str, seconds: float = 600, reason: str = "http-503") -> None:
    for host in hosts:
        context.frontier.pause(host, context.now().timestamp() + seconds, reason)


def _forbid_robots_txt(context: AppContext, web: Web, retry_after_s: int) -> None:
    """Visit a host that gives no robots.txt."""
    web["/robots.txt"] = Answer(status=503, headers={"Retry-After": str(retry_after_s)})
    session = HostSession.open(context, web.origin)
    assert session
    with session:
        assert session.rules.defer_s


def test_paused_hosts_are_listed_before_failing_ones(context: AppContext, web: Web, ingest: Ingest) -> None:
    assert ingest(web.url("/missing")).reason == "http-404"
    _pause(context, "https://short.example", seconds=60, reason="timeout")
    _pause(context, "https://long.example")
    listed = host_status.troubled(context)
    assert [(h.host, h.reason, dict(h.failed)) for h in listed] == [
        ("https://long.example", "http-503", {}),
        ("https://short.example", "timeout", {}),
        (web.origin, None, {"http-404": 1}),
    ]


def test_a_host_without_robots_txt_is_listed(context: AppContext, web: Web) -> None:
    _forbid_robots_txt(context, web, 60)
    (listed,) = host_status.troubled(context)
    assert (listed.host, listed.reason) == (web.origin, "robots-away")
    assert host_status.paused(context, [web.origin, "https://other.example"]) == [listed]


@pytest.mark.parametrize(("pause_s", "reason"), [(10, "robots-away"), (3600, "http-503")])
def test_the_longer_pause_gives_the_reason(context: AppContext, web: Web, pause_s: float, reason: str) -> None:
    _forbid_robots_txt(context, web, 600)
    _pause(context, web.origin, seconds=pause_s)
    (listed,) = host_status.paused(context, [web.origin])
    assert listed.reason == reason


def test_a_pause_that_is_over_is_not_listed(context: AppContext, clock: Clock) -> None:
    _pause(context, "https://news.example", seconds=60)
    clock.forward(61)
    assert host_status.troubled(context) == []
    with pytest.raises(BadInput, match="is not paused"):
        host_status.resume(context, "news.example")


def test_resuming_returns_the_state_before(context: AppContext) -> None:
    _pause(context, "https://news.example", "http://news.example:8080", "https://news.example.org")
    before = host_status.paused(context, ["https://news.example", "http://news.example:8080"])
    resumed = host_status.resume(context, "news.example")
    assert sorted(h.host for h in resumed) == sorted(h.host for h in before)
    assert [h.host for h in host_status.troubled(context)] == ["https://news.example.org"]


def test_listing_more_hosts_makes_no_more_requests(context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    send: Callable[..., object] = AbstractConnection.send_packed_command

    def counted(self: AbstractConnection, *args: object, **more: object) -> object:
        sent.append(args)
        return send(self, *args, **more)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", counted)
    counts = []
    for hosts in (2, 40):
        _pause(context, *(f"https://{n}.example" for n in range(hosts)))
        sent.clear()
        assert len(host_status.troubled(context)) == hosts
        counts.append(len(sent))
    assert counts[1] == counts[0]
