"""The API keys of the catalog, on SQLite and on Elasticsearch."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.stores import open_document_store
from tests.worker.storage.catalog.conftest import LATER, NOW
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.storage.catalog import Catalog


def test_only_the_right_secret_is_accepted(catalog: Catalog) -> None:
    key, presented = catalog.api_keys.create("newsroom", ["read", "add"], NOW, rate_per_minute=60)
    other, _ = catalog.api_keys.create("archive", ["read"], NOW)
    assert catalog.api_keys.check(presented, NOW) == key
    assert sorted(catalog.api_keys.all(), key=lambda k: k.name) == [other, key]
    secret = presented.rpartition("_")[2]
    wrong = [
        "", "_", "cd", "cd__", f"cd_{key.id}", f"cd_{key.id}_", f"cd_{key.id}_{secret[:-1]}", secret,
        f"cd_{other.id}_{secret}", f"xx_{key.id}_{secret}", f"cd_{key.id}_{secret.upper()}", "cd_é_é",
        "cd_\udcff_x", f"cd_{'a' * 1000}_{secret}",
    ]  # fmt: skip
    assert [catalog.api_keys.check(presented, NOW) for presented in wrong] == [None] * len(wrong)


def test_the_secret_is_not_kept(catalog: Catalog, settings: Settings) -> None:
    _, presented = catalog.api_keys.create("newsroom", ["read"], NOW)
    [item] = open_document_store(settings).all("api_keys")
    assert presented.rpartition("_")[2] not in str(item)


def test_keys_expire_and_are_revoked(catalog: Catalog) -> None:
    key, presented = catalog.api_keys.create("newsroom", ["read"], NOW, expires_at=LATER)
    assert catalog.api_keys.check(presented, LATER - timedelta(seconds=1)) == key
    assert catalog.api_keys.check(presented, LATER) is None
    assert (catalog.api_keys.revoke(key.id), catalog.api_keys.revoke(key.id)) == (True, False)
    assert catalog.api_keys.check(presented, NOW) is None


@pytest.mark.parametrize(("scopes", "words"), [(["root"], "Unknown scope: root"), ([], "needs a scope")])
def test_unknown_scopes(catalog: Catalog, scopes: list[str], words: str) -> None:
    with pytest.raises(BadInput, match=f"{words}.*read, add, admin"):
        catalog.api_keys.create("x", scopes, NOW)
    assert list(catalog.api_keys.all()) == []
