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

from worker.config.settings import Settings
from worker.errors import BadInput, FetchFailed, Unavailable
from worker.model.catalog import SavedSearch
from worker.model.records import Document
from worker.queues.outbox import Delivery
from worker.services.context import AppContext
from worker.storage.document_json import from_json, to_json

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


def due(context: AppContext, limit: int) -> list[str]:
    """Searches whose webhooks have something to get now; each is named to one caller alone, and again where nobody has
    begun with it for long."""
    return context.outbox.due(context.now().timestamp(), limit, lease_s=_turn_s(context.settings))


def deliver(context: AppContext, id: str, *, for_s: float = 20.0) -> int:
    """Send what is due to one search's webhook, for about that long, up to the first failure. Returns how many it took;
    0 while another sends to it.

    Raises `Unavailable` when the index does not answer; the delivery then waits as if it had not been tried.
    """
    search = context.catalog.saved_searches.get(id)
    now = context.now().timestamp()
    if search is None or not (search.webhook and search.secret):
        context.outbox.drop(id)
        return 0
    if not context.outbox.begin(id, now, lease_s=_turn_s(context.settings)):
        return 0
    if search.paused:
        context.outbox.finish(id, now + HELD_S)
        return 0
    took, until, failure = 0, now + for_s, None
    while failure is None and now < until and (delivery := _take(context, id)):
        document = _wanted(context, delivery)
        failure = _send(context, search, delivery, document) if document else None
        took += document is not None and failure is None
        if failure is None:
            context.outbox.done(delivery)
        now = context.now().timestamp()
    if took:
        context.catalog.saved_searches.sent(id, context.now())
    context.outbox.finish(id, now + _note(context, search, failure) if failure else now)
    return took


def try_out(context: AppContext, search: SavedSearch) -> Tried:
    """Send a test with the newest article that the search finds, now and once. `BadInput` where it has no webhook."""
    if not (search.webhook and search.secret):
        raise BadInput(f"the saved search {search.id} has no webhook; its matches are in the stream of events")
    found = context.search.find(replace(search.query, size=1)).hits
    body = _body("search.test", search, from_json(found[0].fields) if found else None)
    id = f"test_{secrets.token_hex(12)}"
    try:
        return Tried(context.webhooks.post(search.webhook, body, id=id, secret=search.secret, at=context.now()), None)
    except FetchFailed as e:
        return Tried(e.status, e.detail)


def wait_s(settings: Settings, failures: int, asked_s: float | None = None) -> float:
    """Seconds until the next try after so many failures, or longer where the webhook asked for it (Retry-After). Spread
    between 50% and 100%, so that not all come back at once."""
    wait = min(settings.webhook_retry_base_s * 2.0 ** min(failures - 1, 30), LONGEST_WAIT_S)
    return max(wait * (0.5 + random.random() / 2), asked_s or 0.0)  # noqa: S311


def _take(context: AppContext, id: str) -> Delivery | None:
    return context.outbox.take(id, context.now().timestamp(), lease_s=_turn_s(context.settings))


def _turn_s(settings: Settings) -> float:
    """Longer than any turn: its last request may begin when its time is over."""
    return 60.0 + 2 * settings.webhook_timeout_s


def _wanted(context: AppContext, delivery: Delivery) -> Document | None:
    """The article, unless it was taken down, says something else by now (which is a match of its own), or is no news
    any more."""
    now = context.now().timestamp()
    if now > delivery.matched_at + KEPT_S:
        return None
    try:
        document = context.index.get([delivery.article])[0]
    except Unavailable:
        context.outbox.give_back(delivery, now + PAUSE_S)
        context.outbox.finish(delivery.search, now + PAUSE_S)
        raise
    return document if document and document.article.content_hash == delivery.content_hash else None


def _send(context: AppContext, search: SavedSearch, delivery: Delivery, document: Document) -> FetchFailed | None:
    """One try. None where the webhook took it."""
    body = _body(delivery.event, search, document)
    try:
        context.webhooks.post(str(search.webhook), body, id=delivery.id, secret=str(search.secret), at=context.now())
    except FetchFailed as e:
        _retry(context, delivery, e)
        return e
    return None


def _retry(context: AppContext, delivery: Delivery, failure: FetchFailed) -> None:
    if delivery.tries >= context.settings.webhook_attempts:
        log.warning("Given up: %s for the saved search %s: %s", delivery.article, delivery.search, failure.detail)
        context.outbox.done(delivery)
    else:
        context.outbox.retry(delivery, context.now().timestamp() + wait_s(context.settings, delivery.tries))


def _note(context: AppContext, search: SavedSearch, failure: FetchFailed) -> float:
    """Count a failure; gives how long the webhook is left in peace. One that is gone or leads where nothing may be sent
    is paused at once."""
    most = context.settings.webhook_failures if failure.retry else 1
    noted = context.catalog.saved_searches.failed(search.id, failure.detail, most)
    if noted and noted.paused:
        log.warning("The saved search %s is paused, its webhook fails: %s", search.id, failure.detail)
    return wait_s(context.settings, noted.failures_in_row if noted else 1, failure.retry_after_s)


def _body(event: str, search: SavedSearch, document: Document | None) -> bytes:
    about: Mapping[str, Any] = {"id": search.id, "name": search.name, "q": search.query.text}
    article = to_json(document) if document else None
    return json.dumps({"event": event, "search": about, "article": article}, ensure_ascii=False).encode(
        errors="replace"
    )
