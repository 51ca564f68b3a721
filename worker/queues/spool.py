"""The spool: fetched pages that wait to be read, compressed, in Redis.

    spool.put(page)
    batch = spool.take(now, 50, lease_s=120)
    spool.done(batch.token, [page.id for page in batch.pages])    # or give_back(…, due=now + 5)

A page stays until it is done. Taking counts an attempt before it hands out a page. A page whose lease ran out may have
killed its reader, so it is handed out alone from then on. A lease carries a fencing token: a reader whose lease was
lost can change nothing any more, and neither can the reader of a crawl that was replaced by a later one.

Each step that changes something is one Lua script and so happens completely or not at all. Times are epoch seconds,
given by the caller. Redis may lose all of this or evict any part: the sweeper lets the pages be fetched again. A
Redis whose memory is full refuses new pages, but still returns and deletes stored ones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import zstandard
from redis import Redis

from worker.config.settings import Settings
from worker.model.records import Page
from worker.queues.scripts import Scripts
from worker.redis_keys import Keys

ZSTD_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages under one lease."""

    token: str  #: fencing token; "" if there are no pages
    pages: tuple[Page, ...]


class Spool:
    """The pages that wait to be read.

    Safe to share between threads and processes. Raises `redis.RedisError` if Redis does not answer.
    """

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._max_bytes = settings.spool_max_bytes
        self._keys = Keys(settings.redis_prefix).spool
        self._scripts = Scripts(redis, "spool")

    def put(self, page: Page) -> bool:
        """Let a page wait. Return False if this crawl of it or a later one is here already.

        It replaces an older crawl of its row.
        """
        header = asdict(page) | {"body": None, "fetched_at": page.fetched_at.isoformat()}
        body = zstandard.compress(page.body, ZSTD_LEVEL)
        fetched_at = page.fetched_at.timestamp()
        return bool(self._run("put", [page.id], page.id, page.crawl, fetched_at, json.dumps(header), body))

    def is_full(self) -> bool:
        """Return True if fetching should pause.

        The bound counts what waits, not Redis's memory, which is about a tenth more.
        """
        return self.depths()["bytes"] >= self._max_bytes

    def take(self, now: float, n: int, lease_s: float) -> Batch:
        """Return up to `n` waiting pages under a lease of `lease_s` seconds.

        Pages that were given back or lost come first, then the others in the order of their fetches. `Page.attempt` is
        the number of times that a page was taken and never came back.
        """
        while ids := [_text(id) for id in self._run("candidates", [], now, n)]:
            if taken := self._run("take", ids, now, n, lease_s, *ids):
                token, *fields = taken
                return Batch(str(token), tuple(_page(*fields[i : i + 3]) for i in range(0, len(fields), 3)))
        return Batch("", ())  # other readers took all candidates, or Redis has evicted their pages

    def done(self, token: str, ids: Sequence[str]) -> int:
        """Forget pages whose rows are finished, and return how many: only those that this lease holds."""
        return int(self._run("done", ids, token, *ids))

    def give_back(self, token: str, ids: Sequence[str], due: float) -> int:
        """Let pages wait until `due`, as if they had not been taken, and return how many.

        Use this if a store did not answer. Only pages that this lease holds are given back.
        """
        return int(self._run("give_back", ids, token, due, *ids))

    def contains(self, id: str) -> bool:
        """Return True if a page of this row waits or is being read."""
        return bool(self.contained([id]))

    def contained(self, ids: Sequence[str]) -> set[str]:
        """Return the rows whose pages wait or are being read."""
        return {_text(id) for id in self._run("contains", ids, *ids)} if ids else set()

    def depths(self) -> dict[str, int]:
        """Return the numbers of `waiting` and `leased` pages, and the `bytes` of both together."""
        waiting, leased, size = self._run("depths", [])
        return {"waiting": waiting, "leased": leased, "bytes": size}

    def _run(self, command: str, ids: Sequence[str], *args: Any) -> Any:
        return self._scripts.run(command, [*self._keys.shared, *map(self._keys.page, ids)], *args)


def _page(attempt: int, header: bytes, body: bytes) -> Page:
    fields = json.loads(header)
    return Page(
        **fields
        | {
            "fetched_at": datetime.fromisoformat(fields["fetched_at"]),
            "body": zstandard.decompress(body),
            "attempt": attempt,
        }
    )


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
