"""Tests of WebSub: the hub of a feed, requests to it, and signatures of its posts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.servers.websub_hub import Hub, signed
from tests.worker.conftest import loopback
from worker.config.settings import Settings
from worker.discovery.feeds import parse
from worker.discovery.websub import (
    SIGNATURE_METHODS,
    AdvertisedHub,
    HubClient,
    find_hub,
    is_secure,
    is_signed,
    new_token,
)
from worker.errors import FetchFailed
from worker.model.records import Fetched

URL = "https://news.example/feed"
ATOM = 'xmlns:atom="http://www.w3.org/2005/Atom"'
HUB, ITSELF = "https://hub.example/", "https://News.example/Feed?all"


def answer(body: str, link: str = "") -> Fetched:
    headers = {"content-type": "application/xml"} | ({"link": link} if link else {})
    return Fetched(
        url=URL, status=200, headers=headers, body=body.encode(), fetched_at=datetime.now(UTC), elapsed_s=0.1
    )


def rss(*links: str) -> str:
    return f'<rss version="2.0" {ATOM}><channel><title>News</title>{"".join(links)}</channel></rss>'


@pytest.mark.parametrize(
    ("body", "link", "found"),
    [
        (rss(), "", None),
        (rss(f'<atom:link rel="self" href="{ITSELF}"/>'), "", None),
        (
            rss(f'<atom:link rel="hub" href="{HUB}"/>', f'<atom:link rel="self" href="{ITSELF}"/>'),
            "",
            AdvertisedHub(HUB, ITSELF),
        ),
        (rss(f'<atom:link rel="hub" href="{HUB}"/>'), "", AdvertisedHub(HUB, URL)),
        (rss('<atom:link rel="hub" href="javascript:alert(1)"/>'), "", None),
        (
            rss('<atom:link rel="hub" href="/hub"/>', '<atom:link rel="self" href="/f"/>'),
            "",
            AdvertisedHub("https://news.example/hub", "https://news.example/f"),
        ),
        (
            f'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="{HUB}"/>'
            f'<link rel="self" href="{ITSELF}"/></feed>',
            "",
            AdvertisedHub(HUB, ITSELF),
        ),
        (
            f'{{"items": [], "hubs": [{{"type": "rssCloud", "url": "x"}}, {{"type": "WebSub", "url": "{HUB}"}}],'
            f' "feed_url": "{ITSELF}"}}',
            "",
            AdvertisedHub(HUB, ITSELF),
        ),
        ('{"items": [], "hubs": [5, {"type": 5}, {"type": "WebSub"}]}', "", None),
        (
            rss(),
            f'<{HUB}>; rel="hub", <https://news.example/f>; rel=self',
            AdvertisedHub(HUB, "https://news.example/f"),
        ),
        (
            rss('<atom:link rel="hub" href="https://other.example/"/>'),
            f'<{HUB}>; rel="preload hub"',
            AdvertisedHub(HUB, URL),
        ),
        (rss(), f"<{HUB}>; rel=hub, <https://News.example>; rel=self", AdvertisedHub(HUB, "https://News.example")),
        (rss(), "nonsense; ; <", None),
    ],
)
def test_find_hub(body: str, link: str, found: AdvertisedHub | None) -> None:
    fetched = answer(body, link)
    assert find_hub(parse(fetched.body, fetched.url, fetched.content_type), fetched) == found


@given(st.binary(max_size=200), st.text(max_size=40), st.sampled_from(SIGNATURE_METHODS))
def test_signature_needs_the_secret(body: bytes, other: str, method: str) -> None:
    secret = new_token()
    good = signed(secret, body, method)["X-Hub-Signature"]
    assert is_signed(secret, good, body)
    assert is_signed(secret, good.upper(), body), "hexadecimal digits may be capitals"
    assert not is_signed(secret, good, body + b"!")
    assert not is_signed(secret, signed(other, body, method)["X-Hub-Signature"], body)
    assert not is_signed(secret, other, body)


@pytest.mark.parametrize("odd", ["", "sha256", "md5=aa", "=", "sha256=", "sha256=é"])
def test_invalid_signature_is_refused(odd: str) -> None:
    assert not is_signed("secret", odd, b"body")


@pytest.fixture
def hubs(settings: Settings) -> Iterator[HubClient]:
    found = HubClient(settings)
    yield found
    found.close()


CALLBACK = "https://copydesk.example/websub/token/daily"


def test_requests_to_a_hub(hub: Hub, hubs: HubClient) -> None:
    hubs.send(hub.url, "subscribe", topic=ITSELF, callback=CALLBACK, secret="s3cret")
    hubs.send(hub.url, "unsubscribe", topic=ITSELF, callback=CALLBACK, secret="s3cret")
    asked = {"hub.topic": ITSELF, "hub.callback": CALLBACK}
    assert hub.asked[0] == asked | {"hub.mode": "subscribe", "hub.secret": "s3cret"}
    assert hub.asked[1] == asked | {"hub.mode": "unsubscribe"}


def test_redirect_of_a_hub_is_followed(hub: Hub, hubs: HubClient) -> None:
    hub.answers, hub.location = [307, 308], hub.url
    hubs.send(hub.url, "subscribe", topic=ITSELF, callback=CALLBACK, secret=None)
    assert len(hub.asked) == 3
    assert hub.asked[0] == hub.asked[2]


def test_endless_redirects_of_a_hub_fail(hub: Hub, hubs: HubClient) -> None:
    hub.answers, hub.location = [307] * 10, hub.url
    with pytest.raises(FetchFailed, match="redirects"):
        hubs.send(hub.url, "subscribe", topic=ITSELF, callback=CALLBACK, secret=None)
    assert len(hub.asked) == 4


@pytest.mark.parametrize(("status", "retry"), [(404, False), (302, False), (503, True), (429, True)])
def test_refusal_of_a_hub_is_explained(hub: Hub, hubs: HubClient, status: int, retry: bool) -> None:
    hub.answers = [status]
    with pytest.raises(FetchFailed, match=str(status)) as caught:
        hubs.send(hub.url, "subscribe", topic=ITSELF, callback=CALLBACK, secret=None)
    assert caught.value.retry is retry
    assert ("we know no such topic" in str(caught.value)) is (status >= 400)


def test_hub_in_a_private_network_is_blocked(hub: Hub, tmp_path: Path) -> None:
    guarded = HubClient(loopback(tmp_path, fetch_allow_private=""))
    with pytest.raises(FetchFailed) as caught:
        guarded.send(hub.url, "subscribe", topic=ITSELF, callback=CALLBACK, secret=None)
    assert caught.value.reason == "blocked-address"
    assert not hub.asked


def test_secrets_need_tls() -> None:
    assert is_secure("https://hub.example/")
    assert not is_secure("http://hub.example/")
