"""Hosts that are paused or whose URLs fail, and how to resume a host at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from worker.errors import BadInput
from worker.model.reasons import Reason
from worker.search.host_filter import origins
from worker.services.context import AppContext

MAX_HOSTS = 200  # maximum number of hosts, and of pairs of host and reason, that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The state of one host."""

    host: str  #: origin, `scheme://host[:port]`
    paused_until: datetime | None = None  #: not visited until then
    why: str | None = None  #: reason of the pause: "http-503", "timeout", "robots-away" …
    failed: Mapping[str, int] = field(default_factory=dict)  #: failed rows, by reason


def troubled(context: AppContext) -> list[Host]:
    """Return the hosts that are paused or whose robots.txt fails, longest pause first, then hosts with failed rows."""
    context.ledger.refresh()
    failed: dict[str, dict[str, int]] = {}
    for host, reason, rows in context.ledger.failing(MAX_HOSTS):
        failed.setdefault(host, {})[reason] = rows
    paused = [p.host for p in context.frontier.paused(context.now().timestamp())]
    away = context.robots.unavailable_hosts(context.frontier.delayed_hosts(MAX_HOSTS))
    found = [_host(context, name, failed.get(name, {})) for name in dict.fromkeys([*paused, *away, *failed])]
    return sorted(found, key=lambda h: (-h.paused_until.timestamp() if h.paused_until else 0, -sum(h.failed.values())))


def paused(context: AppContext, host: str) -> Host | None:
    """Return the state of a host that is not visited now (paused, or robots.txt cannot be fetched), otherwise None."""
    found = _host(context, host, {})
    return found if found.paused_until else None


def resume(context: AppContext, given: str) -> list[Host]:
    """Let a host be visited again as soon as its delay allows, and return its state before.

    `given` is an origin, a URL, or a host name, which means each scheme and port. Raise `BadInput` if no such host is
    paused.
    """
    found = [host for name in _matching(context, given) if (host := paused(context, name))]
    if not found:
        raise BadInput(f"{given} is not paused. To see the paused hosts, run: copydesk hosts list")
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


def _matching(context: AppContext, given: str) -> list[str]:
    pattern = origins([given])
    others = (p.host for p in context.frontier.paused(context.now().timestamp()))
    return list(dict.fromkeys([*pattern.exact, *(host for host in others if host.startswith(pattern.prefixes))]))
