"""An Elasticsearch with security: credentials, privileges, and TLS with a private certificate."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.both_stores import answer
from tests.support.pages.corpus import document
from tests.support.servers import elasticsearch_node
from tests.support.servers.redis_server import RedisServer
from tests.worker.services.conftest import Clock, page
from worker.config.settings import Settings
from worker.errors import Unavailable
from worker.model.query import Query
from worker.model.records import Outcome
from worker.search.service import SearchService
from worker.services.digest.digest import PAUSE_S, digest
from worker.services.intake.submit import add
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import Client, Denied, connect
from worker.storage.elasticsearch.document_store import ElasticDocumentStore
from worker.storage.elasticsearch.ledger import ElasticLedger
from worker.storage.ports import Put, StoredItem
from worker.urls import target
from worker.wiring import connect as open_context

pytestmark = pytest.mark.service

USER, PASSWORD, STORE_PASSWORD = "newsroom", "correct horse", "not-a-secret"
SECURITY: dict[str, object] = {
    "xpack.security.enabled": "true",
    "xpack.security.http.ssl.enabled": "true",
    "xpack.security.http.ssl.keystore.path": "http.p12",
    "xpack.security.http.ssl.keystore.password": STORE_PASSWORD,
    "xpack.security.authc.api_key.enabled": "true",
}
#: What a Copydesk needs in a cluster that it shares with others.
PRIVILEGES = {
    "cluster": ["monitor"],
    "indices": [{"names": ["copydesk-*"], "privileges": ["all"]}],
}
#: What is left to a key that may look and change nothing.
READ_ONLY = PRIVILEGES | {"indices": [{"names": ["copydesk-*"], "privileges": ["read", "view_index_metadata"]}]}


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Return the URL of the node, and its certificate."""
    certificate = tmp_path_factory.mktemp("certificate") / "ca.pem"

    def prepare(home: Path, java: Path) -> None:
        _make_certificate(home / "config" / "http.p12", certificate, java)
        users: list[str | Path] = [
            home / "bin" / "elasticsearch-users",
            "useradd",
            USER,
            "-p",
            PASSWORD,
            "-r",
            "superuser",
        ]
        subprocess.run(users, check=True, capture_output=True, env={**os.environ, "ES_JAVA_HOME": str(java)})

    node = elasticsearch_node.start(os.getpid(), SECURITY, prepare)
    yield node.url, certificate
    node.end()


def _make_certificate(store: Path, certificate: Path, java: Path) -> None:
    keytool: list[str | Path] = [
        java / "bin" / "keytool",
        "-keystore",
        store,
        "-storepass",
        STORE_PASSWORD,
        "-alias",
        "http",
    ]
    names = ["-dname", "CN=127.0.0.1", "-ext", "san=ip:127.0.0.1", "-keyalg", "RSA", "-validity", "2"]
    subprocess.run([*keytool, "-genkeypair", "-storetype", "PKCS12", *names], check=True, capture_output=True)
    subprocess.run([*keytool, "-exportcert", "-rfc", "-file", certificate], check=True, capture_output=True)


def settings(secured: tuple[str, Path], **more: Any) -> Settings:
    url, certificate = secured
    return Settings.model_validate({"index_url": url, "index_ca_file": certificate} | more)


@pytest.fixture
def admin(secured: tuple[str, Path]) -> Iterator[Client]:
    with connect(settings(secured, index_username=USER, index_password=PASSWORD)) as client:
        yield client


def use(settings: Settings) -> None:
    """Do everything that a worker does with the article index."""
    index = ElasticIndex(connect(settings), settings)
    index.setup()
    assert [w.status for w in index.write([document("a", "Flood", language="en")])] in (["written"], ["stale"])
    index.refresh()
    assert SearchService(index).find(Query(text="floods", facets=("lang",))).total == 1
    assert [d["id"] for d in SearchService(index).export(Query())] == ["a"]
    assert index.rebuild(lambda done, total: None).documents == 1
    assert index.drop()
    assert "1 articles" in index.check()


def use_ledger_and_catalog(settings: Settings) -> None:
    """Do everything that a worker does with the two other indices."""
    client, now = connect(settings), datetime.now(UTC)
    ledger, document_store = ElasticLedger(client, settings), ElasticDocumentStore(client, settings)
    ledger.setup()
    document_store.setup()
    [admission] = ledger.admit([target("https://news.example/1")], now)
    ledger.refresh()
    assert [list(ledger.scan()), ledger.rows(), ledger.waiting(now + timedelta(days=1), 9)] == [[admission.row]] * 3
    assert ledger.counts()["queued"] == 1
    document_store.change("c", ["1"], lambda id, _: Put(StoredItem(id=id, body={}, due_at=now)))
    assert (document_store.due("c", now, 9), [item.id for item in document_store.all("c")]) == (["1"], ["1"])


def test_search_with_user_and_password(secured: tuple[str, Path]) -> None:
    use(settings(secured, index_username=USER, index_password=PASSWORD))


def test_search_with_an_api_key_with_the_least_privileges(secured: tuple[str, Path], admin: Client) -> None:
    key = admin.security.create_api_key(name="copydesk", role_descriptors={"copydesk": PRIVILEGES})
    use(settings(secured, index_api_key=key["encoded"]))
    use_ledger_and_catalog(settings(secured, index_api_key=key["encoded"]))


def test_a_wrong_password_is_explained(secured: tuple[str, Path]) -> None:
    with pytest.raises(Unavailable, match="COPYDESK_INDEX_USERNAME"):
        use(settings(secured, index_username=USER, index_password="wrong"))


def test_a_key_without_the_privilege_is_explained(secured: tuple[str, Path], admin: Client) -> None:
    key = admin.security.create_api_key(name="reader", role_descriptors={"none": {"cluster": ["monitor"]}})
    with pytest.raises(Unavailable, match="COPYDESK_INDEX_API_KEY"):
        use(settings(secured, index_api_key=key["encoded"]))


Change = Callable[[Client], object]


def take_rights(admin: Client) -> tuple[dict[str, str], Change, Change]:
    """Return settings with write access, and two functions that remove and restore it."""
    key = admin.security.create_api_key(name="copydesk", role_descriptors={"copydesk": PRIVILEGES})

    def let(privileges: dict[str, Any]) -> Change:
        return lambda admin: admin.security.update_api_key(id=key["id"], role_descriptors={"copydesk": privileges})

    return {"index_api_key": key["encoded"]}, let(READ_ONLY), let(PRIVILEGES)


def shut_out(admin: Client) -> tuple[dict[str, str], Change, Change]:
    """Return the same for a user who is disabled."""
    name, password = "night-shift", "long enough"
    admin.security.put_user(username=name, password=password, roles=["superuser"])
    return (
        {"index_username": name, "index_password": password},
        lambda admin: admin.security.disable_user(username=name),
        lambda admin: admin.security.enable_user(username=name),
    )


@pytest.mark.parametrize("way", [take_rights, shut_out])
def test_a_write_without_access_fails_at_once(secured: tuple[str, Path], admin: Client, way: Any) -> None:
    credentials, lose, restore = way(admin)
    found = settings(secured, index_prefix="copydesk-refused", **credentials)
    index = ElasticIndex(connect(found), found)
    index.setup()
    lose(admin)
    began = time.monotonic()
    with pytest.raises(Denied, match="COPYDESK_INDEX_API_KEY"):
        index.write([document("refused")])
    assert time.monotonic() - began < 10
    restore(admin)
    assert [w.status for w in index.write([document("refused")])] in (["written"], ["stale"])


@pytest.mark.parametrize("way", [take_rights, shut_out])
def test_a_worker_continues_when_access_returns(
    secured: tuple[str, Path], admin: Client, way: Any, valkey: RedisServer, tmp_path: Path
) -> None:
    """The client stays the same, and the page waits in the spool."""
    credentials, lose, restore = way(admin)
    with valkey.client() as redis:
        redis.flushall()
    clock = Clock()
    own = {"index_prefix": "copydesk-shut-out", "data_dir": tmp_path, "redis_url": valkey.url}
    found = settings(secured, **own, **credentials)
    context = replace(open_context(found), now=clock)
    row = add(context, [f"https://news.example/{way.__name__}"])[0].row
    assert row
    context.spool.put(answer(context, row, page("A flood")))
    lose(admin)
    for _ in range(found.digest_attempts + 1):
        with pytest.raises(Denied):
            digest(context)
        assert context.spool.depths()["waiting"] == 1
        clock.forward(PAUSE_S + 1)
    restore(admin)
    assert digest(context) == 1
    finished = context.ledger.get([row.id])[0]
    assert finished and finished.outcome is Outcome.INDEXED
    assert context.index.get([row.id])[0]
    context.archive.close()
    context.redis.close()


def test_an_unknown_certificate_is_explained(secured: tuple[str, Path]) -> None:
    url, _ = secured
    known = settings(secured, index_username=USER, index_password=PASSWORD)
    unknown = known.model_copy(update={"index_ca_file": None})
    with pytest.raises(Unavailable, match="COPYDESK_INDEX_CA_FILE"):
        use(unknown)
    assert url.startswith("https://")
