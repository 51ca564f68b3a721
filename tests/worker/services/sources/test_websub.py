"""WebSub: subscriptions to the hubs of feeds, pushes, and polls beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient

from api.web.app import create_app
from tests.support.servers.websub_hub import Hub, signed
from tests.worker.services.conftest import Answer, Clock, Web, page, work_off
from tests.worker.services.sources.test_registry import feed
from worker import urls
from worker.config.settings import Settings
from worker.discovery.websub import AdvertisedHub
from worker.model.catalog import Source, SourceKind, Subscription
from worker.services.context import AppContext
from worker.services.crawl.host_visit import visit_host
from worker.services.sources import registry, visits, websub

PUBLIC = "https://copydesk.example"
NAME = "Harbour Post / daily ü"
KEY = {"Authorization": "Bearer key-of-the-tests"}


@pytest.fixture
def reachable(context: AppContext) -> AppContext:
    """Return a context whose API hubs can call."""
    more = {"api_public_url": PUBLIC, "api_keys": "key-of-the-tests"}
    return replace(context, settings=Settings.model_validate(context.settings.model_dump() | more))


@pytest.fixture
def api(reachable: AppContext) -> TestClient:
    return TestClient(create_app(reachable), base_url=PUBLIC)


def naming(hub: str, body: str) -> Answer:
    return Answer(body, headers={"Link": f'<{hub}>; rel="hub"'})


def register(context: AppContext, web: Web, hub: str, *paths: str) -> Subscription:
    """Register a source and crawl it once, so that its hub is found. Return the subscription."""
    web["/feed"] = naming(hub, feed(web, *paths))
    registry.register(context, web.url("/feed"), name=NAME, kind=SourceKind.FEED, every="1d")
    visits.crawl_now(context, NAME)
    return kept(context)


def kept(context: AppContext) -> Subscription:
    found = context.catalog.subscriptions.get(NAME)
    assert found
    return found


def ask_due(context: AppContext) -> int:
    """Do what one round of the beat does. Return the number of requests that were made."""
    subscription = context.catalog.subscriptions.get(NAME)
    queued = websub.queue_due(context, 10)
    if queued and subscription:
        visit_host(context, urls.target(subscription.hub).host, lambda: None)
    return queued


def confirm(api: TestClient, form: dict[str, str], *, lease_s: str = "86400", **more: str) -> tuple[int, str]:
    question = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "<b>1</b>"}
    answer = api.get(form["hub.callback"], params=question | {"hub.lease_seconds": lease_s} | more)
    return answer.status_code, answer.text


def grant(context: AppContext, web: Web, api: TestClient, *paths: str) -> Subscription:
    """Return a granted subscription to a hub with TLS. No request is made to the hub."""
    register(context, web, "https://hub.example/", *paths)
    websub.queue_due(context, 10)
    form = {"hub.mode": "subscribe", "hub.topic": web.url("/feed"), "hub.callback": kept(context).callback}
    assert confirm(api, form)[0] == 200
    return kept(context)


def subscribe(context: AppContext, web: Web, hub: Hub, api: TestClient) -> Subscription:
    """Return a subscription that a hub without TLS has granted."""
    subscription = register(context, web, hub.url)
    ask_due(context)
    confirm(api, hub.asked[0])
    return subscription


def push(api: TestClient, subscription: Subscription, body: str, **headers: str) -> int:
    good = signed(str(subscription.secret), body.encode())
    return api.post(subscription.callback, content=body.encode(), headers=good | headers).status_code


def test_a_subscription_is_requested_granted_and_renewed(
    reachable: AppContext, web: Web, hub: Hub, api: TestClient, clock: Clock
) -> None:
    made = register(reachable, web, hub.url, "/1")
    assert (made.hub, made.topic, made.secret) == (hub.url, web.url("/feed"), None), "no secret without TLS"
    assert ask_due(reachable) == 1
    (form,) = hub.asked
    assert form["hub.callback"].startswith(f"{PUBLIC}/websub/")
    assert "not granted yet" in websub.hub_states(reachable, [NAME])[NAME]
    assert ask_due(reachable) == 0, "the hub has time to call"
    assert confirm(api, form) == (200, "<b>1</b>")
    assert "until" in websub.hub_states(reachable, [NAME])[NAME]
    clock.forward(86_400 * 0.8 - 60)
    assert ask_due(reachable) == 0
    clock.forward(120)
    assert ask_due(reachable) == 1
    assert hub.asked[1] == form, "the same address, so that the hub renews it"


def test_a_logged_subscription_hides_its_secret(reachable: AppContext, web: Web) -> None:
    made = replace(register(reachable, web, "https://hub.example/"), secret="of-the-hub")
    assert made.token not in repr(made)
    assert "of-the-hub" not in repr(made)


def test_the_answer_to_a_hub_is_plain_text(reachable: AppContext, web: Web, api: TestClient) -> None:
    subscription = grant(reachable, web, api)
    question = {"hub.mode": "subscribe", "hub.topic": subscription.topic, "hub.challenge": "<script>alert(1)</script>"}
    answer = api.get(subscription.callback, params=question)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_requested_subscriptions_are_confirmed(reachable: AppContext, web: Web, hub: Hub, api: TestClient) -> None:
    made = register(reachable, web, hub.url)
    form = {"hub.mode": "subscribe", "hub.topic": made.topic, "hub.callback": made.callback}
    assert confirm(api, form)[0] == 404, "nothing was asked yet"
    ask_due(reachable)
    guessed = made.callback.replace(made.token, "guessed")
    for wrong in (
        form | {"hub.topic": "https://evil.example/"},
        form | {"hub.callback": guessed},
        form | {"hub.callback": made.callback.replace("Harbour", "Another")},
        form | {"hub.mode": "unsubscribe"},
        form | {"hub.mode": "nonsense"},
    ):
        assert confirm(api, wrong)[0] == 404
    assert kept(reachable).expires_at is None
    assert confirm(api, form)[0] == 200


@pytest.mark.parametrize(
    ("said", "lease"),
    [
        ("3600", timedelta(hours=1)),
        ("", websub.DEFAULT_LEASE),
        ("-5", websub.DEFAULT_LEASE),
        ("9" * 400, websub.MAX_LEASE),
    ],
)
def test_a_lease_has_a_default_and_a_maximum(
    reachable: AppContext, web: Web, hub: Hub, api: TestClient, clock: Clock, said: str, lease: timedelta
) -> None:
    register(reachable, web, hub.url)
    ask_due(reachable)
    before = clock()
    assert confirm(api, hub.asked[0], lease_s=said)[0] == 200
    expires = kept(reachable).expires_at
    assert expires
    assert before + lease <= expires <= clock() + lease


def test_a_denied_subscription_is_requested_again_a_day_later(
    reachable: AppContext, web: Web, hub: Hub, api: TestClient, clock: Clock
) -> None:
    made = register(reachable, web, hub.url)
    ask_due(reachable)
    question = {"hub.mode": "denied", "hub.topic": made.topic, "hub.reason": "full"}
    assert api.get(made.callback, params=question).status_code == 200
    assert "full" in websub.hub_states(reachable, [NAME])[NAME]
    clock.forward(86_000)
    assert ask_due(reachable) == 0
    clock.forward(1000)
    assert ask_due(reachable) == 1


def test_requests_to_a_failing_hub_become_rarer(reachable: AppContext, web: Web, hub: Hub, clock: Clock) -> None:
    register(reachable, web, hub.url, "/1")
    hub.answers = [503] * 20
    requested_at = []
    for _ in range(400):
        if ask_due(reachable):
            requested_at.append(clock())
        clock.forward(600)
    waits = [b - a for a, b in pairwise(requested_at)]
    assert waits == sorted(waits)
    assert len(requested_at) < 12
    assert "503" in websub.hub_states(reachable, [NAME])[NAME]
    assert visits.crawl_now(reachable, NAME).problem is None, "the feed itself is visited as ever"


def test_a_push_is_read_without_a_visit_of_the_feed(
    reachable: AppContext, web: Web, api: TestClient, clock: Clock
) -> None:
    subscription = grant(reachable, web, api, "/1")
    web["/1"], web["/2"] = page("One"), page("Two")
    visits = web.requests["/feed"]
    assert push(api, subscription, feed(web, "/1", "/2")) == 202
    work_off(reachable, clock)
    assert reachable.ledger.counts()["indexed"] == 2
    assert web.requests["/feed"] == visits
    rows = {row.canonical_url: row.source for row in reachable.ledger.scan()}
    assert rows[web.url("/2")] == NAME
    assert push(api, subscription, feed(web, "/1", "/2")) == 202
    assert reachable.ledger.counts()["finished"] == 2, "the same news twice is news once"


def test_a_push_with_a_wrong_signature_is_ignored(reachable: AppContext, web: Web, api: TestClient) -> None:
    subscription = grant(reachable, web, api)
    for signature in ("", "sha256=00", signed("another", feed(web, "/evil").encode())["X-Hub-Signature"]):
        assert push(api, subscription, feed(web, "/evil"), **{"X-Hub-Signature": signature}) == 202
    assert not list(reachable.ledger.scan())
    assert kept(reachable).pushed_at is None


@pytest.mark.parametrize("body", ["<html>maintenance</html>", "x" * (websub.MAX_PUSHED_BYTES + 1)])
def test_a_push_that_cannot_be_read_makes_the_source_due(
    reachable: AppContext, web: Web, api: TestClient, clock: Clock, body: str
) -> None:
    subscription = grant(reachable, web, api)
    assert push(api, subscription, body) == 202
    assert visits.claim_due(reachable, 10) == [], "it was visited just now"
    clock.forward(websub.MIN_VISIT_INTERVAL.total_seconds() + 1)
    assert [s.name for s in visits.claim_due(reachable, 10)] == [NAME]


def test_a_hub_without_tls_makes_the_source_due(
    reachable: AppContext, web: Web, hub: Hub, api: TestClient, clock: Clock
) -> None:
    subscription = subscribe(reachable, web, hub, api)
    clock.forward(3600)
    assert api.post(subscription.callback, content=feed(web, "/evil").encode()).status_code == 202
    assert not list(reachable.ledger.scan()), "what anybody may have sent is not believed"
    assert [s.name for s in visits.claim_due(reachable, 10)] == [NAME]


def test_an_unsigned_push_during_a_visit_does_not_begin_another(
    reachable: AppContext, web: Web, hub: Hub, api: TestClient, clock: Clock
) -> None:
    """Otherwise a hub that posts often could keep every fetch thread busy with visits of one source."""
    subscription = subscribe(reachable, web, hub, api)
    clock.forward(3600)

    def visits_begun() -> list[Source]:
        assert api.post(subscription.callback, content=b"news").status_code == 202
        return visits.claim_due(reachable, 10)

    (under_way,) = visits_begun()
    for _ in range(5):
        clock.forward(20)
        assert visits_begun() == []
    visits.crawl(reachable, under_way)
    assert reachable.catalog.sources.get(NAME).history["last_at"] > clock().timestamp() - 5, "it is recorded"
    clock.forward(websub.MIN_VISIT_INTERVAL.total_seconds() - 5)
    assert visits.claim_due(reachable, 10) == []
    clock.forward(10)
    assert len(visits.claim_due(reachable, 10)) == 1, "what was posted meanwhile is looked for once more"


def test_a_visit_that_crashed_is_repeated(
    reachable: AppContext, web: Web, hub: Hub, api: TestClient, clock: Clock
) -> None:
    subscription = subscribe(reachable, web, hub, api)
    clock.forward(86_400)
    assert len(visits.claim_due(reachable, 10)) == 1
    clock.forward(visits.CLAIM_S - 5)
    assert api.post(subscription.callback, content=b"news").status_code == 202
    assert visits.claim_due(reachable, 10) == []
    clock.forward(10)
    assert len(visits.claim_due(reachable, 10)) == 1


def test_a_source_with_pushes_only_is_not_silent(
    reachable: AppContext, web: Web, api: TestClient, clock: Clock
) -> None:
    subscription = grant(reachable, web, api, "/1")
    clock.forward(3 * 86_400)
    visits.crawl_now(reachable, NAME)
    assert registry.health(reachable, reachable.catalog.sources.get(NAME)) == "silent"
    push(api, subscription, feed(web, "/1", "/2"))
    assert registry.health(reachable, reachable.catalog.sources.get(NAME)) == "ok"


def test_a_push_for_a_paused_source_is_ignored(reachable: AppContext, web: Web, api: TestClient, clock: Clock) -> None:
    subscription = grant(reachable, web, api)
    reachable.catalog.sources.change(NAME, lambda s: replace(s, paused=True))
    assert push(api, subscription, feed(web, "/1")) == 202
    assert not list(reachable.ledger.scan())


def test_removing_a_source_cancels_its_subscription(reachable: AppContext, web: Web, hub: Hub, api: TestClient) -> None:
    subscription = subscribe(reachable, web, hub, api)
    assert api.delete(f"/v1/sources/{NAME}", headers=KEY).status_code == 204
    assert api.post(subscription.callback, content=b"news").status_code == 410
    assert ask_due(reachable) == 1
    assert hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert confirm(api, hub.asked[-1]) == (200, "<b>1</b>")
    assert reachable.catalog.subscriptions.get(NAME) is None


def test_a_source_added_again_during_a_cancellation_keeps_its_new_subscription(
    reachable: AppContext, web: Web, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(reachable, web, hub.url)
    registry.remove(reachable, NAME)
    tell = reachable.hubs.send

    def meanwhile(*args: str, **more: str) -> None:
        tell(*args, **more)
        register(reachable, web, hub.url)

    monkeypatch.setattr(reachable.hubs, "send", meanwhile)
    assert ask_due(reachable) == 1
    monkeypatch.undo()
    assert hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert ask_due(reachable) == 1
    assert hub.asked[-1]["hub.mode"] == "subscribe"
    assert hub.asked[-1]["hub.callback"] == kept(reachable).callback != hub.asked[0]["hub.callback"]


def test_a_feed_may_change_or_remove_its_hub(
    reachable: AppContext, web: Web, hub: Hub, api: TestClient, clock: Clock
) -> None:
    first = register(reachable, web, hub.url)
    visits.crawl_now(reachable, NAME)
    assert kept(reachable) == first, "the same hub is not asked again"
    web["/feed"] = naming("https://other.example/", feed(web))
    visits.crawl_now(reachable, NAME)
    assert kept(reachable).hub == "https://other.example/"
    assert api.post(first.callback, content=b"news").status_code == 410
    web["/feed"] = feed(web)
    visits.crawl_now(reachable, NAME)
    assert kept(reachable).leaving


def test_a_host_visit_sends_nothing_to_a_hub_of_another_host(reachable: AppContext, web: Web, hub: Hub) -> None:
    register(reachable, web, "https://hub.example/")
    websub.queue_due(reachable, 10)
    web["/feed"] = naming(hub.url, feed(web))
    visits.crawl_now(reachable, NAME)
    visit_host(reachable, "https://hub.example", lambda: None)
    assert hub.asked == []
    assert ask_due(reachable) == 1
    assert len(hub.asked) == 1


def test_a_cancellation_that_always_fails_is_given_up(reachable: AppContext, web: Web, hub: Hub, clock: Clock) -> None:
    register(reachable, web, hub.url)
    hub.answers = [503] * 100
    web["/feed"] = feed(web)
    for _ in range(30):
        visits.crawl_now(reachable, NAME)
        ask_due(reachable)
        clock.forward(300)
    assert len(hub.asked) == websub.MAX_UNSUBSCRIBE_TRIES
    assert reachable.catalog.subscriptions.get(NAME) is None


def test_no_subscription_is_requested_without_a_public_url(context: AppContext, web: Web, hub: Hub) -> None:
    web["/feed"] = naming(hub.url, feed(web, "/1"))
    registry.register(context, web.url("/feed"), name=NAME, kind=SourceKind.FEED)
    visits.crawl_now(context, NAME)
    assert context.catalog.subscriptions.get(NAME) is None


def test_the_answer_about_a_source_shows_its_hub(reachable: AppContext, web: Web, hub: Hub, api: TestClient) -> None:
    websub.subscribe(
        reachable,
        registry.register(reachable, web.url("/feed"), name="plain", kind=SourceKind.FEED),
        AdvertisedHub(hub.url, web.url("/feed")),
    )
    (listed,) = api.get("/v1/sources", headers=KEY).json()
    assert listed["hub"].startswith(hub.url)
    assert api.get("/v1/sources/plain", headers=KEY).json()["hub"] == listed["hub"]
    assert api.get("/v1/sources").status_code == 401, "an address in public opens no door without a key"
