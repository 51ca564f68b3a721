"""Deliveries to a real receiver of webhooks: signatures, retries, pauses and limits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from redis import Redis

from tests.support.servers.redis_server import RedisServer
from tests.support.servers.webhook_receiver import Receiver, receive, verifies
from tests.worker.services.alerts.conftest import document, file, open_context, save, tell
from tests.worker.services.conftest import Clock
from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable
from worker.model.catalog import SavedSearch
from worker.queues.outbox import Outbox
from worker.services.alerts import saved_searches
from worker.services.alerts.matching import alert
from worker.services.alerts.webhook_delivery import deliver, due, try_out, wait_s
from worker.services.context import AppContext
from worker.storage.document_json import to_json

HOUR_S = 3600


@pytest.fixture
def floods(context: AppContext, receiver: Receiver) -> SavedSearch:
    return save(context, "flood", receiver.url)


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.INFO)
    yield caplog


def fail(context: AppContext, clock: Clock, rounds: int) -> None:
    """Run so many rounds of deliveries, each after all waits are over."""
    for _ in range(rounds):
        clock.forward(HOUR_S + 1)
        tell(context)


def state(context: AppContext, search: SavedSearch) -> tuple[bool, int, int]:
    """Return if the webhook is paused, its failures in a row, and the number of waiting deliveries."""
    now = saved_searches.find(context, search.id)
    return now.paused, now.failures_in_row, context.outbox.waiting(search.id)


def test_a_match_is_posted_and_signed(
    context: AppContext, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    found = document("a", "Flood “tomorrow”")
    file(context, found)
    assert (alert(context), tell(context)) == (1, 1)
    (got,) = receiver.got
    assert got.path == "/hook/t0p-s3cret"
    assert got.json["event"] == "article.indexed"
    assert got.json["search"] == {"id": floods.id, "name": "flood", "q": "flood"}
    assert got.json["article"] == to_json(found)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"] == context.settings.fetch_user_agent
    assert verifies(str(floods.secret), got.headers, got.body)
    assert not verifies(str(floods.secret), got.headers, got.body + b" ")
    assert not verifies(str(floods.secret), got.headers | {"webhook-id": "other"}, got.body)
    assert not verifies(str(floods.secret), got.headers | {"webhook-timestamp": "1700000000"}, got.body)
    assert not verifies("whsec_" + "A" * 43 + "=", got.headers, got.body)
    assert saved_searches.find(context, floods.id).last_sent_at is not None
    assert state(context, floods) == (False, 0, 0)
    clock.forward(HOUR_S)
    assert tell(context) == 0


def test_a_changed_article_is_delivered_again_and_a_repeated_event_is_not(
    context: AppContext, receiver: Receiver, floods: SavedSearch
) -> None:
    file(context, document("a", "Flood"))
    alert(context)
    tell(context)
    file(context, document("a", "Flood, corrected", crawl=2), event="article.changed")
    file(context, document("b", "Flood"))
    alert(context)
    tell(context)
    assert [(g.json["event"], g.json["article"]["headline"]) for g in receiver.got] == [
        ("article.indexed", "Flood"),
        ("article.changed", "Flood, corrected"),
        ("article.indexed", "Flood"),
    ]
    assert len({g.id for g in receiver.got}) == 3


def test_a_failed_delivery_is_repeated_with_the_same_id(
    context: AppContext, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    receiver.answers = [500, 302, 404]
    receiver.headers = {"Location": "http://127.0.0.1:1/elsewhere"}
    file(context, document("a", "Flood"))
    alert(context)
    assert tell(context) == 0
    assert state(context, floods) == (False, 1, 1)
    assert tell(context) == 0, "the webhook is paused"
    assert len(receiver.got) == 1
    fail(context, clock, 2)
    assert state(context, floods) == (False, 3, 1)
    assert "404" in str(saved_searches.find(context, floods.id).problem)
    fail(context, clock, 1)
    assert state(context, floods) == (False, 0, 0)
    assert saved_searches.find(context, floods.id).problem is None
    assert len(receiver.got) == 4
    assert len({g.id for g in receiver.got}) == 1
    assert len({g.headers["webhook-timestamp"] for g in receiver.got}) == 4
    assert len({g.body for g in receiver.got}) == 1


def test_a_receiver_that_was_down_gets_all_deliveries(
    context: AppContext, clock: Clock, quiet: pytest.LogCaptureFixture
) -> None:
    with receive() as receiver:
        url, port = receiver.url, receiver.port
    search = save(context, "flood", url)
    file(context, *(document(f"n{n}", "Flood") for n in range(20)))
    alert(context)
    fail(context, clock, 3)
    assert state(context, search) == (False, 3, 20)
    with receive(port) as receiver:
        fail(context, clock, 1)
        assert sorted(receiver.articles()) == sorted(f"n{n}" for n in range(20))
    assert state(context, search) == (False, 0, 0)
    assert "t0p-s3cret" not in quiet.text + str(saved_searches.find(context, search.id).problem)


def test_waits_double_up_to_an_hour_and_follow_retry_after() -> None:
    settings = Settings.model_validate({"webhook_retry_base_s": 10})
    for failures, longest in ((1, 10), (2, 20), (5, 160), (12, 3600), (1000, 3600)):
        waits = [wait_s(settings, failures) for _ in range(20)]
        assert longest / 2 <= min(waits) < max(waits) <= longest
    assert wait_s(settings, 1, asked_s=120) == 120


def test_retry_after_is_heeded(context: AppContext, receiver: Receiver, floods: SavedSearch, clock: Clock) -> None:
    receiver.answers, receiver.headers = [429], {"Retry-After": "600"}
    file(context, document("a", "Flood"))
    alert(context)
    tell(context)
    clock.forward(500)
    assert (tell(context), len(receiver.got)) == (0, 1)
    clock.forward(120)
    assert (tell(context), len(receiver.got)) == (1, 2)


def test_a_slow_receiver_times_out_and_is_tried_again(
    context: AppContext, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    receiver.answers = [2.0]
    file(context, document("a", "Flood"))
    alert(context)
    assert tell(context) == 0
    assert "within 1 s" in str(saved_searches.find(context, floods.id).problem)
    fail(context, clock, 1)
    assert (len(receiver.got), state(context, floods)) == (2, (False, 0, 0))


def test_a_delivery_that_always_fails_does_not_delay_others(
    sqlite_settings: Settings, valkey: RedisServer, clock: Clock, receiver: Receiver, quiet: pytest.LogCaptureFixture
) -> None:
    context = open_context(sqlite_settings, valkey, clock, webhook_attempts=3)
    search = save(context, "flood", receiver.url)
    receiver.refused_article = "poison"
    file(context, document("poison", "Flood"), document("fine", "Flood"), document("good", "Flood"))
    alert(context)
    fail(context, clock, 5)
    assert sorted(receiver.articles()) == ["fine", "good", "poison", "poison", "poison"]
    assert state(context, search)[::2] == (False, 0)
    assert "Gave up delivering article poison" in quiet.text


def test_a_failing_webhook_is_paused_and_keeps_its_deliveries(
    sqlite_settings: Settings, valkey: RedisServer, clock: Clock, receiver: Receiver, quiet: pytest.LogCaptureFixture
) -> None:
    context = open_context(sqlite_settings, valkey, clock, webhook_failures=3)
    search = save(context, "flood", receiver.url)
    receiver.answers = [500] * 3
    file(context, *(document(f"n{n}", "Flood") for n in range(5)))
    alert(context)
    fail(context, clock, 6)
    assert (len(receiver.got), state(context, search)) == (3, (True, 3, 5))
    assert "paused" in quiet.text
    saved_searches.resume(context, search.id)
    assert state(context, search) == (False, 0, 5)
    clock.forward(HOUR_S + 1)
    assert tell(context) == 5


def test_a_webhook_that_is_gone_is_paused_at_once(context: AppContext, receiver: Receiver, floods: SavedSearch) -> None:
    receiver.answers = [410]
    file(context, document("a", "Flood"))
    alert(context)
    tell(context)
    assert state(context, floods) == (True, 1, 1)


def test_a_webhook_whose_address_becomes_private_is_refused(
    sqlite_settings: Settings, valkey: RedisServer, clock: Clock, receiver: Receiver
) -> None:
    context = open_context(sqlite_settings, valkey, clock)
    search = save(context, "flood", receiver.url)
    file(context, document("a", "Flood"))
    strict = open_context(sqlite_settings, valkey, clock, webhook_allow_private=[])
    file(strict, document("a", "Flood", crawl=2))
    assert (alert(strict), tell(strict)) == (1, 0)
    assert receiver.got == []
    assert saved_searches.find(strict, search.id).paused
    assert "webhook_allow_private" in str(saved_searches.find(strict, search.id).problem)


def test_an_article_that_was_taken_down_or_changed_is_not_sent_in_its_old_form(
    context: AppContext, receiver: Receiver, floods: SavedSearch
) -> None:
    file(context, document("gone", "Flood"), document("new", "Flood"), document("same", "Flood"))
    alert(context)
    context.index.delete(["gone"])
    file(context, document("new", "Flood after all", crawl=2), event="article.changed")
    context.index.write([document("same", "Flood", crawl=2)])  # written again by a better reader: no event
    tell(context)
    assert receiver.articles() == ["same"]
    alert(context)
    tell(context)
    assert [g.json["article"]["headline"] for g in receiver.got] == ["Flood", "Flood after all"]
    assert state(context, floods) == (False, 0, 0)


def test_a_delivery_that_waited_too_long_is_dropped(
    context: AppContext, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    file(context, document("a", "Flood"))
    alert(context)
    clock.forward(8 * 86_400)
    assert (tell(context), receiver.got, state(context, floods)) == (0, [], (False, 0, 0))
    assert saved_searches.find(context, floods.id).last_sent_at is None


def test_a_sender_that_dies_leaves_its_delivery_to_another(
    context: AppContext, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    file(context, document("a", "Flood"))
    alert(context)
    assert due(context, 10) == [floods.id]
    taken = context.outbox.take(floods.id, clock().timestamp(), lease_s=60)  # and here it died
    assert taken is not None
    assert (due(context, 10), deliver(context, floods.id)) == ([], 0), "another worker does not send it"
    clock.forward(100)
    assert tell(context) == 1
    assert [g.id for g in receiver.got] == [taken.id]


def test_a_crash_between_match_and_delivery_loses_nothing(
    context: AppContext, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    file(context, document("a", "Flood"))
    alert(context)
    assert due(context, 10) == [floods.id]  # the message that follows from it is lost
    assert due(context, 10) == []
    clock.forward(100)
    assert tell(context) == 1


class _SilentIndex:
    def get(self, ids: object) -> object:
        raise Unavailable("no answer")


def test_an_attempt_is_not_counted_while_the_index_does_not_answer(
    context: AppContext, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    file(context, document("a", "Flood"))
    alert(context)
    for _ in range(15):
        clock.forward(100)
        with pytest.raises(Unavailable):
            tell(replace(context, index=_SilentIndex()))  # type: ignore[arg-type]
    clock.forward(100)
    assert (tell(context), state(context, floods)) == (1, (False, 0, 0))


def test_many_senders_at_once_send_each_delivery_once(
    context: AppContext, receiver: Receiver, floods: SavedSearch
) -> None:
    file(context, *(document(f"n{n}", "Flood") for n in range(30)))
    alert(context)
    threads = [threading.Thread(target=deliver, args=(context, floods.id)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receiver.articles()) == sorted(f"n{n}" for n in range(30))
    assert state(context, floods) == (False, 0, 0)


def test_a_late_message_does_not_begin_a_second_delivery_task(
    context: AppContext, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    file(context, document("a", "Flood"))
    alert(context)
    assert due(context, 10) == [floods.id]
    clock.forward(100)
    assert due(context, 10) == [floods.id], "the first message may have been lost"
    assert context.outbox.begin(floods.id, clock().timestamp(), lease_s=60), "it was not"
    saved_searches.resume(context, floods.id)
    assert (due(context, 10), deliver(context, floods.id), receiver.got) == ([], 0, [])
    context.outbox.finish(floods.id, clock().timestamp())
    assert (tell(context), deliver(context, floods.id), len(receiver.got)) == (1, 0, 1)


def test_a_late_message_does_not_end_the_pause_of_a_webhook(
    context: AppContext, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    receiver.answers = [500]
    file(context, document("a", "Flood"), document("b", "Flood"))
    alert(context)
    assert tell(context) == 0
    assert (deliver(context, floods.id), len(receiver.got)) == (0, 1)


def test_a_failing_webhook_does_not_delay_another(context: AppContext, receiver: Receiver, clock: Clock) -> None:
    with receive() as other:
        bad, good = save(context, "flood", other.url), save(context, "flood", receiver.url)
    file(context, document("a", "Flood"))
    alert(context)
    assert tell(context) == 1
    assert (state(context, bad), state(context, good)) == ((False, 1, 1), (False, 0, 0))


def test_a_removed_search_leaves_nothing_behind(context: AppContext, receiver: Receiver, floods: SavedSearch) -> None:
    file(context, document("a", "Flood"))
    alert(context)
    saved_searches.remove(context, floods.id)
    assert (tell(context), receiver.got) == (0, [])
    outbox = context.keys.outbox
    assert set(context.redis.keys(outbox.tag + ":*")) == set(context.redis.keys(outbox.matched("") + "*"))


def test_a_delivery_of_a_search_that_was_removed_meanwhile_is_dropped(
    context: AppContext, receiver: Receiver, floods: SavedSearch
) -> None:
    file(context, document("a", "Flood"))
    context.catalog.saved_searches.remove(floods.id)
    context.catalog.saved_searches.add(floods)
    alert(context)
    context.catalog.saved_searches.remove(floods.id)
    assert (tell(context), receiver.got, context.outbox.waiting(floods.id)) == (0, [], 0)


def test_matches_beyond_the_limit_are_announced_but_not_queued(
    context: AppContext, floods: SavedSearch, monkeypatch: pytest.MonkeyPatch, quiet: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("worker.queues.outbox.MAX_WAITING", 3)
    file(context, *(document(f"n{n}", "Flood") for n in range(5)))
    assert alert(context) == 5
    assert context.outbox.waiting(floods.id) == 3
    assert "Too many" in quiet.text


def test_only_keys_that_expire_remain_after_a_delivery(
    context: AppContext, receiver: Receiver, floods: SavedSearch
) -> None:
    file(context, document("a", "Flood"))
    alert(context)
    tell(context)
    redis: Redis = context.redis
    assert 86_000 < redis.ttl(redis.keys("*:outbox:matched:*")[0]) <= 86_400
    assert redis.hlen(context.keys.outbox.of_search(floods.id)[-1]) == 0
    assert redis.zcard(context.keys.outbox.searches) == 0


def test_a_long_answer_is_not_read(context: AppContext, receiver: Receiver, floods: SavedSearch) -> None:
    receiver.body = b"x" * 5_000_000
    file(context, document("a", "Flood"), document("b", "Flood"))
    alert(context)
    assert tell(context) == 2


def test_a_test_delivery_is_sent_at_once_and_not_counted(
    context: AppContext, receiver: Receiver, floods: SavedSearch
) -> None:
    assert (try_out(context, floods).status, receiver.got[0].json["article"]) == (204, None)
    file(context, document("a", "Flood"))
    receiver.answers = [500]
    tried = try_out(context, floods)
    assert (tried.status, "500" in str(tried.problem)) == (500, True)
    assert [g.json["event"] for g in receiver.got] == ["search.test"] * 2
    assert verifies(str(floods.secret), receiver.got[1].headers, receiver.got[1].body)
    assert state(context, floods) == (False, 0, 0)
    with pytest.raises(BadInput, match="no webhook"):
        try_out(context, save(context, "storm"))


def test_secrets_stay_out_of_logs_and_representations(context: AppContext, floods: SavedSearch) -> None:
    assert str(floods.secret).startswith("whsec_")
    assert str(floods.secret) not in repr(floods)


def test_the_outbox_survives_its_client(
    context: AppContext, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    """A worker that restarts finds the waiting deliveries."""
    file(context, document("a", "Flood"))
    alert(context)
    fresh = Outbox(context.redis, context.settings)
    assert fresh.due(clock().timestamp(), 10, lease_s=1) == [floods.id]
