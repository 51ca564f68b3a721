"""The spool: fetched pages that wait to be read, compressed, in Redis.

    spool.put(page)
    batch = spool.take(now, 50, lease_s=120)
    spool.done(batch.token, [page.id for page in batch.pages])    # or give_back(…, due=now + 5)

A page lives until it is done, not until a timer. Taking counts an attempt before it hands out: a page whose lease ran
out may have killed its reader, so from then on it is handed out alone and meets no other. A lease carries a token:
whoever lost it can change nothing any more, and neither can the reader of a crawl that a later one has replaced.

Every step is one Lua script (spool.lua), so none is ever half done. Times are epoch seconds that the caller gives. All
of it may be lost, or any part be evicted: the ledger's sweeper has the pages fetched again. A Redis whose memory is
full takes no more pages, and still gives them out and forgets them.
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
from worker.package_data import read_text

PREFIX = "copydesk:spool:"
SCRIPT = read_text("worker.queues", "lua", "spool.lua")
LEVEL = 3  #: of zstd


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages under one lease."""

    token: str  #: fencing token; "" where there are no pages
    pages: tuple[Page, ...]


class Spool:
    """Safe to share between threads and processes. `redis.RedisError` where Redis does not answer."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._max_bytes = settings.spool_max_bytes
        self._script = redis.register_script(SCRIPT)

    def put(self, page: Page) -> bool:
        """Let a page wait. It replaces an older crawl of its row, and changes nothing (False) where its own crawl or a
        later one is here already."""
        header = asdict(page) | {"body": None, "fetched_at": page.fetched_at.isoformat()}
        body = zstandard.compress(page.body, LEVEL)
        return bool(self._run("put", page.id, page.crawl, page.fetched_at.timestamp(), json.dumps(header), body))

    def is_full(self) -> bool:
        """Whether fetching should pause. A bound on what waits, not on Redis's memory, which is about a tenth more."""
        return self.depths()["bytes"] >= self._max_bytes

    def take(self, now: float, n: int, lease_s: float) -> Batch:
        """Up to `n` pages that wait, under a lease of `lease_s` seconds: given back and lost ones first, then in the
        order in which they were fetched. `Page.attempt` tells how often a page was taken and never came back."""
        token, *fields = self._run("take", now, n, lease_s) or [""]
        pages = (_page(*fields[i : i + 3]) for i in range(0, len(fields), 3))
        return Batch(str(token), tuple(pages))

    def done(self, token: str, ids: Sequence[str]) -> int:
        """Forget pages whose rows are finished. Only those that this lease still holds; returns how many."""
        return int(self._run("done", token, *ids))

    def give_back(self, token: str, ids: Sequence[str], due: float) -> int:
        """Let pages wait again, until `due`, as if they had not been taken: for a reader that found a store silent.
        Only those that this lease still holds; returns how many."""
        return int(self._run("give_back", token, due, *ids))

    def contains(self, id: str) -> bool:
        """Whether a page of this row waits or is being read."""
        return bool(self._run("contains", id))

    def depths(self) -> dict[str, int]:
        """Pages `waiting` and `leased`, and the `bytes` that they hold together."""
        waiting, leased, size = self._run("depths")
        return {"waiting": waiting, "leased": leased, "bytes": size}

    def _run(self, step: str, *args: Any) -> Any:
        return self._script(args=[step, PREFIX, *args])


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
