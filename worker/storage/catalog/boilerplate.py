"""Counts of the text blocks that repeat across the pages of a host.

The size is bounded: a host keeps at most `ROOM` fingerprints. When they do not fit, the rarest are dropped, so a count
may be too low, never too high. The counts decay: at `MEMORY` pages all counts are halved, so that blocks which a
redesign removed are forgotten.

Writing is cheap: the first pages of a host are written at once, since they teach most. Later pages are collected in the
process, and of a well-known host only a sample is counted. A crash may lose collected pages; that does no harm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from time import monotonic

from worker.model.catalog import HostBlocks
from worker.storage.catalog.collection import Collection
from worker.storage.ports import Decision, DocumentStore, Put

ROOM = 2000  #: fingerprints kept of one host
MEMORY = 400  #: pages at which counts are halved
FRESH_S = 60.0  #: seconds for which the counts of a host are used without reading them again
HOSTS = 64  #: hosts whose counts a process keeps in memory

YOUNG = 20  #: number of pages up to which each page is written at once
KNOWN_WELL = 100  #: number of pages from which only each `SAMPLE`th page is counted
SAMPLE = 5
COLLECTED = 10  #: pages of a host that are written together
COLLECTED_IN_ALL = 500

Fingerprints = frozenset[str]  #: fingerprints of the blocks of one page


class BoilerplateCounts:
    """The counts of all hosts, with a cache. Threads may share one object."""

    def __init__(self, document_store: DocumentStore, clock: Callable[[], float] = monotonic) -> None:
        # The name of a collection is stored, so it does not change: existing stores have their counts under this one.
        self._hosts = Collection(document_store, "furniture", HostBlocks, key=lambda h: h.host)
        self._clock = clock
        self._lock = Lock()
        self._cache: dict[str, tuple[float, HostBlocks]] = {}
        self._collected: dict[str, list[Fingerprints]] = {}
        self._seen_pages: Counter[str] = Counter()

    def of(self, hosts: Sequence[str]) -> dict[str, HostBlocks]:
        """Return the counts of each host, at most `FRESH_S` seconds old."""
        since = self._clock() - FRESH_S
        with self._lock:
            counts = {host: entry[1] for host in hosts if (entry := self._cache.get(host)) and entry[0] > since}
        missing = [host for host in dict.fromkeys(hosts) if host not in counts]
        for host, stored in zip(missing, self._hosts.get_many(missing), strict=True):
            counts[host] = stored or HostBlocks(host=host)
        self._remember(counts[host] for host in missing)
        return counts

    def add(self, pages: Mapping[str, Sequence[Fingerprints]]) -> None:
        """Count pages, given by host.

        Count a page once: at the first crawl of its row, and not when a batch is read again. An article that is crawled
        five times would otherwise look like boilerplate.
        """
        counts = self.of(list(pages))
        with self._lock:
            for host, blocks in pages.items():
                self._collected.setdefault(host, []).extend(self._sample(counts[host], blocks))
            if sum(map(len, self._collected.values())) >= COLLECTED_IN_ALL:
                ready = list(self._collected)
            else:
                ready = [h for h in pages if len(self._collected[h]) >= (1 if counts[h].pages < YOUNG else COLLECTED)]
            taken = {host: self._collected.pop(host) for host in ready}
        self._write(taken)

    def flush(self) -> None:
        """Write all collected pages."""
        with self._lock:
            taken, self._collected = self._collected, {}
        self._write(taken)

    def _sample(self, known: HostBlocks, blocks: Sequence[Fingerprints]) -> Sequence[Fingerprints]:
        if known.pages < KNOWN_WELL:
            return blocks
        offset = -self._seen_pages[known.host] % SAMPLE
        self._seen_pages[known.host] += len(blocks)
        return blocks[offset::SAMPLE]

    def _write(self, pages: Mapping[str, Sequence[Fingerprints]]) -> None:
        pages = {host: blocks for host, blocks in pages.items() if blocks}

        def add_pages(host: str, current: HostBlocks | None) -> Decision[HostBlocks]:
            return Put(count(current or HostBlocks(host=host), pages[host]))

        self._remember(self._hosts.change(pages, add_pages).values())

    def _remember(self, counts: Iterable[HostBlocks]) -> None:
        now = self._clock()
        with self._lock:
            for blocks in counts:
                self._cache.pop(blocks.host, None)
                self._cache[blocks.host] = (now, blocks)
            for host in list(self._cache)[:-HOSTS]:
                del self._cache[host]
                self._seen_pages.pop(host, None)


def count(known: HostBlocks, pages: Iterable[Fingerprints]) -> HostBlocks:
    """Return the counts of a host after these pages, halved at `MEMORY` and bounded by `ROOM`."""
    seen, total = Counter(known.seen), known.pages
    for page in pages:
        seen.update(page)
        total += 1
        if total >= MEMORY:
            seen, total = Counter({block: n // 2 for block, n in seen.items() if n > 1}), total // 2
        if len(seen) > ROOM:
            seen = Counter(dict(seen.most_common(ROOM // 2)))
    return HostBlocks(host=known.host, pages=total, seen=dict(seen))
