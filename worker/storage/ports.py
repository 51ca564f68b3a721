"""What the rest of the worker asks of a store. Each Protocol has a contract suite in
tests/worker/storage/contract/ that every
implementation passes. All methods are safe to call from several threads and processes at once. A store that does not
answer raises `errors.Unavailable`; a part of the call may have been written by then, and to repeat it is always safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from worker.model.query import Query, Results
from worker.model.records import Admission, CrawlResult, Document, Outcome, Row, State, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of one document of a bulk write."""

    id: str
    status: str  #: "written"; "stale": this version or a later one is there already; "refused": see `reason`
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One physical index of the articles. A rebuild makes a new one behind the same names."""

    name: str
    documents: int
    size_bytes: int
    is_current: bool  #: searched and written
    note: str = ""  #: what an operator should know or do


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild did."""

    name: str
    previous: str
    documents: int
    elapsed_s: float
    paused_s: float  #: how long writers had to wait, at most; searches never wait


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """A small document on a shelf."""

    id: str
    body: Mapping[str, Any]  #: as JSON has it
    due_at: datetime | None = None  #: when it is to be seen to next; None: never


#: Given documents as they stand, how they shall be filed: the same ids in the same order, no version lower than it was.
Renew = Callable[[Sequence[Document]], Sequence[Document]]


class Ledger(Protocol):
    """One row per canonical URL; the truth of what was accepted and how it ended."""

    def setup(self) -> None:
        """Create what is missing; never delete or empty anything. Safe to repeat."""

    def admit(self, targets: Sequence[Target], now: datetime) -> list[Admission]:
        """Write a queued row for each target that is new, due again (`next_crawl_at <= now`) or forced; one answer
        each, in order. When this returns, the rows are durable. A target twice in one call is `known` the second time.
        A requeued row keeps outcome, article_id and first_seen_at, and its crawl number goes up by one."""

    def get(self, ids: Sequence[str]) -> list[Row | None]:
        """Rows by id, in order, as they stand now (never a stale search view)."""

    def finish(self, results: Sequence[CrawlResult]) -> list[bool]:
        """End crawls. False for each whose row is not queued with that crawl number: a late or repeated message."""

    def tombstone(self, ids: Sequence[str], now: datetime, *, reason: str, detail: str) -> list[bool]:
        """End rows as rejected, whatever their state, and let go of their documents: article_id, content hash and
        validators are cleared, and a crawl under way settles nothing any more. False where there is no row."""

    def update_content_hash(self, refiled: Sequence[Row]) -> list[bool]:
        """Take content hash and validators of these rows, as the caller read them otherwise: their documents were filed
        anew, or lost, without a crawl. False for each whose state, crawl or document is another by now."""

    def touch(self, ids: Sequence[str], now: datetime) -> None:
        """Count one more attempt of queued rows and set queued_at to now: the sweeper has queued them again."""

    def move(self, id: str, crawl: int, url: str, host: str) -> Row | None:
        """Another spelling, by which a queued row is fetched from now on; counts one more hop. None where the row is
        not queued with that crawl."""

    def waiting(self, before: datetime, limit: int, after: Row | None = None) -> list[Row]:
        """Queued rows whose queued_at lies before that time, oldest first, confirmed in real time; with `after`, those
        that come behind that row in this order. Fewer than `limit` are all that there are."""

    def due(self, now: datetime, limit: int) -> list[Row]:
        """Settled rows whose next_crawl_at has come, the longest due first."""

    def aged(self, before: datetime, limit: int) -> list[Row]:
        """Settled rows with a document of their own that were first seen before that time, the oldest first."""

    def counts(self) -> Mapping[str, int]:
        """Rows by state, by outcome and by outcome/reason, such as
        {"queued": 3, "finished": 9, "indexed": 7, "failed": 2, "failed/http-404": 2}; outcomes count finished rows."""

    def failing(self, limit: int) -> list[tuple[str, str, int]]:
        """Where and why rows stand as failed: (host, reason, rows), the most frequent first."""

    def rows(
        self,
        *,
        state: State | None = None,
        outcomes: Sequence[Outcome] = (),
        host: str | None = None,
        reason: str | None = None,
        article_id: str | None = None,
        limit: int = 100,
    ) -> list[Row]:
        """Rows that match, the most recently queued or finished first."""

    def scan(self) -> Iterator[Row]:
        """Every row, by id; for audits and exports. Sees all rows that were there when it began."""

    def delete(self, ids: Sequence[str]) -> int:
        """Forget finished rows that have no document of their own (`failures drop`). Returns how many."""

    def refresh(self) -> None:
        """Make everything written so far visible to `waiting`, `counts`, `rows` and `scan`."""


class Index(Protocol):
    """The articles, searchable."""

    def setup(self) -> None:
        """Create what is missing; never delete or empty anything. Safe to repeat."""

    def write(self, documents: Sequence[Document]) -> list[Written]:
        """Write whole documents by external version; one answer each, in order. One refused document does not
        harm the others."""

    def get(self, ids: Sequence[str]) -> list[Document | None]:
        """Documents by id, in order, as they stand now."""

    def search(self, query: Query) -> Results:
        """`errors.BadInput` for unknown fields, facets, sorts or a foreign cursor; never for the words of a query."""

    def similar(self, id: str, size: int) -> Results:
        """Articles that share many telling words with that one, without itself."""

    def export(self, query: Query) -> Iterator[Document]:
        """Every document found, in the query's order; `size`, `cursor` and `facets` do not count. Read bit by bit, so
        that a result set of any length can be streamed. Sees what was there when it began."""

    def delete(self, ids: Sequence[str]) -> int:
        """Remove documents. Returns how many were there."""

    def ids(self) -> Iterator[str]:
        """Every document's id, sorted; for the audit."""

    def count(self) -> int:
        """Documents in the index."""

    def refresh(self) -> None:
        """Make everything written so far visible to `search`, `similar`, `ids` and `count`."""

    def check(self) -> str:
        """One line about the store for `doctor` and `/readyz`: product, version, health. Raises `Unavailable`."""

    def generations(self) -> list[Generation]:
        """The physical indices of the articles, oldest first."""

    def rebuild(self, progress: Callable[[int, int], None], renew: Renew | None = None) -> Rebuilt:
        """File every document anew as this version of Copydesk does, while searches and writes go on. `progress` is
        told (documents done, documents in all). Each document passes through `renew` as it stands, again where it was
        written meanwhile; one that the store refuses as renewed is filed as it stood."""

    def drop(self) -> list[str]:
        """Delete the generations that are not current. Returns their names."""


class DocumentStore(Protocol):
    """Small documents in named collections: what the catalog is made of."""

    def setup(self) -> None:
        """Create what is missing; never delete or empty anything. Safe to repeat."""

    def get(self, collection: str, ids: Sequence[str]) -> list[StoredItem | None]:
        """In order, as they stand now."""

    def change(
        self, collection: str, ids: Iterable[str], change: Callable[[str, StoredItem | None], StoredItem | None]
    ) -> None:
        """Given an id and how it stands (None: there is nothing), `change` says how it shall stand: None removes it,
        the very same object leaves it alone. Returns when all is durable. Where another writer came between, `change`
        is called again with what that one wrote: the last call for an id counts. What it raises ends the call."""

    def all(self, collection: str) -> Iterator[StoredItem]:
        """By id, everything that was written before the call."""

    def is_empty(self, collection: str) -> bool:
        """Return True if the collection holds nothing, in one request. It may miss writes since the last `refresh`."""

    def refresh(self) -> None:
        """Make everything written so far visible to `is_empty`."""

    def due(self, collection: str, now: datetime, limit: int) -> list[str]:
        """Ids whose `due_at` has come, the longest due first. Only candidates: `change` shows how they stand."""
