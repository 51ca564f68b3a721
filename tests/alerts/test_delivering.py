"""Matches on their way to a real receiver: signed, once, again when it fails, never beyond bounds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from redis import Redis

from tests.alerts.conftest import document, file, open_desk, save, tell
from tests.alerts.receiver import Receiver, receive, verifies
from tests.desk.conftest import Clock
from tests.services.redis_server import RedisServer
from worker.catalog import SavedSearch
from worker.desk import saving
from worker.desk.alerting import alert
from worker.desk.delivering import deliver, due, try_out, wait_s
from worker.desk.parts import Desk
from worker.errors import BadInput, Unavailable
from worker.settings import Settings
from worker.storing.documents import to_json
from worker.storing.outbox import PREFIX, Outbox

HOUR_S = 3600


@pytest.fixture
def floods(desk: Desk, receiver: Receiver) -> SavedSearch:
    return save(desk, "flood", receiver.url)


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.INFO)
    yield caplog


def fail(desk: Desk, clock: Clock, rounds: int) -> None:
    """So many turns, each after everybody's wait."""
    for _ in range(rounds):
        clock.forward(HOUR_S + 1)
        tell(desk)


def state(desk: Desk, search: SavedSearch) -> tuple[bool, int, int]:
    """Paused, failures in a row, deliveries that wait."""
    now = saving.find(desk, search.id)
    return now.paused, now.failures_in_row, desk.outbox.waiting(search.id)


def test_a_match_is_posted_and_signed(desk: Desk, receiver: Receiver, floods: SavedSearch, clock: Clock) -> None:
    found = document("a", "Flood “tomorrow”")
    file(desk, found)
    assert (alert(desk), tell(desk)) == (1, 1)
    (got,) = receiver.got
    assert got.path == "/hook/t0p-s3cret"
    assert got.json["event"] == "article.indexed"
    assert got.json["search"] == {"id": floods.id, "name": "flood", "q": "flood"}
    assert got.json["article"] == to_json(found)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"] == desk.settings.fetch_user_agent
    assert verifies(str(floods.secret), got.headers, got.body)
    assert not verifies(str(floods.secret), got.headers, got.body + b" ")
    assert not verifies(str(floods.secret), got.headers | {"webhook-id": "other"}, got.body)
    assert not verifies(str(floods.secret), got.headers | {"webhook-timestamp": "1700000000"}, got.body)
    assert not verifies("whsec_" + "A" * 43 + "=", got.headers, got.body)
    assert saving.find(desk, floods.id).last_sent_at is not None
    assert state(desk, floods) == (False, 0, 0)
    clock.forward(HOUR_S)
    assert tell(desk) == 0


def test_a_changed_article_is_delivered_again_and_a_repeated_event_is_not(
    desk: Desk, receiver: Receiver, floods: SavedSearch
) -> None:
    file(desk, document("a", "Flood"))
    alert(desk)
    tell(desk)
    file(desk, document("a", "Flood, corrected", crawl=2), event="article.changed")
    file(desk, document("b", "Flood"))
    alert(desk)
    tell(desk)
    assert [(g.json["event"], g.json["article"]["headline"]) for g in receiver.got] == [
        ("article.indexed", "Flood"),
        ("article.changed", "Flood, corrected"),
        ("article.indexed", "Flood"),
    ]
    assert len({g.id for g in receiver.got}) == 3


def test_a_failed_try_comes_again_as_the_same_delivery(
    desk: Desk, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    receiver.answers = [500, 302, 404]
    receiver.headers = {"Location": "http://127.0.0.1:1/elsewhere"}
    file(desk, document("a", "Flood"))
    alert(desk)
    assert tell(desk) == 0
    assert state(desk, floods) == (False, 1, 1)
    assert tell(desk) == 0, "it is left in peace for a while"
    assert len(receiver.got) == 1
    fail(desk, clock, 2)
    assert state(desk, floods) == (False, 3, 1)
    assert "404" in str(saving.find(desk, floods.id).problem)
    fail(desk, clock, 1)
    assert state(desk, floods) == (False, 0, 0)
    assert saving.find(desk, floods.id).problem is None
    assert len(receiver.got) == 4
    assert len({g.id for g in receiver.got}) == 1
    assert len({g.headers["webhook-timestamp"] for g in receiver.got}) == 4
    assert len({g.body for g in receiver.got}) == 1


def test_a_receiver_that_is_down_gets_one_request_a_wait_and_then_all(
    desk: Desk, clock: Clock, quiet: pytest.LogCaptureFixture
) -> None:
    with receive() as receiver:
        url, port = receiver.url, receiver.port
    search = save(desk, "flood", url)
    file(desk, *(document(f"n{n}", "Flood") for n in range(20)))
    alert(desk)
    fail(desk, clock, 3)
    assert state(desk, search) == (False, 3, 20)
    with receive(port) as receiver:
        fail(desk, clock, 1)
        assert sorted(receiver.articles()) == sorted(f"n{n}" for n in range(20))
    assert state(desk, search) == (False, 0, 0)
    assert "t0p-s3cret" not in quiet.text + str(saving.find(desk, search.id).problem)


def test_waits_double_up_to_an_hour_and_follow_retry_after() -> None:
    settings = Settings.model_validate({"webhook_retry_base_s": 10})
    for failures, longest in ((1, 10), (2, 20), (5, 160), (12, 3600), (1000, 3600)):
        waits = [wait_s(settings, failures) for _ in range(20)]
        assert longest / 2 <= min(waits) < max(waits) <= longest
    assert wait_s(settings, 1, asked_s=120) == 120


def test_retry_after_is_heeded(desk: Desk, receiver: Receiver, floods: SavedSearch, clock: Clock) -> None:
    receiver.answers, receiver.headers = [429], {"Retry-After": "600"}
    file(desk, document("a", "Flood"))
    alert(desk)
    tell(desk)
    clock.forward(500)
    assert (tell(desk), len(receiver.got)) == (0, 1)
    clock.forward(120)
    assert (tell(desk), len(receiver.got)) == (1, 2)


def test_a_slow_receiver_is_cut_off_and_tried_again(
    desk: Desk, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    receiver.answers = [2.0]
    file(desk, document("a", "Flood"))
    alert(desk)
    assert tell(desk) == 0
    assert "within 1 s" in str(saving.find(desk, floods.id).problem)
    fail(desk, clock, 1)
    assert (len(receiver.got), state(desk, floods)) == (2, (False, 0, 0))


def test_an_article_that_a_receiver_cannot_digest_holds_up_no_other_and_is_given_up(
    sqlite_settings: Settings, valkey: RedisServer, clock: Clock, receiver: Receiver, quiet: pytest.LogCaptureFixture
) -> None:
    desk = open_desk(sqlite_settings, valkey, clock, webhook_attempts=3)
    search = save(desk, "flood", receiver.url)
    receiver.indigestible = "poison"
    file(desk, document("poison", "Flood"), document("fine", "Flood"), document("good", "Flood"))
    alert(desk)
    fail(desk, clock, 5)
    assert sorted(receiver.articles()) == ["fine", "good", "poison", "poison", "poison"]
    assert state(desk, search)[::2] == (False, 0)
    assert "Given up: poison" in quiet.text


def test_a_webhook_that_fails_again_and_again_is_paused_and_keeps_what_waits(
    sqlite_settings: Settings, valkey: RedisServer, clock: Clock, receiver: Receiver, quiet: pytest.LogCaptureFixture
) -> None:
    desk = open_desk(sqlite_settings, valkey, clock, webhook_failures=3)
    search = save(desk, "flood", receiver.url)
    receiver.answers = [500] * 3
    file(desk, *(document(f"n{n}", "Flood") for n in range(5)))
    alert(desk)
    fail(desk, clock, 6)
    assert (len(receiver.got), state(desk, search)) == (3, (True, 3, 5))
    assert "paused" in quiet.text
    saving.resume(desk, search.id)
    assert state(desk, search) == (False, 0, 5)
    clock.forward(HOUR_S + 1)
    assert tell(desk) == 5


def test_a_webhook_that_is_gone_is_paused_at_once(desk: Desk, receiver: Receiver, floods: SavedSearch) -> None:
    receiver.answers = [410]
    file(desk, document("a", "Flood"))
    alert(desk)
    tell(desk)
    assert state(desk, floods) == (True, 1, 1)


def test_an_address_that_turns_private_is_refused_when_it_is_connected_to(
    sqlite_settings: Settings, valkey: RedisServer, clock: Clock, receiver: Receiver
) -> None:
    desk = open_desk(sqlite_settings, valkey, clock)
    search = save(desk, "flood", receiver.url)
    file(desk, document("a", "Flood"))
    strict = open_desk(sqlite_settings, valkey, clock, webhook_allow_private=[])
    file(strict, document("a", "Flood", crawl=2))
    assert (alert(strict), tell(strict)) == (1, 0)
    assert receiver.got == []
    assert saving.find(strict, search.id).paused
    assert "webhook_allow_private" in str(saving.find(strict, search.id).problem)


def test_an_article_that_was_taken_down_or_changed_is_not_sent_in_its_old_form(
    desk: Desk, receiver: Receiver, floods: SavedSearch
) -> None:
    file(desk, document("gone", "Flood"), document("new", "Flood"), document("same", "Flood"))
    alert(desk)
    desk.index.delete(["gone"])
    file(desk, document("new", "Flood after all", crawl=2), event="article.changed")
    desk.index.write([document("same", "Flood", crawl=2)])  # filed anew by a better reader: no event
    tell(desk)
    assert receiver.articles() == ["same"]
    alert(desk)
    tell(desk)
    assert [g.json["article"]["headline"] for g in receiver.got] == ["Flood", "Flood after all"]
    assert state(desk, floods) == (False, 0, 0)


def test_what_waited_too_long_is_no_news(desk: Desk, receiver: Receiver, floods: SavedSearch, clock: Clock) -> None:
    file(desk, document("a", "Flood"))
    alert(desk)
    clock.forward(8 * 86_400)
    assert (tell(desk), receiver.got, state(desk, floods)) == (0, [], (False, 0, 0))
    assert saving.find(desk, floods.id).last_sent_at is None


def test_a_sender_that_dies_leaves_its_delivery_to_another(
    desk: Desk, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    file(desk, document("a", "Flood"))
    alert(desk)
    assert due(desk, 10) == [floods.id]
    taken = desk.outbox.take(floods.id, clock().timestamp(), lease_s=60)  # and here it died
    assert taken is not None
    assert (due(desk, 10), deliver(desk, floods.id)) == ([], 0), "nobody else sends it meanwhile"
    clock.forward(100)
    assert tell(desk) == 1
    assert [g.id for g in receiver.got] == [taken.id]


def test_a_death_between_match_and_delivery_loses_nothing(
    desk: Desk, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    file(desk, document("a", "Flood"))
    alert(desk)
    assert due(desk, 10) == [floods.id]  # the message that follows from it is lost
    assert due(desk, 10) == []
    clock.forward(100)
    assert tell(desk) == 1


class _SilentIndex:
    def get(self, ids: object) -> object:
        raise Unavailable("no answer")


def test_a_silent_index_costs_no_try(desk: Desk, receiver: Receiver, floods: SavedSearch, clock: Clock) -> None:
    file(desk, document("a", "Flood"))
    alert(desk)
    for _ in range(15):
        clock.forward(100)
        with pytest.raises(Unavailable):
            tell(replace(desk, index=_SilentIndex()))  # type: ignore[arg-type]
    clock.forward(100)
    assert (tell(desk), state(desk, floods)) == (1, (False, 0, 0))


def test_many_senders_at_once_send_each_delivery_once(desk: Desk, receiver: Receiver, floods: SavedSearch) -> None:
    file(desk, *(document(f"n{n}", "Flood") for n in range(30)))
    alert(desk)
    threads = [threading.Thread(target=deliver, args=(desk, floods.id)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receiver.articles()) == sorted(f"n{n}" for n in range(30))
    assert state(desk, floods) == (False, 0, 0)


def test_a_message_that_waited_long_begins_no_second_turn(
    desk: Desk, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    file(desk, document("a", "Flood"))
    alert(desk)
    assert due(desk, 10) == [floods.id]
    clock.forward(100)
    assert due(desk, 10) == [floods.id], "the first message may have been lost"
    assert desk.outbox.begin(floods.id, clock().timestamp(), lease_s=60), "it was not"
    saving.resume(desk, floods.id)
    assert (due(desk, 10), deliver(desk, floods.id), receiver.got) == ([], 0, [])
    desk.outbox.finish(floods.id, clock().timestamp())
    assert (tell(desk), deliver(desk, floods.id), len(receiver.got)) == (1, 0, 1)


def test_a_late_message_does_not_disturb_the_peace_of_a_webhook(
    desk: Desk, receiver: Receiver, floods: SavedSearch, clock: Clock
) -> None:
    receiver.answers = [500]
    file(desk, document("a", "Flood"), document("b", "Flood"))
    alert(desk)
    assert tell(desk) == 0
    assert (deliver(desk, floods.id), len(receiver.got)) == (0, 1)


def test_a_failing_webhook_does_not_hold_up_another(desk: Desk, receiver: Receiver, clock: Clock) -> None:
    with receive() as other:
        bad, good = save(desk, "flood", other.url), save(desk, "flood", receiver.url)
    file(desk, document("a", "Flood"))
    alert(desk)
    assert tell(desk) == 1
    assert (state(desk, bad), state(desk, good)) == ((False, 1, 1), (False, 0, 0))


def test_a_removed_search_leaves_nothing_behind(desk: Desk, receiver: Receiver, floods: SavedSearch) -> None:
    file(desk, document("a", "Flood"))
    alert(desk)
    saving.remove(desk, floods.id)
    assert (tell(desk), receiver.got) == (0, [])
    left = [key.decode() for key in desk.redis.keys(PREFIX + "*")]
    assert all(key.startswith(PREFIX + "mark:") for key in left)


def test_a_delivery_of_a_search_that_was_removed_meanwhile_is_dropped(
    desk: Desk, receiver: Receiver, floods: SavedSearch
) -> None:
    file(desk, document("a", "Flood"))
    desk.catalog.saved_searches.remove(floods.id)
    desk.catalog.saved_searches.add(floods)
    alert(desk)
    desk.catalog.saved_searches.remove(floods.id)
    assert (tell(desk), receiver.got, desk.outbox.waiting(floods.id)) == (0, [], 0)


def test_beyond_its_bound_matches_are_announced_and_not_queued(
    desk: Desk, floods: SavedSearch, monkeypatch: pytest.MonkeyPatch, quiet: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("worker.storing.outbox.MOST", 3)
    file(desk, *(document(f"n{n}", "Flood") for n in range(5)))
    assert alert(desk) == 5
    assert desk.outbox.waiting(floods.id) == 3
    assert "Too many" in quiet.text


def test_marks_and_nothing_else_stay_and_they_expire(desk: Desk, receiver: Receiver, floods: SavedSearch) -> None:
    file(desk, document("a", "Flood"))
    alert(desk)
    tell(desk)
    redis: Redis = desk.redis
    assert 86_000 < redis.ttl(redis.keys(PREFIX + "mark:*")[0]) <= 86_400
    assert redis.hlen(PREFIX + "tries:" + floods.id) == 0
    assert redis.zcard(PREFIX + "searches") == 0


def test_a_long_answer_is_not_read(desk: Desk, receiver: Receiver, floods: SavedSearch) -> None:
    receiver.body = b"x" * 5_000_000
    file(desk, document("a", "Flood"), document("b", "Flood"))
    alert(desk)
    assert tell(desk) == 2


def test_a_test_is_sent_at_once_and_counts_for_nothing(desk: Desk, receiver: Receiver, floods: SavedSearch) -> None:
    assert (try_out(desk, floods).status, receiver.got[0].json["article"]) == (204, None)
    file(desk, document("a", "Flood"))
    receiver.answers = [500]
    tried = try_out(desk, floods)
    assert (tried.status, "500" in str(tried.problem)) == (500, True)
    assert [g.json["event"] for g in receiver.got] == ["search.test"] * 2
    assert verifies(str(floods.secret), receiver.got[1].headers, receiver.got[1].body)
    assert state(desk, floods) == (False, 0, 0)
    with pytest.raises(BadInput, match="no webhook"):
        try_out(desk, save(desk, "storm"))


def test_secrets_stay_out_of_logs_and_representations(desk: Desk, floods: SavedSearch) -> None:
    assert str(floods.secret).startswith("whsec_")
    assert str(floods.secret) not in repr(floods)


def test_the_outbox_survives_its_client(desk: Desk, receiver: Receiver, floods: SavedSearch, clock: Clock) -> None:
    """A worker that starts again finds what waits."""
    file(desk, document("a", "Flood"))
    alert(desk)
    fresh = Outbox(desk.redis)
    assert fresh.due(clock().timestamp(), 10, lease_s=1) == [floods.id]
