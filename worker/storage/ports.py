"""The interfaces of a store, and the records that pass through them.

A backend (SQLite, Elasticsearch) implements three Protocols:

- `Ledger`: one row for each accepted URL.
- `Index`: the articles. It is the backend of `worker.search.service.SearchService`.
- `DocumentStore`: small JSON documents in named collections. The catalog (sources, API keys, saved searches and so on)
  is built on it, see `worker.storage.catalog`.

The tests in `tests/worker/storage/contract/` run against every backend. All methods are safe to call from several
threads and processes at once. A method raises `errors.Unavailable` if the store does not answer. Part of the call may
have been written by then; repeating the call is always safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from worker.model.reasons import Reason
from worker.model.records import Admission, CrawlResult, Document, Outcome, Row, State, Target
from worker.search.service import SearchBackend

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Put(Generic[T]):
    """The decision to write a value, whether or not there is one already."""

    value: T


@dataclass(frozen=True, slots=True)
class Delete:
    """The decision to delete a value. Deleting a missing value does nothing."""


@dataclass(frozen=True, slots=True)
class Keep:
    """The decision to change nothing: a value stays as it is, and a missing one stays missing."""


KEEP = Keep()
DELETE = Delete()

Decision = Put[T] | Delete | Keep
#: Decides about one entry, given its id and its current value (None if there is none). The store calls it again with
#: the newer value if another writer changes the entry in between; the last decision for an id counts.
Change = Callable[[str, T | None], Decision[T]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """The result of writing one document."""

    id: str
    status: str  #: "written"; "stale": the index has this version or a later one; "refused": see `reason`
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One physical index of the articles. A rebuild creates a new one behind the same aliases."""

    name: str
    documents: int
    size_bytes: int
    is_current: bool  #: searches and writes use it
    note: str = ""  #: advice for the operator


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildResult:
    """The result of rebuilding the article index."""

    name: str
    previous: str
    documents: int
    elapsed_s: float
    paused_s: float  #: longest time for which writers waited; searches never wait


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """A small JSON document in a collection of the document store."""

    id: str
    body: Mapping[str, Any]  #: JSON values
    due_at: datetime | None = None  #: when `DocumentStore.due` returns it; None: never


#: Given stored documents, returns the documents to write in their place: the same ids in the same order, with versions
#: that are not lower.
Renew = Callable[[Sequence[Document]], Sequence[Document]]


class Ledger(Protocol):
    """The table of all accepted URLs: one row for each canonical URL, with its state and outcome."""

    def setup(self) -> None:
        """Create missing tables or indices. Never delete or empty anything. Safe to repeat."""

    def admit(self, targets: Sequence[Target], now: datetime) -> list[Admission]:
        """Queue each target that is new, due (`next_crawl_at <= now`) or forced; return one admission each, in order.

        The rows are durable when this returns. If a target occurs twice in one call, its second admission is `known`.
        A requeued row keeps its outcome, article_id and first_seen_at; its crawl number grows by one.
        """

    def get(self, ids: Sequence[str]) -> list[Row | None]:
        """Return the current rows in the order of `ids`. Reads in real time, not from the last search refresh."""

    def finish(self, results: Sequence[CrawlResult]) -> list[bool]:
        """Finish crawls. Return False for each late or repeated result: its row is not queued with that number."""

    def tombstone(self, ids: Sequence[str], now: datetime, *, reason: Reason, detail: str) -> list[bool]:
        """Finish rows as rejected, whatever their state. Return False for each id without a row.

        Clears article_id, content hash and validators. A crawl that is under way can no longer finish the row.
        """

    def update_content_hash(self, changed: Sequence[Row]) -> list[bool]:
        """Copy content hash and validators from these rows, which the caller has read and changed.

        Used when a document was written again, or lost, without a crawl. Return False for each row whose state, crawl
        or article has changed since it was read.
        """

    def touch(self, ids: Sequence[str], now: datetime) -> None:
        """Add one attempt to queued rows and set queued_at to now. The sweeper calls this when it queues rows again."""

    def move(self, id: str, crawl: int, url: str, host: str) -> Row | None:
        """Change the URL by which a queued row is fetched, and add one hop. Return None if that crawl is not queued."""

    def waiting(self, before: datetime, limit: int, after: Row | None = None) -> list[Row]:
        """Return rows that are queued since before that time, oldest first, confirmed in real time.

        With `after`, return the rows that follow that row in this order. Fewer than `limit` rows means the end.
        """

    def due(self, now: datetime, limit: int) -> list[Row]:
        """Return finished rows whose next_crawl_at has passed, longest due first."""

    def aged(self, before: datetime, limit: int) -> list[Row]:
        """Return finished rows with an article of their own that were first seen before that time, oldest first."""

    def counts(self) -> Mapping[str, int]:
        """Return the number of rows by state, by outcome and by outcome/reason. Outcomes count finished rows only.

        Example: {"queued": 3, "finished": 9, "indexed": 7, "failed": 2, "failed/http-404": 2}.
        """

    def failing(self, limit: int) -> list[tuple[str, str, int]]:
        """Return failed rows grouped as (host, reason, number of rows), most frequent first."""

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
        """Return rows that meet all given conditions, most recently queued or finished first."""

    def scan(self) -> Iterator[Row]:
        """Yield every row, by id, for audits and exports. Includes all rows that exist when it begins."""

    def delete(self, ids: Sequence[str]) -> int:
        """Delete finished rows without an article of their own (`failures drop`). Return the number of deleted rows."""

    def refresh(self) -> None:
        """Make all earlier writes visible to `waiting`, `due`, `aged`, `counts`, `failing`, `rows` and `scan`."""


class Index(SearchBackend, Protocol):
    """The articles. `SearchService(index)` searches them."""

    def setup(self) -> None:
        """Create missing tables or indices. Never delete or empty anything. Safe to repeat."""

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """Write whole documents by external version; return one result each, in order.

        A refused document does not affect the others.
        """

    def get(self, ids: Sequence[str]) -> list[Document | None]:
        """Return the current documents in the order of `ids`. Reads in real time."""

    def delete(self, ids: Sequence[str]) -> int:
        """Delete documents. Return the number that existed."""

    def ids(self) -> Iterator[str]:
        """Yield the id of every document, sorted. The audit uses it."""

    def count(self) -> int:
        """Return the number of documents."""

    def refresh(self) -> None:
        """Make all earlier writes visible to searches, `ids` and `count`."""

    def check(self) -> str:
        """Return one line for `doctor` and `/readyz`: product, version, health. Raise `Unavailable` if it is down."""

    def generations(self) -> list[Generation]:
        """Return the physical indices of the articles, oldest first."""

    def rebuild(self, progress: Callable[[int, int], None], renew: Renew | None = None) -> RebuildResult:
        """Write every document again with the current mapping and analysis, while searches and writes continue.

        Calls `progress` with (documents done, documents in total). Each stored document passes through `renew`, and
        again if it was written in the meantime. If the store refuses a renewed document, the stored one is kept.
        """

    def drop(self) -> list[str]:
        """Delete the generations that are not current. Return their names."""


class DocumentStore(Protocol):
    """Small JSON documents in named collections. The catalog is built on it."""

    def setup(self) -> None:
        """Create missing tables or indices. Never delete or empty anything. Safe to repeat."""

    def get(self, collection: str, ids: Sequence[str]) -> list[StoredItem | None]:
        """Return the current items in the order of `ids`. Reads in real time."""

    def change(self, collection: str, ids: Iterable[str], change: Change[StoredItem]) -> None:
        """Apply `change(id, current item or None)` to each id: it returns `Put(item)`, `DELETE` or `KEEP`.

        Returns when all changes are durable. An exception from `change` ends the call and propagates.
        """

    def all(self, collection: str) -> Iterator[StoredItem]:
        """Yield the items of a collection by id. Includes everything written before the call."""

    def is_empty(self, collection: str) -> bool:
        """Return True if the collection has no items, with one request. May miss writes since the last `refresh`."""

    def refresh(self) -> None:
        """Make all earlier writes visible to `is_empty`."""

    def due(self, collection: str, now: datetime, limit: int) -> list[str]:
        """Return ids whose `due_at` has passed, longest due first.

        They are candidates: check the current item in `change`, another process may have claimed it.
        """
