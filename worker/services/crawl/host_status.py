"""Hosts that are left alone or fail, and how to go on with one at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from worker.errors import BadInput
from worker.model.reasons import Reason
from worker.search.host_filter import origins
from worker.services.context import AppContext

MOST = 200  # hosts and reasons that are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """How it stands with one host."""

    host: str  #: origin, `scheme://host[:port]`
    paused_until: datetime | None = None  #: left alone until then
    why: str | None = None  #: reason of the pause: "http-503", "timeout", "robots-away" …
    failed: Mapping[str, int] = field(default_factory=dict)  #: rows that stand as failed, by reason


def troubled(context: AppContext) -> list[Host]:
    """Those that are paused or without a robots.txt, the longest first, then those of failed rows, the most rows
    first."""
    context.ledger.refresh()
    failed: dict[str, dict[str, int]] = {}
    for host, reason, rows in context.ledger.failing(MOST):
        failed.setdefault(host, {})[reason] = rows
    paused = [p.host for p in context.frontier.paused(context.now().timestamp())]
    away = [host for host in context.frontier.delayed_hosts(MOST) if context.robots.unavailable(host)]
    found = [_host(context, name, failed.get(name, {})) for name in dict.fromkeys([*paused, *away, *failed])]
    return sorted(found, key=lambda h: (-h.paused_until.timestamp() if h.paused_until else 0, -sum(h.failed.values())))


def paused(context: AppContext, host: str) -> Host | None:
    """The host, if it is left alone now: paused, or without a robots.txt."""
    found = _host(context, host, {})
    return found if found.paused_until else None


def resume(context: AppContext, given: str) -> list[Host]:
    """Visit a host again as soon as politeness lets us; returns how it stood. Takes an origin, an address, or a bare
    name, which is meant with each scheme and port. `BadInput` where none of these is left alone."""
    found = [host for name in _meant(context, given) if (host := paused(context, name))]
    if not found:
        raise BadInput(f"{given} is not paused; `copydesk hosts list` names the hosts that are")
    for host in found:
        is_away = context.robots.unavailable(host.host) is not None
        if is_away:
            context.robots.forget(host.host)
        context.frontier.resume(host.host, is_away=is_away)
    return found


def _host(context: AppContext, name: str, failed: Mapping[str, int]) -> Host:
    pause, away = context.frontier.pause_of(name), context.robots.unavailable(name)
    until, why = max(
        (pause.until, pause.reason) if pause else (0.0, ""),
        (away.fresh_until, Reason.ROBOTS_AWAY) if away else (0.0, ""),
    )
    if until <= context.now().timestamp():
        return Host(host=name, failed=failed)
    return Host(host=name, paused_until=datetime.fromtimestamp(until, UTC), why=why, failed=failed)


def _meant(context: AppContext, given: str) -> list[str]:
    meant = origins([given])
    others = (p.host for p in context.frontier.paused(context.now().timestamp()))
    return list(dict.fromkeys([*meant.exact, *(host for host in others if host.startswith(meant.prefixes))]))
