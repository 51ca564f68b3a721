"""Bulk requests that lose and repeat nothing: a final refusal is reported, a temporary one is tried again."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError

from worker.errors import Unavailable
from worker.search.fields import TEXTS, stemmed_as
from worker.storage.elasticsearch.client import Client, Denied, denied

MAX_BYTES = 10_000_000  #: maximum size of one request
MAX_ACTIONS = 500
PATIENCE_S = 30.0  #: seconds for which temporary refusals are tried again; well below the lease of a batch
BACKOFF_S = 0.1  #: wait before the second attempt; doubles with each further one
MAX_BACKOFF_S = 5.0
SECURITY_EXCEPTION = "security_exception"


@dataclass(frozen=True, slots=True)
class Action:
    """One operation of a bulk request, with its document."""

    operation: str  #: "index", "create" or "delete"
    id: str
    options: dict[str, Any]
    source: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The final answer to one operation."""

    status: int
    result: str  #: "created", "updated", "deleted", "not_found", "noop", or "" on an error
    reason: str | None = None


def send(
    client: Client, index: str, actions: Sequence[Action], *, is_alias: bool = True, patience_s: float | None = None
) -> list[Answer]:
    """Send operations and return one final answer each, in order: done, 409, 400 and the like.

    Tries temporary refusals again for `patience_s`, then raises `Unavailable`. Raises `Denied` at once if the
    credentials lack a privilege. With `is_alias`, Elasticsearch never creates an index of that name with a guessed
    mapping.
    """
    bulk = _Bulk(client.options(max_retries=0), index, actions, is_alias)
    deadline, pause = time.monotonic() + (patience_s or PATIENCE_S), BACKOFF_S
    while unanswered := bulk.unanswered():
        for part in _parts(unanswered, bulk.lines):
            bulk.send(part)
        if bulk.unanswered():
            if time.monotonic() + pause > deadline:
                raise Unavailable(f"Elasticsearch takes no writes at present: {bulk.problem}")
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
            pause = min(MAX_BACKOFF_S, pause * 2)
    return [bulk.answers[i] for i in range(len(actions))]


class _Bulk:
    def __init__(self, client: Client, index: str, actions: Sequence[Action], is_alias: bool) -> None:
        self._client = client
        self._target: dict[str, Any] = {"index": index, "require_alias": is_alias}
        self._actions = actions
        self.lines = [_line(action) for action in actions]
        self.answers: dict[int, Answer] = {}
        self.problem: str | None = None  #: the reason of the last temporary refusal

    def unanswered(self) -> list[int]:
        return [i for i in range(len(self._actions)) if i not in self.answers]

    def send(self, part: Sequence[int]) -> None:
        """Send some operations and keep the final answers."""
        operations = [self.lines[i] for i in part]
        try:
            # The client accepts encoded lines, although its types do not say so.
            items = self._client.bulk(**self._target, operations=operations)["items"]  # type: ignore[arg-type]
        except Denied:
            raise
        except Unavailable as e:
            self.problem = str(e)
            return
        except ApiError as e:
            if e.status_code != 413:
                raise
            self._send_halves(part)
            return
        for i, item in zip(part, items, strict=True):
            answer = _answer(item[self._actions[i].operation])
            if _is_temporary(answer):
                self.problem = answer.reason
            else:
                self.answers[i] = answer

    def _send_halves(self, part: Sequence[int]) -> None:
        """Send a request that is too large for Elasticsearch or a proxy in halves, down to a single document."""
        if len(part) > 1:
            self.send(part[: len(part) // 2])
            self.send(part[len(part) // 2 :])
        else:
            size = len(self.lines[part[0]])
            self.answers[part[0]] = Answer(
                413, "", f"{size:,} bytes are more than Elasticsearch accepts in one request"
            )


def _line(action: Action) -> bytes:
    head = {action.operation: {"_id": action.id, **action.options}}
    texts = [head] if action.source is None else [head, action.source]
    return b"\n".join(json.dumps(t, ensure_ascii=False, separators=(",", ":")).encode() for t in texts)


def _parts(indices: Sequence[int], lines: Sequence[bytes]) -> Iterator[list[int]]:
    part: list[int] = []
    size = 0
    for i in indices:
        if part and (size + len(lines[i]) > MAX_BYTES or len(part) == MAX_ACTIONS):
            yield part
            part, size = [], 0
        part.append(i)
        size += len(lines[i])
    if part:
        yield part


def _answer(item: dict[str, Any]) -> Answer:
    error = item.get("error")
    if not error:
        return Answer(item["status"], item["result"])
    if (
        error["type"] == SECURITY_EXCEPTION
    ):  # privileges are given per index, so Elasticsearch refuses each operation separately
        raise denied(error["reason"])
    cause = error.get("caused_by", {}).get("reason")
    reason = f"{error['type']}: {error.get('reason')}" + (f" ({cause})" if cause else "")
    return Answer(item["status"], "", reason)


def _is_temporary(answer: Answer) -> bool:
    """Return True for a temporary refusal.

    Queues are full (429), a shard is missing (503), writes are blocked (403), or the index is being created (404).
    """
    return answer.status not in (200, 201, 400, 409, 413) and answer.result != "not_found"


def index_action(fields: dict[str, Any], version: int) -> Action:
    """Return the write of a document. Its texts are repeated under its language, for the analyzer of that language."""
    language = stemmed_as(fields.get("language"))
    texts = {name: fields[name] for name in TEXTS if name in fields}
    stems = {"stems": {language: texts}} if language and texts else {}
    return Action("index", fields["id"], {"version": version, "version_type": "external"}, fields | stems)
