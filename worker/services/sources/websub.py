"""WebSub: hubs push new entries of a feed within seconds. Scheduled visits continue in case a hub fails.

A visit of a feed that names a hub creates a subscription. When it is due, a job in the hub's host queue requests it.
The hub calls back to verify that we want it, and so grants a lease; before the lease ends, the subscription is
requested again. A signed push is read as the feed itself. An unsigned push (a hub without TLS gets no secret) only
makes the source due.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import quote

from worker import urls
from worker.discovery import feeds, websub
from worker.errors import BadInput, FetchFailed, Unreadable
from worker.model.catalog import Source, Subscription
from worker.model.reasons import Reason
from worker.queues.frontier import FIRST
from worker.services.context import AppContext
from worker.services.crawl.host_session import HostSession
from worker.services.crawl.jobs import HubJob
from worker.services.intake.feed_hints import add_found
from worker.services.sources.page_links import recent_links
from worker.storage.ports import KEEP, Decision, Put

log = logging.getLogger(__name__)
FIRST_WAIT = timedelta(minutes=10)  # wait for the hub's verification; doubles with each try
MAX_WAIT = timedelta(days=1)
DEFAULT_LEASE = timedelta(days=10)  # lease if the hub does not name one
MAX_LEASE = timedelta(days=90)
RENEWAL_SHARE = 0.8  # part of a lease after which it is renewed
MIN_RENEWAL = timedelta(minutes=5)
MAX_UNSUBSCRIBE_TRIES = 3  # requests to unsubscribe; later pushes are answered with 410
MIN_VISIT_INTERVAL = timedelta(seconds=30)  # minimum time between visits that unsigned pushes cause
MAX_PUSHED_BYTES = 1_000_000  # maximum size of a push that is read; for a larger one, the feed itself is fetched


def subscribe(context: AppContext, source: Source, offer: websub.AdvertisedHub | None) -> None:
    """Subscribe to the hub that a feed names, and cancel the subscription to the hub that it named before.

    Do nothing if hubs cannot reach us (no `api_public_url`).
    """
    public = context.settings.api_public_url
    if not public:
        return
    kept = context.catalog.subscriptions.get(source.name)
    if offer is None:
        leave(context, source.name)
    elif kept is None or kept.leaving or not _is_for(kept, offer, public):
        context.catalog.subscriptions.put(_new(source, offer, public, context.now()))


def leave(context: AppContext, name: str) -> None:
    """End a source's subscription. The hub gets the request in the next round."""
    now = context.now()
    context.catalog.subscriptions.change(
        name, lambda s: KEEP if s.leaving else Put(replace(s, leaving=True, due_at=now, tries=0))
    )


def queue_due(context: AppContext, limit: int) -> int:
    """Claim due subscriptions and put a job for each into the queue of its hub's host. Return how many."""
    claimed = context.catalog.subscriptions.claim_due(context.now(), limit, _next_try)
    jobs = []
    for subscription in claimed:
        try:
            jobs.append((urls.target(subscription.hub).host, HubJob(subscription.source).id))
        except BadInput as e:
            _failed(context, subscription, FetchFailed(Reason.BAD_URL, str(e)), _mode(context, subscription))
    context.frontier.push(jobs, due=FIRST)
    return len(claimed)


def request_subscription(context: AppContext, session: HostSession, name: str) -> None:
    """Request a claimed subscription from its hub, or its cancellation if it is not wanted any more."""
    subscription = context.catalog.subscriptions.get(name)
    if subscription is None or not _is_at(subscription, session.host):
        return  # a new subscription at another hub has a job of its own, in the queue of that hub's host
    source = _source(context, name)
    if source is not None and source.paused and not subscription.leaving:
        return  # the old lease may expire; the subscription is due again later
    mode = _mode(context, subscription)
    send = partial(
        context.hubs.send,
        subscription.hub,
        mode,
        topic=subscription.topic,
        callback=subscription.callback,
        secret=subscription.secret,
    )
    try:
        session.send(send, subscription.hub)
    except FetchFailed as e:
        log.warning("Request to the hub of the source %s failed: %s", name, e)
        _failed(context, subscription, e, mode)
    else:
        if mode == "unsubscribe":
            context.catalog.subscriptions.remove(subscription)


def confirm(context: AppContext, name: str, token: str, mode: str, topic: str, lease_s: float | None) -> bool:
    """Return True if a hub may confirm this request: we subscribed, or we cancelled the subscription."""
    subscription = _of(context, name, token)
    if mode == "unsubscribe":
        return subscription is None
    if mode != "subscribe" or subscription is None or subscription.topic != topic or subscription.requested_at is None:
        return False
    now = context.now()
    lease = min(timedelta(seconds=lease_s), MAX_LEASE) if lease_s else DEFAULT_LEASE
    due = now + max(lease * RENEWAL_SHARE, MIN_RENEWAL)
    context.catalog.subscriptions.change(
        name, lambda s: Put(replace(s, expires_at=now + lease, due_at=due, tries=0, problem=None))
    )
    return True


def denied(context: AppContext, name: str, token: str, topic: str, reason: str) -> None:
    """Record that a hub denies a subscription. It is requested again after `MAX_WAIT`."""
    subscription = _of(context, name, token)
    if subscription is None or subscription.topic != topic:
        return
    problem = f"the hub denies the subscription: {reason[:200] or 'no reason given'}"
    due = context.now() + MAX_WAIT
    context.catalog.subscriptions.change(name, lambda s: Put(replace(s, expires_at=None, due_at=due, problem=problem)))


def is_known(context: AppContext, name: str, token: str) -> bool:
    """Return True if a token belongs to the hub of an existing source."""
    return _of(context, name, token) is not None and _source(context, name) is not None


def receive(context: AppContext, name: str, token: str, body: bytes, content_type: str, signature: str) -> int:
    """Queue the articles of a hub's push and return how many URLs were new.

    A push with a wrong signature is ignored, as the standard demands, and so is one for a paused source.
    """
    subscription, source = _of(context, name, token), _source(context, name)
    if subscription is None or source is None or source.paused:
        return 0
    if subscription.secret and not websub.is_signed(subscription.secret, signature, body):
        log.warning("Push ignored: its signature is not from the hub of %s", name)
        return 0
    now = context.now()
    context.catalog.subscriptions.change(name, lambda s: Put(replace(s, pushed_at=now)))
    if subscription.secret and len(body) <= MAX_PUSHED_BYTES:
        try:
            links = feeds.parse(body, source.url, content_type).links
        except Unreadable as e:
            log.info("The push for %s is not a feed, so the source is visited: %s", name, e)
        else:
            return sum(a.verdict == "created" for a in add_found(context, recent_links(context, links), source=name))
    _visit_soon(context, source, now)
    return 0


def hub_states(context: AppContext, names: Sequence[str]) -> dict[str, str]:
    """Return the state of the hub of each source, as text for people. Sources without a hub are omitted."""
    now = context.now()
    return {name: _state_of(s, now) for name, s in context.catalog.subscriptions.of(names).items()}


def _state_of(subscription: Subscription, now: datetime) -> str:
    if subscription.leaving:
        return f"{subscription.hub}: unsubscribing"
    if subscription.expires_at and subscription.expires_at > now:
        return f"{subscription.hub} until {subscription.expires_at:%Y-%m-%d %H:%M} UTC"
    return f"{subscription.hub}: {subscription.problem or 'requested, not granted yet'}"


def last_push(context: AppContext, name: str) -> datetime | None:
    """Return the time of the last push of a source's hub, or None."""
    subscription = context.catalog.subscriptions.get(name)
    return subscription.pushed_at if subscription else None


def _new(source: Source, offer: websub.AdvertisedHub, public: str, now: datetime) -> Subscription:
    token = websub.new_token()
    return Subscription(
        source=source.name,
        hub=offer.hub,
        topic=offer.topic,
        callback=f"{_callbacks(public)}{token}/{quote(source.name, safe='')}",
        token=token,
        secret=websub.new_token() if websub.is_secure(offer.hub) else None,
        due_at=now,
    )


def _is_at(subscription: Subscription, host: str) -> bool:
    try:
        return urls.target(subscription.hub).host == host
    except BadInput:
        return False


def _callbacks(public: str) -> str:
    return public.rstrip("/") + "/websub/"


def _is_for(subscription: Subscription, offer: websub.AdvertisedHub, public: str) -> bool:
    same_hub = (subscription.hub, subscription.topic) == (offer.hub, offer.topic)
    return same_hub and subscription.callback.startswith(_callbacks(public))


def _next_try(tried: Subscription) -> datetime:
    return (tried.requested_at or datetime.now(UTC)) + min(FIRST_WAIT * 2.0 ** min(tried.tries - 1, 20), MAX_WAIT)


def _failed(context: AppContext, asked: Subscription, failure: FetchFailed, mode: str) -> None:
    if mode == "unsubscribe" and (asked.tries >= MAX_UNSUBSCRIBE_TRIES or not failure.retry):
        context.catalog.subscriptions.remove(asked)
        return
    later = context.now() + (timedelta(seconds=failure.retry_after_s or 0) if failure.retry else MAX_WAIT)

    def note(subscription: Subscription) -> Decision[Subscription]:
        if subscription.token != asked.token:
            return KEEP  # the source has another subscription by now
        due = max(later, subscription.due_at or later)
        return Put(replace(subscription, problem=failure.detail, due_at=due))

    context.catalog.subscriptions.change(asked.source, note)


def _of(context: AppContext, name: str, token: str) -> Subscription | None:
    """Return the subscription of a source if the token belongs to it."""
    subscription = context.catalog.subscriptions.get(name)
    if subscription is None or subscription.leaving:
        return None
    return subscription if hmac.compare_digest(subscription.token.encode(), token.encode("utf-8", "replace")) else None


def _mode(context: AppContext, subscription: Subscription) -> str:
    is_wanted = not subscription.leaving and _source(context, subscription.source) is not None
    return "subscribe" if is_wanted else "unsubscribe"


def _source(context: AppContext, name: str) -> Source | None:
    try:
        return context.catalog.sources.get(name)
    except BadInput:
        return None


def _visit_soon(context: AppContext, source: Source, now: datetime) -> None:
    """Make a source due now, or a little later if it was just visited."""
    last = source.history.get("last_at")
    soon = max(now, datetime.fromtimestamp(last, UTC) + MIN_VISIT_INTERVAL) if last else now
    context.catalog.sources.hurry(source.name, now, soon)
