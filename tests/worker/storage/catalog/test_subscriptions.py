"""The hub subscriptions of the catalog, on SQLite and on Elasticsearch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.worker.storage.catalog.conftest import LATER, NOW
from worker.model.catalog import Subscription
from worker.storage.catalog import Catalog
from worker.storage.ports import Put


def subscription(source: str = "herald", **changes: Any) -> Subscription:
    made = Subscription(
        source=source,
        hub="https://hub.example/",
        topic=f"https://{source}.example/feed",
        callback=f"https://copydesk.example/websub/token/{source}",
        token="token",
        due_at=NOW,
    )
    return replace(made, **changes)


def test_a_source_has_one_subscription(catalog: Catalog) -> None:
    whole = subscription(secret="s", requested_at=NOW, expires_at=LATER, tries=2, problem="away", pushed_at=NOW)
    catalog.subscriptions.put(subscription())
    catalog.subscriptions.put(whole)
    assert catalog.subscriptions.get("herald") == whole
    assert catalog.subscriptions.of(["none", "herald"]) == {"herald": whole}
    assert not catalog.subscriptions.remove(subscription(token="of the one before"))
    assert catalog.subscriptions.remove(subscription())
    assert not catalog.subscriptions.remove(subscription())
    assert catalog.subscriptions.get("herald") is None
    assert catalog.subscriptions.change("herald", Put) is None


def test_due_subscriptions_are_claimed_once(catalog: Catalog) -> None:
    catalog.subscriptions.put(subscription("later", due_at=LATER))
    catalog.subscriptions.put(subscription("never", due_at=None))
    catalog.subscriptions.put(subscription("now"))
    [claimed] = catalog.subscriptions.claim_due(NOW, 10, lambda s: NOW + timedelta(minutes=s.tries))
    assert (claimed.source, claimed.tries, claimed.requested_at) == ("now", 1, NOW)
    assert claimed.due_at == NOW + timedelta(minutes=1)
    assert catalog.subscriptions.claim_due(NOW, 10, lambda s: LATER) == []
    assert catalog.subscriptions.get("now") == claimed
