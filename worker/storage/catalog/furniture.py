"""Counts of the blocks that a host shows on page after page.

Bounded: a host has room for `ROOM` fingerprints; when they do not fit, the rarest go, so that a count may be too low
by what it had before it was dropped, never too high. Decaying: at `MEMORY` pages all counts are halved, so that what
a redesign has removed is forgotten.

Cheap: the first pages of a host are written at once, since they teach most; later ones gather in the process, and of a
host that is known well only a sample is counted. What a crash loses of them is not missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from time import monotonic

from worker.model.catalog import HostBlocks
from worker.storage.catalog.collection import Collection
from worker.storage.ports import DocumentStore

ROOM = 2000  #: fingerprints of one host
MEMORY = 400  #: pages
FRESH_S = 60.0  #: how long what was read of a host is used without asking again
HOSTS = 64  #: hosts that a process keeps in mind

YOUNG = 20  #: pages up to which each is written at once
KNOWN_WELL = 100  #: pages from which only each `SAMPLE`th is counted
SAMPLE = 5
GATHERED = 10  #: pages of a host that are written together
GATHERED_IN_ALL = 500

Fingerprints = frozenset[str]  #: of the blocks of one page


class FurnitureCounts:
    """Safe to share between threads."""

    def __init__(self, document_store: DocumentStore, clock: Callable[[], float] = monotonic) -> None:
        self._hosts = Collection(document_store, "furniture", HostBlocks, key=lambda h: h.host)
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, tuple[float, HostBlocks]] = {}
        self._gathered: dict[str, list[Fingerprints]] = {}
        self._met: Counter[str] = Counter()

    def of(self, hosts: Sequence[str]) -> dict[str, HostBlocks]:
        """What the pages of each host have shown so far, at most a minute old."""
        since = self._clock() - FRESH_S
        with self._lock:
            known = {host: entry[1] for host in hosts if (entry := self._known.get(host)) and entry[0] > since}
        missing = [host for host in dict.fromkeys(hosts) if host not in known]
        for host, found in zip(missing, self._hosts.get_many(missing), strict=True):
            known[host] = found or HostBlocks(host=host)
        self._keep(known[host] for host in missing)
        return known

    def add(self, pages: Mapping[str, Sequence[Fingerprints]]) -> None:
        """Count pages, by host.

        Count a page once: at the first crawl of its row, and not when a batch is read again. A story that is crawled
        five times would else look like furniture.
        """
        known = self.of(list(pages))
        with self._lock:
            for host, blocks in pages.items():
                self._gathered.setdefault(host, []).extend(self._sample(known[host], blocks))
            if sum(map(len, self._gathered.values())) >= GATHERED_IN_ALL:
                ready = list(self._gathered)
            else:
                ready = [h for h in pages if len(self._gathered[h]) >= (1 if known[h].pages < YOUNG else GATHERED)]
            taken = {host: self._gathered.pop(host) for host in ready}
        self._write(taken)

    def flush(self) -> None:
        """Write what has gathered."""
        with self._lock:
            taken, self._gathered = self._gathered, {}
        self._write(taken)

    def _sample(self, known: HostBlocks, blocks: Sequence[Fingerprints]) -> Sequence[Fingerprints]:
        if known.pages < KNOWN_WELL:
            return blocks
        offset = -self._met[known.host] % SAMPLE
        self._met[known.host] += len(blocks)
        return blocks[offset::SAMPLE]

    def _write(self, pages: Mapping[str, Sequence[Fingerprints]]) -> None:
        pages = {host: blocks for host, blocks in pages.items() if blocks}
        counted = self._hosts.change(pages, lambda host, known: count(known or HostBlocks(host=host), pages[host]))
        self._keep(counted.values())

    def _keep(self, found: Iterable[HostBlocks]) -> None:
        now = self._clock()
        with self._lock:
            for blocks in found:
                self._known.pop(blocks.host, None)
                self._known[blocks.host] = (now, blocks)
            for host in list(self._known)[:-HOSTS]:
                del self._known[host]
                self._met.pop(host, None)


def count(known: HostBlocks, pages: Iterable[Fingerprints]) -> HostBlocks:
    """The counts after these pages, decayed and bounded."""
    seen, total = Counter(known.seen), known.pages
    for page in pages:
        seen.update(page)
        total += 1
        if total >= MEMORY:
            seen, total = Counter({block: n // 2 for block, n in seen.items() if n > 1}), total // 2
        if len(seen) > ROOM:
            seen = Counter(dict(seen.most_common(ROOM // 2)))
    return HostBlocks(host=known.host, pages=total, seen=dict(seen))
