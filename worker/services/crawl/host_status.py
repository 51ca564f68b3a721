"""Hosts that are paused or whose URLs fail, and how to resume a host at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from worker.errors import BadInput
from worker.model.reasons import Reason
from worker.queues.frontier import Pause
from worker.search.host_filter import origins
from worker.services.context import AppContext

MAX_HOSTS = 200  # maximum number of hosts, and of pairs of host and reason, that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The state of one host."""

    host: str  #: origin, `scheme://host[:port]`
    paused_until: datetime | None = None  #: not visited until then
    reason: str | None = None  #: reason of the pause: "http-503", "timeout", "robots-away" …
    failed: Mapping[str, int] = field(default_factory=dict)  #: failed rows, by reason


def troubled(context: AppContext) -> list[Host]:
    """Return the hosts that are paused or whose robots.txt fails, longest pause first, then hosts with failed rows."""
    context.ledger.refresh()
    failed: dict[str, dict[str, int]] = {}
    for host, reason, rows in context.ledger.failing(MAX_HOSTS):
        failed.setdefault(host, {})[reason] = rows
    pauses = _pauses(context, [*context.frontier.delayed_hosts(MAX_HOSTS), *failed])
    found = [_host(name, pauses.get(name), failed.get(name, {})) for name in dict.fromkeys([*pauses, *failed])]
    return sorted(found, key=lambda h: (-h.paused_until.timestamp() if h.paused_until else 0, -sum(h.failed.values())))


def paused(context: AppContext, hosts: Collection[str]) -> list[Host]:
    """Return those of some hosts that are not visited now, because they are paused or give no robots.txt."""
    pauses = _pauses(context, hosts)
    return [_host(name, pauses[name], {}) for name in dict.fromkeys(hosts) if name in pauses]


def resume(context: AppContext, given: str) -> list[Host]:
    """Let a host be visited again as soon as its delay allows, and return its state before.

    `given` is an origin, a URL, or a host name, which means each scheme and port. Raise `BadInput` if no such host is
    paused.
    """
    found = paused(context, _matching(context, given))
    if not found:
        raise BadInput(f"{given} is not paused. To see the paused hosts, run: copydesk hosts list")
    away = context.robots.unavailable_hosts(host.host for host in found)
    for host in found:
        if host.host in away:
            context.robots.forget(host.host)
        context.frontier.resume(host.host, is_away=host.host in away)
    return found


def _pauses(context: AppContext, others: Iterable[str]) -> dict[str, Pause]:
    """Return the pause of each paused host, and of each other host that gives no robots.txt, in two Redis requests."""
    pauses = {pause.host: pause for pause in context.frontier.paused(context.now().timestamp())}
    for host, copy in context.robots.unavailable_hosts([*pauses, *others]).items():
        if host not in pauses or pauses[host].until < copy.fresh_until:
            pauses[host] = Pause(host, copy.fresh_until, Reason.ROBOTS_AWAY)
    return pauses


def _host(name: str, pause: Pause | None, failed: Mapping[str, int]) -> Host:
    if pause is None:
        return Host(host=name, failed=failed)
    until = datetime.fromtimestamp(pause.until, UTC)
    return Host(host=name, paused_until=until, reason=pause.reason, failed=failed)


def _matching(context: AppContext, given: str) -> list[str]:
    pattern = origins([given])
    others = (p.host for p in context.frontier.paused(context.now().timestamp()))
    return list(dict.fromkeys([*pattern.exact, *(host for host in others if host.startswith(pattern.prefixes))]))
