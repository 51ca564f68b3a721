"""Deliver matches to webhooks: signed, with retries, one at a time for each search.

A failed delivery is tried again after a wait that doubles. Its webhook gets no request meanwhile; this pause doubles
with each failure in a row, of any delivery. So an article that a receiver cannot process does not delay the others, and
a receiver that is down costs one request for each pause. After `webhook_failures` the search is paused and gets a
problem; its deliveries are kept until it is resumed.
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
MAX_WAIT_S = 3600.0
PAUSE_S = 5.0  # wait before a delivery is tried again after the index did not answer
PAUSED_SEARCH_S = 3600.0  # wait before a paused search is checked again; resuming it checks at once
MAX_AGE_S = 7 * 86_400.0  # maximum age of a match that is still delivered


@dataclass(frozen=True, slots=True)
class TestDelivery:
    """The result of a test delivery."""

    status: int | None  #: None if there was no answer
    problem: str | None  #: None if the webhook accepted it


def due(context: AppContext, limit: int) -> list[str]:
    """Return searches with due deliveries. Each is given to one caller, and to another if that one does not begin."""
    return context.outbox.due(context.now().timestamp(), limit, lease_s=_lease_s(context.settings))


def deliver(context: AppContext, id: str, *, for_s: float = 20.0) -> int:
    """Send the due deliveries of one search for about `for_s` seconds, until the first failure. Return their number.

    Returns 0 while another process sends to the same webhook. Raises `Unavailable` if the index does not answer; the
    delivery then waits as if it had not been tried.
    """
    search = context.catalog.saved_searches.get(id)
    now = context.now().timestamp()
    if search is None or not (search.webhook and search.secret):
        context.outbox.drop(id)
        return 0
    if not context.outbox.begin(id, now, lease_s=_lease_s(context.settings)):
        return 0
    if search.paused:
        context.outbox.finish(id, now + PAUSED_SEARCH_S)
        return 0
    took, until, failure = 0, now + for_s, None
    while failure is None and now < until and (delivery := _take(context, id)):
        document = _article(context, delivery)
        failure = _send(context, search, delivery, document) if document else None
        took += document is not None and failure is None
        if failure is None:
            context.outbox.done(delivery)
        now = context.now().timestamp()
    if took:
        context.catalog.saved_searches.sent(id, context.now())
    context.outbox.finish(id, now + _note(context, search, failure) if failure else now)
    return took


def try_out(context: AppContext, search: SavedSearch) -> TestDelivery:
    """Send a test with the newest article that the search finds. Raises `BadInput` if it has no webhook."""
    if not (search.webhook and search.secret):
        raise BadInput(f"The saved search {search.id} has no webhook. Its matches are in the event stream.")
    found = context.search.find(replace(search.query, size=1)).hits
    body = _body("search.test", search, from_json(found[0].fields) if found else None)
    id = f"test_{secrets.token_hex(12)}"
    try:
        return TestDelivery(
            context.webhooks.post(search.webhook, body, id=id, secret=search.secret, at=context.now()), None
        )
    except FetchFailed as e:
        return TestDelivery(e.status, e.detail)


def wait_s(settings: Settings, failures: int, asked_s: float | None = None) -> float:
    """Return the seconds until the next try after this number of failures, or `asked_s` (Retry-After) if it is longer.

    The wait is a random part between 50% and 100%, so that retries do not come all at once.
    """
    wait = min(settings.webhook_retry_base_s * 2.0 ** min(failures - 1, 30), MAX_WAIT_S)
    return max(wait * (0.5 + random.random() / 2), asked_s or 0.0)  # noqa: S311


def _take(context: AppContext, id: str) -> Delivery | None:
    return context.outbox.take(id, context.now().timestamp(), lease_s=_lease_s(context.settings))


def _lease_s(settings: Settings) -> float:
    """Return the time of a lease: longer than a task, whose last request may begin just before its end."""
    return 60.0 + 2 * settings.webhook_timeout_s


def _article(context: AppContext, delivery: Delivery) -> Document | None:
    """Return the article, or None if it was deleted, has changed (which is another match), or is too old."""
    now = context.now().timestamp()
    if now > delivery.matched_at + MAX_AGE_S:
        return None
    try:
        document = context.index.get([delivery.article])[0]
    except Unavailable:
        context.outbox.give_back(delivery, now + PAUSE_S)
        context.outbox.finish(delivery.search, now + PAUSE_S)
        raise
    return document if document and document.article.content_hash == delivery.content_hash else None


def _send(context: AppContext, search: SavedSearch, delivery: Delivery, document: Document) -> FetchFailed | None:
    """Send a delivery once. Return the failure, or None if the webhook accepted it."""
    body = _body(delivery.event, search, document)
    try:
        context.webhooks.post(str(search.webhook), body, id=delivery.id, secret=str(search.secret), at=context.now())
    except FetchFailed as e:
        _retry(context, delivery, e)
        return e
    return None


def _retry(context: AppContext, delivery: Delivery, failure: FetchFailed) -> None:
    if delivery.tries >= context.settings.webhook_attempts:
        message = "Gave up delivering article %s to the webhook of the saved search %s: %s"
        log.warning(message, delivery.article, delivery.search, failure.detail)
        context.outbox.done(delivery)
    else:
        context.outbox.retry(delivery, context.now().timestamp() + wait_s(context.settings, delivery.tries))


def _note(context: AppContext, search: SavedSearch, failure: FetchFailed) -> float:
    """Count a failure, and return the pause of the webhook in seconds.

    The search is paused after `webhook_failures`, or at once if the webhook is gone (410) or not allowed.
    """
    most = context.settings.webhook_failures if failure.retry else 1
    noted = context.catalog.saved_searches.failed(search.id, failure.detail, most)
    if noted and noted.paused:
        log.warning("The saved search %s is paused because its webhook fails: %s", search.id, failure.detail)
    return wait_s(context.settings, noted.failures_in_row if noted else 1, failure.retry_after_s)


def _body(event: str, search: SavedSearch, document: Document | None) -> bytes:
    about: Mapping[str, Any] = {"id": search.id, "name": search.name, "q": search.query.text}
    article = to_json(document) if document else None
    return json.dumps({"event": event, "search": about, "article": article}, ensure_ascii=False).encode(
        errors="replace"
    )
