"""Matches go out to webhooks: signed, retried, at most one at a time for each search.

A delivery that is not taken is tried again after a wait that doubles, and its webhook is left in peace meanwhile, twice
as long with each failure in a row, whichever delivery met it. So one article that a receiver cannot digest holds up no
other, and a receiver that is down costs one request a wait. After `webhook_failures` the search is paused and flagged:
its deliveries are kept until it is resumed.
"""

from __future__ import annotations

import json
import logging
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from worker.catalog import SavedSearch
from worker.desk.parts import Desk
from worker.errors import BadInput, FetchFailed, Unavailable
from worker.records import Document
from worker.settings import Settings
from worker.storing.documents import to_json
from worker.storing.outbox import Delivery

log = logging.getLogger(__name__)
LONGEST_WAIT_S = 3600.0
PAUSE_S = 5.0  # until deliveries are tried again whose article could not be read from the store
HELD_S = 3600.0  # how often somebody looks whether a paused search goes on; to resume it looks at once
KEPT_S = 7 * 86_400.0  # for so long a match is news at all


@dataclass(frozen=True, slots=True)
class Tried:
    """How a test delivery went."""

    status: int | None  #: None where there was no answer
    problem: str | None  #: None where the webhook took it


def due(desk: Desk, limit: int) -> list[str]:
    """Searches whose webhooks have something to get now; each is named to one caller alone, and again where nobody has
    begun with it for long."""
    return desk.outbox.due(desk.now().timestamp(), limit, lease_s=_turn_s(desk.settings))


def deliver(desk: Desk, id: str, *, for_s: float = 20.0) -> int:
    """Send what is due to one search's webhook, for about that long, up to the first failure. Returns how many it took;
    0 while another sends to it.

    Raises `Unavailable` when the index does not answer; the delivery then waits as if it had not been tried.
    """
    search = desk.catalog.saved_searches.get(id)
    now = desk.now().timestamp()
    if search is None or not (search.webhook and search.secret):
        desk.outbox.drop(id)
        return 0
    if not desk.outbox.begin(id, now, lease_s=_turn_s(desk.settings)):
        return 0
    if search.paused:
        desk.outbox.finish(id, now + HELD_S)
        return 0
    took, until, failure = 0, now + for_s, None
    while failure is None and now < until and (delivery := _take(desk, id)):
        document = _wanted(desk, delivery)
        failure = _send(desk, search, delivery, document) if document else None
        took += document is not None and failure is None
        if failure is None:
            desk.outbox.done(delivery)
        now = desk.now().timestamp()
    if took:
        desk.catalog.saved_searches.sent(id, desk.now())
    desk.outbox.finish(id, now + _note(desk, search, failure) if failure else now)
    return took


def try_out(desk: Desk, search: SavedSearch) -> Tried:
    """Send a test with the newest article that the search finds, now and once. `BadInput` where it has no webhook."""
    if not (search.webhook and search.secret):
        raise BadInput(f"the saved search {search.id} has no webhook; its matches are in the stream of events")
    found = desk.index.search(replace(search.query, size=1)).hits
    body = _body("search.test", search, found[0].document if found else None)
    id = f"test_{secrets.token_hex(12)}"
    try:
        return Tried(desk.webhooks.post(search.webhook, body, id=id, secret=search.secret, at=desk.now()), None)
    except FetchFailed as e:
        return Tried(e.status, e.detail)


def wait_s(settings: Settings, failures: int, asked_s: float | None = None) -> float:
    """Seconds until the next try after so many failures, or longer where the webhook asked for it (Retry-After). Spread
    between 50% and 100%, so that not all come back at once."""
    wait = min(settings.webhook_retry_base_s * 2.0 ** min(failures - 1, 30), LONGEST_WAIT_S)
    return max(wait * (0.5 + random.random() / 2), asked_s or 0.0)  # noqa: S311


def _take(desk: Desk, id: str) -> Delivery | None:
    return desk.outbox.take(id, desk.now().timestamp(), lease_s=_turn_s(desk.settings))


def _turn_s(settings: Settings) -> float:
    """Longer than any turn: its last request may begin when its time is over."""
    return 60.0 + 2 * settings.webhook_timeout_s


def _wanted(desk: Desk, delivery: Delivery) -> Document | None:
    """The article, unless it was taken down, says something else by now (which is a match of its own), or is no news
    any more."""
    now = desk.now().timestamp()
    if now > delivery.matched_at + KEPT_S:
        return None
    try:
        document = desk.index.get([delivery.article])[0]
    except Unavailable:
        desk.outbox.give_back(delivery, now + PAUSE_S)
        desk.outbox.finish(delivery.search, now + PAUSE_S)
        raise
    return document if document and document.article.content_hash == delivery.content_hash else None


def _send(desk: Desk, search: SavedSearch, delivery: Delivery, document: Document) -> FetchFailed | None:
    """One try. None where the webhook took it."""
    body = _body(delivery.event, search, document)
    try:
        desk.webhooks.post(str(search.webhook), body, id=delivery.id, secret=str(search.secret), at=desk.now())
    except FetchFailed as e:
        _retry(desk, delivery, e)
        return e
    return None


def _retry(desk: Desk, delivery: Delivery, failure: FetchFailed) -> None:
    if delivery.tries >= desk.settings.webhook_attempts:
        log.warning("Given up: %s for the saved search %s: %s", delivery.article, delivery.search, failure.detail)
        desk.outbox.done(delivery)
    else:
        desk.outbox.retry(delivery, desk.now().timestamp() + wait_s(desk.settings, delivery.tries))


def _note(desk: Desk, search: SavedSearch, failure: FetchFailed) -> float:
    """Count a failure; gives how long the webhook is left in peace. One that is gone or leads where nothing may be sent
    is paused at once."""
    most = desk.settings.webhook_failures if failure.retry else 1
    noted = desk.catalog.saved_searches.failed(search.id, failure.detail, most)
    if noted and noted.paused:
        log.warning("The saved search %s is paused, its webhook fails: %s", search.id, failure.detail)
    return wait_s(desk.settings, noted.failures_in_row if noted else 1, failure.retry_after_s)


def _body(event: str, search: SavedSearch, document: Document | None) -> bytes:
    about: Mapping[str, Any] = {"id": search.id, "name": search.name, "q": search.query.text}
    article = to_json(document) if document else None
    return json.dumps({"event": event, "search": about, "article": article}, ensure_ascii=False).encode(
        errors="replace"
    )
