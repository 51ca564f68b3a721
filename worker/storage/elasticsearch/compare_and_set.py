"""Compare-and-set updates of documents in Elasticsearch.

Each document is read in real time with its sequence number, and written only if that number is unchanged. If another
writer was faster, the document is read and changed again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from worker.errors import CopydeskError, Unavailable
from worker.storage.elasticsearch import bulk
from worker.storage.elasticsearch.client import Client, read_error
from worker.storage.ports import Change, Decision, Delete, Put

BATCH = 500  #: documents read and written in one request
ROUNDS = 60  #: attempts to change a document that others change at the same time
PAUSE_S = 0.005  #: wait after a failed round; grows with each round, with jitter, so that competing writers spread out
MAX_PAUSE_S = 0.1

Source = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """A document as it was read, with the numbers that identify this version."""

    id: str
    source: Source | None = None
    seq_no: int | None = None
    primary_term: int | None = None

    def action(self, decision: Decision[Source]) -> bulk.Action | None:
        """Return the write that replaces exactly this version, or None if there is nothing to write."""
        condition = {"if_seq_no": self.seq_no, "if_primary_term": self.primary_term}
        match decision:
            case Put(source) if self.source is None:
                return bulk.Action("create", self.id, {}, source)
            case Put(source):
                return bulk.Action("index", self.id, condition, source)
            case Delete() if self.source is not None:
                return bulk.Action("delete", self.id, condition)
        return None


class Versions:
    """The versioned documents behind one alias."""

    def __init__(self, client: Client, alias: str) -> None:
        self._client = client
        self._alias = alias

    def read(self, ids: Sequence[str]) -> Iterator[Version]:
        """Yield the current version of each document, in the order of `ids`. Reads in real time."""
        for start in range(0, len(ids), BATCH):
            for doc in self._client.mget(index=self._alias, ids=ids[start : start + BATCH])["docs"]:
                if "error" in doc:
                    raise read_error(self._alias, doc["error"])
                if doc["found"]:
                    yield Version(doc["_id"], doc["_source"], doc["_seq_no"], doc["_primary_term"])
                else:
                    yield Version(doc["_id"])

    def change(self, ids: Iterable[str], change: Change[Source]) -> None:
        """Apply `change` to each document once, and return when all changes are durable.

        Raise `Unavailable` if other writers keep changing the same documents for `ROUNDS` attempts.
        """
        pending = list(dict.fromkeys(ids))
        for round in range(ROUNDS):
            conflicts: list[str] = []
            for start in range(0, len(pending), BATCH):
                conflicts += self._attempt(pending[start : start + BATCH], change)
            if not conflicts:
                return
            pending = conflicts
            time.sleep(random.uniform(0, min(MAX_PAUSE_S, PAUSE_S * (round + 1))))  # noqa: S311 - no secret
        raise Unavailable(f"Other writers keep changing {len(pending)} entries of {self._alias}. Try again later.")

    def _attempt(self, ids: Sequence[str], change: Change[Source]) -> list[str]:
        """Return the ids that another writer changed first."""
        versions = ((version, change(version.id, version.source)) for version in self.read(ids))
        actions = [action for version, decision in versions if (action := version.action(decision))]
        answers = bulk.send(self._client, self._alias, actions)
        for action, answer in zip(actions, answers, strict=True):
            if answer.reason and answer.status != 409:
                raise CopydeskError(f"Elasticsearch refuses the entry {action.id} of {self._alias}: {answer.reason}")
        return [action.id for action, answer in zip(actions, answers, strict=True) if answer.status == 409]
