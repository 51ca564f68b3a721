"""Documents that change by compare-and-set: each is read in real time with its sequence number, and written only if
that number still holds. Whoever comes second reads again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from worker.errors import CopydeskError, Unavailable
from worker.storage.elasticsearch import bulk
from worker.storage.elasticsearch.client import Client

BATCH = 500  #: documents read and written at once
ROUNDS = 60  #: tries to win a document that others change at the same time
PAUSE_S = 0.005  #: after a lost round; grows with each, with jitter, so that rivals fall out of step
MAX_PAUSE_S = 0.1

Source = dict[str, Any]
#: Given an id and the document as it stands (None: there is none), how it shall stand; None removes it, the very same
#: object leaves it alone.
Change = Callable[[str, Source | None], Source | None]


@dataclass(frozen=True, slots=True)
class Version:
    """A document as it was read, with the numbers that say whether it has changed since."""

    id: str
    source: Source | None = None
    seq_no: int | None = None
    primary_term: int | None = None

    def become(self, wanted: Source | None) -> bulk.Action:
        """The write that replaces exactly this version."""
        if self.source is None:
            return bulk.Action("create", self.id, {}, wanted)
        condition = {"if_seq_no": self.seq_no, "if_primary_term": self.primary_term}
        return bulk.Action("delete" if wanted is None else "index", self.id, condition, wanted)


class Versions:
    """The documents behind one alias."""

    def __init__(self, client: Client, alias: str) -> None:
        self._client = client
        self._alias = alias

    def read(self, ids: Sequence[str]) -> Iterator[Version]:
        """Each as it stands now, in order, whether searches see it yet or not."""
        for start in range(0, len(ids), BATCH):
            for doc in self._client.mget(index=self._alias, ids=ids[start : start + BATCH])["docs"]:
                if "error" in doc:
                    raise Unavailable(f"cannot read {doc['_id']} of {self._alias}: {doc['error']['reason']}")
                if doc["found"]:
                    yield Version(doc["_id"], doc["_source"], doc["_seq_no"], doc["_primary_term"])
                else:
                    yield Version(doc["_id"])

    def change(self, ids: Iterable[str], change: Change) -> None:
        """Apply `change` to each once; returns when all is written and synced. Where another writer came between, it is
        called again with what that one wrote: the last call for an id counts."""
        pending = list(dict.fromkeys(ids))
        for round in range(ROUNDS):
            lost: list[str] = []
            for start in range(0, len(pending), BATCH):
                lost += self._attempt(pending[start : start + BATCH], change)
            if not lost:
                return
            pending = lost
            time.sleep(random.uniform(0, min(MAX_PAUSE_S, PAUSE_S * (round + 1))))  # noqa: S311 - no secret
        raise Unavailable(f"others change {len(pending)} entries of {self._alias} all the time; try again later")

    def _attempt(self, ids: Sequence[str], change: Change) -> list[str]:
        """Returns those that another writer has changed first."""
        actions = []
        for version in self.read(ids):
            wanted = change(version.id, version.source)
            if wanted is not version.source:
                actions.append(version.become(wanted))
        answers = bulk.send(self._client, self._alias, actions)
        for action, answer in zip(actions, answers, strict=True):
            if answer.reason and answer.status != 409:
                raise CopydeskError(f"Elasticsearch refuses entry {action.id} of {self._alias}: {answer.reason}")
        return [action.id for action, answer in zip(actions, answers, strict=True) if answer.status == 409]
