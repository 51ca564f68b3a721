"""The cache of API keys: few requests to the store, and changed keys take effect in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from elastic_transport import Transport
from fastapi.testclient import TestClient

from api.web.app import create_app
from api.web.auth.key_cache import MAX_AGE_S, MAX_KEYS, REFRESH_S, KeyCache
from tests.support.stores import open_document_store
from worker.config.settings import Settings
from worker.errors import Unavailable
from worker.model.catalog import ApiKey
from worker.services.context import AppContext
from worker.storage.catalog import Catalog
from worker.storage.catalog.api_keys import ApiKeys
from worker.wiring import connect

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(sqlite_settings: Settings) -> Settings:
    document_store = open_document_store(sqlite_settings)
    document_store.setup()
    return sqlite_settings


@pytest.fixture
def api_keys(store: Settings) -> ApiKeys:
    return Catalog.on(open_document_store(store)).api_keys


@pytest.fixture
def other_process(store: Settings) -> ApiKeys:
    """Return the same keys, as another process sees them."""
    return Catalog.on(open_document_store(store)).api_keys


def test_changes_of_this_process_take_effect_at_once(api_keys: ApiKeys) -> None:
    cache = KeyCache(api_keys, Clock())
    assert not cache.has_keys()
    key, secret = api_keys.create("one", ["read"], NOW)
    assert cache.has_keys() and cache.check(secret, NOW) == key
    api_keys.revoke(key.id)
    assert not cache.has_keys() and cache.check(secret, NOW) is None
    api_keys.keep([replace(key, id="a" * 12)])
    assert cache.has_keys()


def test_changes_of_another_process_take_effect_after_the_refresh_time(
    api_keys: ApiKeys, other_process: ApiKeys
) -> None:
    clock = Clock()
    cache = KeyCache(api_keys, clock)
    assert not cache.has_keys()
    key, secret = other_process.create("one", ["read"], NOW)
    clock.now += REFRESH_S - 0.1
    assert not cache.has_keys()
    clock.now += 0.2
    assert cache.has_keys() and cache.check(secret, NOW) == key
    other_process.revoke(key.id)
    clock.now += REFRESH_S
    assert not cache.has_keys() and cache.check(secret, NOW) is None


def test_secret_and_expiry_are_checked_each_time(api_keys: ApiKeys) -> None:
    cache = KeyCache(api_keys, Clock())
    key, secret = api_keys.create("one", ["read"], NOW, expires_at=NOW + timedelta(hours=1))
    assert cache.check(secret, NOW) == key
    assert cache.check(secret[:-1] + ("0" if secret[-1] != "0" else "1"), NOW) is None
    assert cache.check(secret, NOW + timedelta(hours=1)) is None
    assert cache.check("not-a-key", NOW) is None


def test_an_error_is_not_remembered(api_keys: ApiKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = KeyCache(api_keys, Clock())

    def fail(_: object) -> bool:
        raise Unavailable("the store does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(ApiKeys, "is_empty", fail)
        with pytest.raises(Unavailable):
            cache.has_keys()
    assert not cache.has_keys()


def test_the_number_of_cached_keys_is_bounded(api_keys: ApiKeys) -> None:
    cache = KeyCache(api_keys, Clock())
    for n in range(MAX_KEYS + 50):
        assert cache.check(f"cd_{n}_x", NOW) is None
    assert len(cache._by_id) == MAX_KEYS


def test_one_thread_refreshes_while_others_use_the_known_value(
    api_keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value is never used beyond its greatest age, even while a refresh hangs."""
    clock = Clock()
    cache = KeyCache(api_keys, clock)
    assert not cache.has_keys()
    clock.now += REFRESH_S
    reads, begun, ended = [], Barrier(2, timeout=10), Barrier(2, timeout=10)

    def hang(_: object) -> bool:
        reads.append(1)
        if len(reads) == 1:
            begun.wait()
            ended.wait()
        return False

    monkeypatch.setattr(ApiKeys, "is_empty", hang)
    refreshing = Thread(target=cache.has_keys)
    refreshing.start()
    begun.wait()
    assert not cache.has_keys() and len(reads) == 1, "the known value"
    clock.now += MAX_AGE_S - REFRESH_S
    assert cache.has_keys() and len(reads) == 2, "too old to be used"
    ended.wait()
    refreshing.join()


class Requests:
    """Requests of the Elasticsearch client, as its transport sends them."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def take(self) -> tuple[int, int]:
        """Return how many requests went to the articles and to the catalog since the last call."""
        catalog = sum("-catalog" in path for _, path in self.sent)
        found = len(self.sent) - catalog, catalog
        self.sent.clear()
        return found


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    recorded, perform = Requests(), Transport.perform_request

    def record(self: Transport, method: str, target: str, **more: Any) -> Any:
        recorded.sent.append((method, target))
        return perform(self, method, target, **more)

    monkeypatch.setattr(Transport, "perform_request", record)
    return recorded


@pytest.fixture
def elastic_context(elastic_settings: Settings, valkey: Any) -> Iterator[AppContext]:
    changed = elastic_settings.model_dump() | {"redis_url": valkey.url}
    yield connect(Settings.model_validate(changed))


def test_searches_without_keys_ask_elasticsearch_once_for_keys(elastic_context: AppContext, requests: Requests) -> None:
    """Each search is one request, and all of them together need one request for the authentication."""
    api = TestClient(create_app(elastic_context), base_url="http://127.0.0.1")
    requests.take()
    assert {api.get("/v1/search").status_code for _ in range(10)} == {200}
    assert requests.take() == (10, 1)


def test_searches_with_a_key_ask_elasticsearch_once_for_it(elastic_context: AppContext, requests: Requests) -> None:
    _, secret = elastic_context.catalog.api_keys.create("reader", ["read"], elastic_context.now())
    api = TestClient(create_app(elastic_context), base_url="http://127.0.0.1")
    requests.take()
    headers = {"Authorization": f"Bearer {secret}"}
    assert {api.get("/v1/search", headers=headers).status_code for _ in range(10)} == {200}
    assert requests.take() == (10, 1)
    assert api.get("/v1/search").status_code == 401


def test_keys_of_the_settings_need_no_store(elastic_context: AppContext, requests: Requests) -> None:
    changed = elastic_context.settings.model_dump() | {"api_keys": "a-key-of-the-settings"}
    context = replace(elastic_context, settings=Settings.model_validate(changed))
    api = TestClient(create_app(context), base_url="http://127.0.0.1")
    requests.take()
    headers = {"Authorization": "Bearer a-key-of-the-settings"}
    assert {api.get("/v1/search", headers=headers).status_code for _ in range(10)} == {200}
    assert requests.take() == (10, 0)


def test_a_revoked_key_of_elasticsearch_is_refused_at_once(elastic_context: AppContext) -> None:
    api_keys = elastic_context.catalog.api_keys
    made: list[tuple[ApiKey, str]] = [api_keys.create(name, ["read"], elastic_context.now()) for name in "ab"]
    api = TestClient(create_app(elastic_context), base_url="http://127.0.0.1")
    headers = {"Authorization": f"Bearer {made[0][1]}"}
    assert api.get("/v1/search", headers=headers).status_code == 200
    api_keys.revoke(made[0][0].id)
    assert api.get("/v1/search", headers=headers).status_code == 401
