"""A short-lived cache of the catalog's API keys, so that a request seldom waits for the store.

A change made by this process takes effect at once. A change made by another process (`copydesk keys create`,
`copydesk keys revoke`) takes effect within `MAX_AGE_S` seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from worker.model.catalog import ApiKey
from worker.storage.catalog.api_keys import ApiKeys, presented_id, verified

T = TypeVar("T")
REFRESH_S = 2.5  #: age from which one thread reads a value again while the others still use it
MAX_AGE_S = 2 * REFRESH_S  #: age from which a value is not used any more
MAX_KEYS = 1000  #: keys that are kept, because clients choose the ids that are looked up


@dataclass(slots=True)
class _Entry(Generic[T]):
    value: T
    read_at: float
    changes: int  #: `ApiKeys.changes` before the value was read
    is_refreshing: bool = False


class KeyCache:
    """The catalog's keys, each read at most once in `REFRESH_S` seconds. Threads may share it."""

    def __init__(self, api_keys: ApiKeys, clock: Callable[[], float] = time.monotonic) -> None:
        self._api_keys = api_keys
        self._clock = clock
        self._lock = Lock()
        self._has_keys: dict[str, _Entry[bool]] = {}
        self._by_id: dict[str, _Entry[ApiKey | None]] = {}

    def has_keys(self) -> bool:
        """Return True if the catalog has a key, valid or expired."""
        return self._cached(self._has_keys, "", lambda _: not self._api_keys.is_empty())

    def check(self, presented: str, now: datetime) -> ApiKey | None:
        """Return the key that a client presents, or None if it is unknown, wrong, revoked or expired.

        The cache holds keys by id. The secret and the expiry date are checked each time.
        """
        id = presented_id(presented)
        return verified(self._cached(self._by_id, id, self._api_keys.get), presented, now) if id else None

    def _cached(self, entries: dict[str, _Entry[T]], name: str, read: Callable[[str], T]) -> T:
        with self._lock:
            entry = entries.get(name)
            if entry and self._is_usable(entry):
                return entry.value
            if entry:
                entry.is_refreshing = True
        changes, now = self._api_keys.changes, self._clock()
        try:
            value = read(name)
        except BaseException:
            with self._lock:
                entries.pop(name, None)
            raise
        with self._lock:
            entries.pop(name, None)
            entries[name] = _Entry(value, now, changes)
            if len(entries) > MAX_KEYS:
                del entries[next(iter(entries))]
        return value

    def _is_usable(self, entry: _Entry[T]) -> bool:
        age = self._clock() - entry.read_at
        max_age_s = MAX_AGE_S if entry.is_refreshing else REFRESH_S
        return entry.changes == self._api_keys.changes and age < max_age_s
