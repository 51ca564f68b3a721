"""Which articles meet which saved searches: the same on SQLite and on Elasticsearch."""

from __future__ import annotations

import logging
import sqlite3
import time
from dataclasses import replace

import pytest

from tests.alerts.conftest import document, file, matched, save, tell
from tests.alerts.receiver import Receiver
from worker.desk import saving
from worker.desk.alerting import GROUP, alert
from worker.desk.events import STREAM, Event, publish
from worker.desk.parts import Desk
from worker.errors import BadInput, Unavailable
from worker.queries import Query
from worker.storing.ports import Index


def pending(desk: Desk) -> int:
    return int(desk.redis.xpending(STREAM, GROUP)["pending"])


def test_new_and_changed_articles_that_match_are_announced(either_desk: Desk) -> None:
    desk = either_desk
    file(desk, document("before", "An old flood"))
    alert(desk)
    floods = save(desk, "flood OR storm -football")
    captions = save(desk, "caption:seen", filters={"photographer": ("Dana Whitlock",)})
    save(desk, "flood", until=document("x", "").first_seen_at)
    file(desk, document("a", "Floods reach the town"), document("b", "Football in the storm"), document("c", "Calm"))
    assert alert(desk) == 4
    assert sorted(matched(desk)) == sorted([(floods.id, "a"), *((captions.id, id) for id in "abc")])
    file(desk, document("c", "Storm after the calm", crawl=2), event="article.changed")
    assert alert(desk) == 2
    assert set(matched(desk)[4:]) == {(floods.id, "c"), (captions.id, "c")}
    assert alert(desk) == 0
    assert pending(desk) == 0


def test_many_articles_are_asked_about_in_parts(either_desk: Desk) -> None:
    search = save(either_desk, "flood")
    documents = [document(f"n{n:03}", "Flood" if n % 2 else "Calm") for n in range(250)]
    file(either_desk, *documents)
    assert alert(either_desk) == 125
    assert {id for found, id in matched(either_desk) if found == search.id} == {d.id for d in documents[1::2]}


def test_repeated_events_are_announced_once_and_a_new_version_again(either_desk: Desk) -> None:
    desk = either_desk
    save(desk, "flood")
    first, second = document("a", "Flood"), document("a", "Flood, and more", crawl=2)
    file(desk, first)
    publish(desk.redis, [Event.of(first, "article.indexed")] * 3)
    assert alert(desk) == 1
    publish(desk.redis, [Event.of(first, "article.indexed")])
    assert alert(desk) == 0
    file(desk, second, event="article.changed")
    publish(desk.redis, [Event.of(first, "article.indexed")])  # late, by a digester that came back
    assert alert(desk) == 1
    assert len(matched(desk)) == 2


def test_an_article_that_is_gone_again_matches_nothing(desk: Desk) -> None:
    save(desk, "flood")
    file(desk, document("a", "Flood"))
    desk.index.delete(["a"])
    publish(desk.redis, [Event.of(document("a", "Flood"), "article.gone")])
    assert alert(desk) == 0


def test_a_paused_search_matches_nothing_and_does_not_catch_up(desk: Desk) -> None:
    search = save(desk, "flood")
    saving.pause(desk, search.id)
    file(desk, document("a", "Flood"))
    assert alert(desk) == 0
    saving.resume(desk, search.id)
    file(desk, document("b", "Flood"))
    alert(desk)
    assert matched(desk) == [(search.id, "b")]


class _Broken:
    """An index that cannot answer one query, whatever its fault."""

    def __init__(self, index: Index, text: str) -> None:
        self._index, self._text = index, text

    def refresh(self) -> None:
        self._index.refresh()

    def search(self, query: Query) -> object:
        if query.text == self._text:
            raise sqlite3.OperationalError("too many SQL variables")
        return self._index.search(query)


def test_a_fault_of_ours_stops_one_search_alone(desk: Desk) -> None:
    broken, sound = save(desk, "flood gauge"), save(desk, "flood")
    file(desk, document("a", "Flood"))
    assert alert(replace(desk, index=_Broken(desk.index, "flood gauge"))) == 1  # type: ignore[arg-type]
    assert matched(desk) == [(sound.id, "a")]
    assert "too many SQL variables" in str(saving.find(desk, broken.id).problem)
    assert pending(desk) == 0
    file(desk, document("b", "Flood"))
    assert alert(desk) == 2
    assert saving.find(desk, broken.id).problem is None


@pytest.mark.parametrize("text", ["-", "NOT", '"', "???"])
def test_a_search_whose_words_are_none_is_not_saved(desk: Desk, text: str) -> None:
    with pytest.raises(BadInput, match="no word"):
        save(desk, text)
    assert save(desk, "").query.text == ""


def test_a_search_that_costs_too_much_is_not_saved(desk: Desk) -> None:
    with pytest.raises(BadInput, match="1,000 values are allowed"):
        save(desk, "flood", filters={"lang": tuple(f"x{n}" for n in range(1001))})
    with pytest.raises(BadInput, match="2,000 characters"):
        saving.save(desk, "Floods", Query(text="flood " * 400))


class _Silent:
    """An index whose server has gone away in the middle."""

    def __init__(self, index: Index, calls: int) -> None:
        self._index, self._calls = index, calls

    def refresh(self) -> None:
        self._index.refresh()

    def search(self, query: Query) -> object:
        self._calls -= 1
        if self._calls < 0:
            raise Unavailable("no answer")
        return self._index.search(query)


def test_events_are_read_again_when_the_index_fell_silent_in_the_middle(desk: Desk, receiver: Receiver) -> None:
    for text in ("flood", "gauge", "harbour"):
        save(desk, text, receiver.url)
    file(desk, document("a", "Flood"))
    with pytest.raises(Unavailable):
        alert(replace(desk, index=_Silent(desk.index, calls=2)))  # type: ignore[arg-type]
    assert (len(matched(desk)), pending(desk)) == (2, 1)
    assert alert(desk, lease_s=60) == 0, "somebody may still be at it"
    assert alert(desk, lease_s=0) == 1
    assert (len(matched(desk)), pending(desk)) == (3, 0)
    assert (tell(desk), len(receiver.got)) == (3, 3)


def test_a_reader_that_died_before_it_was_done_is_made_up_for(desk: Desk) -> None:
    save(desk, "flood")
    file(desk, document("a", "Flood"))
    alert(desk)
    file(desk, document("b", "Flood"))
    desk.redis.xreadgroup(GROUP, "desk", {STREAM: ">"})  # taken, never acknowledged
    assert alert(desk, lease_s=60) == 0
    assert alert(desk, lease_s=0) == 1
    assert pending(desk) == 0


def test_a_broker_that_was_emptied_loses_no_later_event(desk: Desk) -> None:
    save(desk, "flood")
    file(desk, document("a", "Flood"))
    alert(desk)
    desk.redis.flushall()
    file(desk, document("b", "Flood"))
    assert alert(desk) == 1
    assert [id for _, id in matched(desk)] == ["b"]


def test_a_search_that_cannot_be_asked_is_flagged_and_harms_no_other(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = save(desk, "flood"), save(desk, "flood")
    desk.catalog.saved_searches.change(broken.id, lambda s: replace(s, query=Query(filters={"shoes": ("red",)})))
    file(desk, document("a", "Flood"))
    with caplog.at_level(logging.CRITICAL):
        assert alert(desk) == 1
    assert matched(desk) == [(sound.id, "a")]
    assert "shoes" in str(saving.find(desk, broken.id).problem)


def test_odd_characters_in_a_search_stop_nobody(desk: Desk, receiver: Receiver) -> None:
    odd = saving.save(desk, "Floods \udcff\x00", Query(text="flood \udcff"), webhook=receiver.url).search
    file(desk, document("a", "Flood"))
    alert(desk)
    tell(desk)
    assert matched(desk) == [(odd.id, "a")]
    assert receiver.got[0].json["search"]["name"] == "Floods ?\x00"


def test_a_search_is_not_told_what_was_filed_before_it(desk: Desk) -> None:
    before, again = document("a", "Flood"), document("b", "Flood")
    file(desk, before, again)
    time.sleep(0.01)  # events and searches know milliseconds
    search = save(desk, "flood")
    file(desk, document("c", "Flood"))
    publish(desk.redis, [Event.of(again, "article.changed")])
    assert alert(desk) == 2
    assert set(matched(desk)) == {(search.id, "b"), (search.id, "c")}


def test_without_searches_events_are_passed_over(desk: Desk) -> None:
    file(desk, *(document(f"n{n}", "Flood") for n in range(20)))
    assert alert(desk) == 0
    save(desk, "flood")
    assert alert(desk) == 0
    assert pending(desk) == 0
