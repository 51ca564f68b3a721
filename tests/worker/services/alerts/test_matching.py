"""Matching of articles with saved searches on SQLite and Elasticsearch."""

from __future__ import annotations

import logging
import sqlite3
import time
from dataclasses import replace

import pytest

from tests.support.servers.webhook_receiver import Receiver
from tests.worker.services.alerts.conftest import document, file, matched, save, tell
from worker.errors import BadInput, Unavailable
from worker.model.query import Query
from worker.queues.event_stream import Event
from worker.search.service import RawResults, SearchRequest
from worker.services.alerts import saved_searches
from worker.services.alerts.matching import GROUP, READER, alert
from worker.services.context import AppContext
from worker.storage.ports import Index


def pending(context: AppContext) -> int:
    return int(context.redis.xpending(context.events.key, GROUP)["pending"])


def test_new_and_changed_articles_that_match_are_announced(either_context: AppContext) -> None:
    context = either_context
    file(context, document("before", "An old flood"))
    alert(context)
    floods = save(context, "flood OR storm -football")
    captions = save(context, "caption:seen", filters={"photographer": ("Dana Whitlock",)})
    save(context, "flood", until=document("x", "").first_seen_at)
    file(context, document("a", "Floods reach the town"), document("b", "Football in the storm"), document("c", "Calm"))
    assert alert(context) == 4
    assert sorted(matched(context)) == sorted([(floods.id, "a"), *((captions.id, id) for id in "abc")])
    file(context, document("c", "Storm after the calm", crawl=2), event="article.changed")
    assert alert(context) == 2
    assert set(matched(context)[4:]) == {(floods.id, "c"), (captions.id, "c")}
    assert alert(context) == 0
    assert pending(context) == 0


def test_many_articles_are_matched_in_parts(either_context: AppContext) -> None:
    search = save(either_context, "flood")
    documents = [document(f"n{n:03}", "Flood" if n % 2 else "Calm") for n in range(250)]
    file(either_context, *documents)
    assert alert(either_context) == 125
    assert {id for found, id in matched(either_context) if found == search.id} == {d.id for d in documents[1::2]}


def test_repeated_events_are_announced_once_and_a_new_version_again(either_context: AppContext) -> None:
    context = either_context
    save(context, "flood")
    first, second = document("a", "Flood"), document("a", "Flood, and more", crawl=2)
    file(context, first)
    context.events.publish([Event.of(first, "article.indexed")] * 3)
    assert alert(context) == 1
    context.events.publish([Event.of(first, "article.indexed")])
    assert alert(context) == 0
    file(context, second, event="article.changed")
    context.events.publish([Event.of(first, "article.indexed")])  # late, by a digester that came back
    assert alert(context) == 1
    assert len(matched(context)) == 2


def test_an_article_that_is_gone_again_matches_nothing(context: AppContext) -> None:
    save(context, "flood")
    file(context, document("a", "Flood"))
    context.index.delete(["a"])
    context.events.publish([Event.of(document("a", "Flood"), "article.gone")])
    assert alert(context) == 0


def test_articles_during_a_pause_are_not_matched_later(context: AppContext) -> None:
    search = save(context, "flood")
    saved_searches.pause(context, search.id)
    file(context, document("a", "Flood"))
    assert alert(context) == 0
    saved_searches.resume(context, search.id)
    file(context, document("b", "Flood"))
    alert(context)
    assert matched(context) == [(search.id, "b")]


class _Broken:
    """An index that fails for one query."""

    def __init__(self, index: Index, text: str) -> None:
        self._index, self._text = index, text

    def refresh(self) -> None:
        self._index.refresh()

    def find(self, request: SearchRequest) -> RawResults:
        if request.query.text == self._text:
            raise sqlite3.OperationalError("too many SQL variables")
        return self._index.find(request)


def test_an_internal_error_stops_only_one_search(context: AppContext) -> None:
    broken, sound = save(context, "flood gauge"), save(context, "flood")
    file(context, document("a", "Flood"))
    assert alert(replace(context, index=_Broken(context.index, "flood gauge"))) == 1  # type: ignore[arg-type]
    assert matched(context) == [(sound.id, "a")]
    assert "too many SQL variables" in str(saved_searches.find(context, broken.id).problem)
    assert pending(context) == 0
    file(context, document("b", "Flood"))
    assert alert(context) == 2
    assert saved_searches.find(context, broken.id).problem is None


@pytest.mark.parametrize("text", ["-", "NOT", '"', "???"])
def test_a_search_without_any_word_is_not_saved(context: AppContext, text: str) -> None:
    with pytest.raises(BadInput, match="no word"):
        save(context, text)
    assert save(context, "").query.text == ""


def test_a_search_that_costs_too_much_is_not_saved(context: AppContext) -> None:
    with pytest.raises(BadInput, match="At most 1,000"):
        save(context, "flood", filters={"lang": tuple(f"x{n}" for n in range(1001))})
    with pytest.raises(BadInput, match="2,000 characters"):
        saved_searches.save(context, "Floods", Query(text="flood " * 400))


class _Silent:
    """An index whose server stops answering between two requests."""

    def __init__(self, index: Index, calls: int) -> None:
        self._index, self._calls = index, calls

    def refresh(self) -> None:
        self._index.refresh()

    def find(self, request: SearchRequest) -> RawResults:
        self._calls -= 1
        if self._calls < 0:
            raise Unavailable("no answer")
        return self._index.find(request)


def test_events_are_read_again_after_the_index_stopped_answering(context: AppContext, receiver: Receiver) -> None:
    for text in ("flood", "gauge", "harbour"):
        save(context, text, receiver.url)
    file(context, document("a", "Flood"))
    with pytest.raises(Unavailable):
        alert(replace(context, index=_Silent(context.index, calls=2)))  # type: ignore[arg-type]
    assert (len(matched(context)), pending(context)) == (2, 1)
    assert alert(context, lease_s=60) == 0, "somebody may still be at it"
    assert alert(context, lease_s=0) == 1
    assert (len(matched(context)), pending(context)) == (3, 0)
    assert (tell(context), len(receiver.got)) == (3, 3)


def test_events_of_a_dead_reader_are_read_again(context: AppContext) -> None:
    save(context, "flood")
    file(context, document("a", "Flood"))
    alert(context)
    file(context, document("b", "Flood"))
    context.redis.xreadgroup(GROUP, READER, {context.events.key: ">"})  # taken, never acknowledged
    assert alert(context, lease_s=60) == 0
    assert alert(context, lease_s=0) == 1
    assert pending(context) == 0


def test_events_after_redis_was_emptied_are_matched(context: AppContext) -> None:
    save(context, "flood")
    file(context, document("a", "Flood"))
    alert(context)
    context.redis.flushall()
    file(context, document("b", "Flood"))
    assert alert(context) == 1
    assert [id for _, id in matched(context)] == ["b"]


def test_a_search_that_cannot_run_gets_a_problem_and_does_not_affect_others(
    context: AppContext, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = save(context, "flood"), save(context, "flood")
    context.catalog.saved_searches.change(broken.id, lambda s: replace(s, query=Query(filters={"shoes": ("red",)})))
    file(context, document("a", "Flood"))
    with caplog.at_level(logging.CRITICAL):
        assert alert(context) == 1
    assert matched(context) == [(sound.id, "a")]
    assert "shoes" in str(saved_searches.find(context, broken.id).problem)


def test_odd_characters_in_one_search_do_not_stop_the_others(context: AppContext, receiver: Receiver) -> None:
    odd = saved_searches.save(context, "Floods \udcff\x00", Query(text="flood \udcff"), webhook=receiver.url).search
    file(context, document("a", "Flood"))
    alert(context)
    tell(context)
    assert matched(context) == [(odd.id, "a")]
    assert receiver.got[0].json["search"]["name"] == "Floods ?\x00"


def test_a_search_does_not_match_articles_indexed_before_it(context: AppContext) -> None:
    before, again = document("a", "Flood"), document("b", "Flood")
    file(context, before, again)
    time.sleep(0.01)  # events and searches know milliseconds
    search = save(context, "flood")
    file(context, document("c", "Flood"))
    context.events.publish([Event.of(again, "article.changed")])
    assert alert(context) == 2
    assert set(matched(context)) == {(search.id, "b"), (search.id, "c")}


def test_events_are_skipped_without_saved_searches(context: AppContext) -> None:
    file(context, *(document(f"n{n}", "Flood") for n in range(20)))
    assert alert(context) == 0
    save(context, "flood")
    assert alert(context) == 0
    assert pending(context) == 0
