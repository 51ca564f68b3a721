"""WebSub: hubs tell us what is new in a feed, within seconds, and polling goes on by its schedule in case they do not.

A crawl of a feed that names a hub leaves a subscription behind. When it is due the hub is asked; the hub calls back to
see whether we meant it, and so grants a lease; before that ends it is asked again. What a hub posts is read as the feed
itself where it is signed. Elsewhere (a hub without TLS is told no secret) it only makes the source due.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from worker.discovery import feeds, websub
from worker.errors import BadInput, FetchFailed, Unreadable
from worker.model.catalog import Source, Subscription
from worker.services.context import AppContext
from worker.services.crawl.polite_fetch import recent
from worker.services.intake.feed_hints import add_found
from worker.storage.ports import KEEP, Decision, Put

log = logging.getLogger(__name__)
FIRST_WAIT = timedelta(minutes=10)  # for the hub's call; doubles with each try
LONGEST_WAIT = timedelta(days=1)
LEASE = timedelta(days=10)  # where a hub names none
LONGEST_LEASE = timedelta(days=90)
RENEWED_AT = 0.8  # of a lease
LEAST_RENEWAL = timedelta(minutes=5)
FAREWELLS = 3  # tries to tell a hub to stop; whatever it posts later is answered with 410
LEAST_VISIT = timedelta(seconds=30)  # from one visit to the next that a hub without a signature can cause
MOST_PUSHED_BYTES = 1_000_000  # that are read as a feed; of more, the feed itself is fetched


def subscribe(context: AppContext, source: Source, offer: websub.AdvertisedHub | None) -> None:
    """What a visit to a feed found: the hub that it names is asked as soon as may be, one that it names no more is to
    forget us. Nothing without an address at which hubs reach us."""
    public = context.settings.api_public_url
    if not public:
        return
    kept = context.catalog.subscriptions.get(source.name)
    if offer is None:
        leave(context, source.name)
    elif kept is None or kept.leaving or not _is_for(kept, offer, public):
        context.catalog.subscriptions.put(_new(source, offer, public, context.now()))


def leave(context: AppContext, name: str) -> None:
    """Let a source's hub know, when the next round comes, that we want nothing more."""
    now = context.now()
    context.catalog.subscriptions.change(
        name, lambda s: KEEP if s.leaving else Put(replace(s, leaving=True, due_at=now, tries=0))
    )


def claim_due(context: AppContext, limit: int) -> list[str]:
    """Sources whose hub is to be asked now, each named to one caller alone."""
    claimed = context.catalog.subscriptions.claim_due(context.now(), limit, _next_try)
    return [subscription.source for subscription in claimed]


def ask(context: AppContext, name: str) -> None:
    """Ask the hub of a claimed subscription: to tell us what is new, or to stop where its source is gone."""
    subscription = context.catalog.subscriptions.get(name)
    if subscription is None:
        return
    source = _source(context, name)
    if source is not None and source.paused and not subscription.leaving:
        return  # the lease may run out; it is looked at again when it is due
    mode = "unsubscribe" if subscription.leaving or source is None else "subscribe"
    try:
        context.hubs.send(
            subscription.hub,
            mode,
            topic=subscription.topic,
            callback=subscription.callback,
            secret=subscription.secret,
        )
    except FetchFailed as e:
        log.warning("The hub of %s: %s", name, e)
        _failed(context, subscription, e, mode)
    else:
        if mode == "unsubscribe":
            context.catalog.subscriptions.remove(subscription)


def confirm(context: AppContext, name: str, token: str, mode: str, topic: str, lease_s: float | None) -> bool:
    """A hub asks whether we meant it. True confirms: a subscription that was asked for, or the end of one that is not
    wanted any more."""
    subscription = _of(context, name, token)
    if mode == "unsubscribe":
        return subscription is None
    if mode != "subscribe" or subscription is None or subscription.topic != topic or subscription.asked_at is None:
        return False
    now = context.now()
    lease = min(timedelta(seconds=lease_s), LONGEST_LEASE) if lease_s else LEASE
    due = now + max(lease * RENEWED_AT, LEAST_RENEWAL)
    context.catalog.subscriptions.change(
        name, lambda s: Put(replace(s, expires_at=now + lease, due_at=due, tries=0, problem=None))
    )
    return True


def denied(context: AppContext, name: str, token: str, topic: str, reason: str) -> None:
    """The hub does not want us. It is asked again after the longest wait."""
    subscription = _of(context, name, token)
    if subscription is None or subscription.topic != topic:
        return
    problem = f"the hub denies the subscription: {reason[:200] or 'no reason given'}"
    due = context.now() + LONGEST_WAIT
    context.catalog.subscriptions.change(name, lambda s: Put(replace(s, expires_at=None, due_at=due, problem=problem)))


def is_known(context: AppContext, name: str, token: str) -> bool:
    """Whether somebody who posts here speaks for the hub of a source that there is."""
    return _of(context, name, token) is not None and _source(context, name) is not None


def receive(context: AppContext, name: str, token: str, body: bytes, content_type: str, signature: str) -> int:
    """What a hub posts. Returns how many addresses were new. What is signed wrongly is passed over, as the standard
    asks; so is what comes for a paused source."""
    subscription, source = _of(context, name, token), _source(context, name)
    if subscription is None or source is None or source.paused:
        return 0
    if subscription.secret and not websub.is_signed(subscription.secret, signature, body):
        log.warning("Something was posted for %s that its hub has not signed", name)
        return 0
    now = context.now()
    context.catalog.subscriptions.change(name, lambda s: Put(replace(s, pushed_at=now)))
    if subscription.secret and len(body) <= MOST_PUSHED_BYTES:
        try:
            found = feeds.parse(body, source.url, content_type).links
        except Unreadable as e:
            log.info("The hub of %s posts no feed, so it is visited: %s", name, e)
        else:
            return sum(a.verdict == "created" for a in add_found(context, recent(context, found), source=name))
    _visit_soon(context, source, now)
    return 0


def standings(context: AppContext, names: Sequence[str]) -> dict[str, str]:
    """How it stands with the hubs of sources, for people, by source; those without a hub are left out."""
    now = context.now()
    return {name: _standing(s, now) for name, s in context.catalog.subscriptions.of(names).items()}


def _standing(subscription: Subscription, now: datetime) -> str:
    if subscription.leaving:
        return f"{subscription.hub} is asked to stop"
    if subscription.expires_at and subscription.expires_at > now:
        return f"{subscription.hub} until {subscription.expires_at:%Y-%m-%d %H:%M} UTC"
    return f"{subscription.hub}: {subscription.problem or 'asked, not granted yet'}"


def last_push(context: AppContext, name: str) -> datetime | None:
    """When a source's hub last posted something."""
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


def _callbacks(public: str) -> str:
    return public.rstrip("/") + "/websub/"


def _is_for(subscription: Subscription, offer: websub.AdvertisedHub, public: str) -> bool:
    same_hub = (subscription.hub, subscription.topic) == (offer.hub, offer.topic)
    return same_hub and subscription.callback.startswith(_callbacks(public))


def _next_try(tried: Subscription) -> datetime:
    return (tried.asked_at or datetime.now(UTC)) + min(FIRST_WAIT * 2.0 ** min(tried.tries - 1, 20), LONGEST_WAIT)


def _failed(context: AppContext, asked: Subscription, failure: FetchFailed, mode: str) -> None:
    if mode == "unsubscribe" and (asked.tries >= FAREWELLS or not failure.retry):
        context.catalog.subscriptions.remove(asked)
        return
    later = context.now() + (timedelta(seconds=failure.retry_after_s or 0) if failure.retry else LONGEST_WAIT)

    def note(subscription: Subscription) -> Decision[Subscription]:
        if subscription.token != asked.token:
            return KEEP  # the source has another subscription by now
        due = max(later, subscription.due_at or later)
        return Put(replace(subscription, problem=failure.detail, due_at=due))

    context.catalog.subscriptions.change(asked.source, note)


def _of(context: AppContext, name: str, token: str) -> Subscription | None:
    """The subscription whose hub knows this token."""
    subscription = context.catalog.subscriptions.get(name)
    if subscription is None or subscription.leaving:
        return None
    return subscription if hmac.compare_digest(subscription.token.encode(), token.encode("utf-8", "replace")) else None


def _source(context: AppContext, name: str) -> Source | None:
    try:
        return context.catalog.sources.get(name)
    except BadInput:
        return None


def _visit_soon(context: AppContext, source: Source, now: datetime) -> None:
    """Unless it was visited just now, or is visited: then a little later."""
    last = source.history.get("last_at")
    soon = max(now, datetime.fromtimestamp(last, UTC) + LEAST_VISIT) if last else now
    context.catalog.sources.hurry(source.name, now, soon)
