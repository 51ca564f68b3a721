"""The names of all keys in Redis.

Every name begins with the setting `redis_prefix`, so that several installations can share one Redis.

On a Redis cluster all keys of one script must be in one slot, and a slot is chosen by the text between the braces of a
key (the hash tag). The frontier, the spool and the outbox therefore have one tag each. A tag for each host would spread
the frontier further, but the index of due hosts and the queue of a host must change in one step: if a process died
between two steps, a host with waiting URLs could be missing from the index, and nothing would visit it again. The
outbox shares the slot of the event stream, because an alert is published and queued in one step.
"""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_PREFIX = "copydesk"
CELERY_QUEUES = ("add", "digest", "fetch")


@dataclass(frozen=True, slots=True)
class FrontierKeys:
    """The keys of the crawl frontier.

    `hosts` (sorted set): host to the time of its next check. `allowed`, `leases`, `pauses` (hashes): by host.
    `counts` (hash): totals, and the last fencing token. The other keys belong to one host each.
    """

    tag: str

    @property
    def shared(self) -> list[str]:
        """The keys of all hosts, in the order in which the scripts expect them."""
        return [f"{self.tag}:{name}" for name in ("hosts", "allowed", "leases", "pauses", "counts")]

    @property
    def hosts(self) -> str:
        """The sorted set of hosts by the time of their next check."""
        return f"{self.tag}:hosts"

    @property
    def pauses(self) -> str:
        """The hash of paused hosts: "UNTIL REASON"."""
        return f"{self.tag}:pauses"

    @property
    def counts(self) -> str:
        """The hash of totals: urls, in_flight, token."""
        return f"{self.tag}:counts"

    def queue(self, host: str) -> str:
        """Return the key of a host's queue: a sorted set of ids by due time."""
        return f"{self.tag}:queue:{host}"

    def failures(self, host: str) -> str:
        """Return the key of a host's number of failures in a row."""
        return f"{self.tag}:failures:{host}"

    def of_host(self, host: str) -> list[str]:
        """Return the shared keys and those of one host, in the order in which the scripts expect them."""
        return [
            *self.shared,
            self.queue(host),
            f"{self.tag}:flight:{host}",
            f"{self.tag}:tries:{host}",
            self.failures(host),
        ]


@dataclass(frozen=True, slots=True)
class SpoolKeys:
    """The keys of the spool: queues of ids, sizes, the last fencing token, and one hash for each page."""

    tag: str

    @property
    def shared(self) -> list[str]:
        """The keys of all pages, in the order in which the scripts expect them."""
        return [f"{self.tag}:{name}" for name in ("fresh", "again", "leased", "sizes", "token")]

    def page(self, id: str) -> str:
        """Return the key of one page's hash."""
        return f"{self.tag}:page:{id}"


@dataclass(frozen=True, slots=True)
class OutboxKeys:
    """The keys of the outbox: hashes and a sorted set over all searches, and three keys for each search."""

    tag: str

    @property
    def searches(self) -> str:
        """The sorted set of searches by the time of their next check."""
        return f"{self.tag}:searches"

    @property
    def shared(self) -> list[str]:
        """The keys of all searches, in the order in which the scripts expect them."""
        return [f"{self.tag}:{name}" for name in ("searches", "announced", "sending", "paused")]

    def queue(self, search: str) -> str:
        """Return the key of a search's queue: a sorted set of delivery ids by due time."""
        return f"{self.tag}:queue:{search}"

    def deliveries(self, search: str) -> str:
        """Return the key of a search's deliveries: a hash of JSON by delivery id."""
        return f"{self.tag}:deliveries:{search}"

    def of_search(self, search: str) -> list[str]:
        """Return the shared keys and those of one search, in the order in which the scripts expect them."""
        return [*self.shared, self.queue(search), self.deliveries(search), f"{self.tag}:tries:{search}"]

    def matched(self, delivery: str) -> str:
        """Return the key that marks a match as announced."""
        return f"{self.tag}:matched:{delivery}"


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of one installation's keys in Redis."""

    prefix: str = DEFAULT_PREFIX

    @property
    def frontier(self) -> FrontierKeys:
        """The keys of the crawl frontier."""
        return FrontierKeys(f"{{{self.prefix}:frontier}}")

    @property
    def spool(self) -> SpoolKeys:
        """The keys of the spool."""
        return SpoolKeys(f"{{{self.prefix}:spool}}")

    @property
    def outbox(self) -> OutboxKeys:
        """The keys of the outbox, in the slot of the event stream."""
        return OutboxKeys(f"{{{self.events}}}:outbox")

    @property
    def events(self) -> str:
        """The event stream."""
        return f"{self.prefix}:events"

    @property
    def totals(self) -> str:
        """The hash of counters that only grow, by kind."""
        return f"{self.prefix}:totals"

    @property
    def sweep_position(self) -> str:
        """The id of the row after which the next sweep continues."""
        return f"{self.prefix}:sweep-position"

    @property
    def digest_wakeup(self) -> str:
        """The short-lived mark that digest workers were woken."""
        return f"{self.prefix}:digest-wakeup"

    def rate(self, kind: str, slot: int) -> str:
        """Return the key of a counter of ten seconds."""
        return f"{self.prefix}:rate:{kind}:{slot}"

    def timing(self, stage: str) -> str:
        """Return the key of a stage's histogram."""
        return f"{self.prefix}:timing:{stage}"

    def robots(self, origin: str) -> str:
        """Return the key of the cached robots.txt of an origin."""
        return f"{self.prefix}:robots:{origin}"

    def hint(self, id: str) -> str:
        """Return the key of what a source says about the article of a row."""
        return f"{self.prefix}:hint:{id}"

    def api_limit(self, name: str) -> str:
        """Return the key of a rate limit of the HTTP API."""
        return f"{self.prefix}:limit:{name}"

    def failed_logins(self, name: str) -> str:
        """Return the key of a counter of wrong API keys."""
        return f"{self.prefix}:guesses:{name}"

    def alive(self, queue: str) -> str:
        """Return the key of the time when a task of a Celery queue last began or ended, in epoch seconds."""
        return f"{self.prefix}:alive:{queue}"

    @property
    def celery_prefix(self) -> str:
        """The prefix of Celery's own keys.

        It is empty with the default `redis_prefix`, so that a plain Celery producer reaches the queue `add`.
        """
        return "" if self.prefix == DEFAULT_PREFIX else f"{self.prefix}:"

    def celery_queue(self, queue: str) -> str:
        """Return the key of the list of messages of a Celery queue."""
        return self.celery_prefix + queue
