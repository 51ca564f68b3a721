"""Bulk requests that neither lose nor repeat: what is refused is told apart from what has to wait.

A document as Elasticsearch files it.
"""

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

MAX_BYTES = 10_000_000  #: of one request
MAX_ACTIONS = 500
PATIENCE_S = 30.0  #: how long we try what Elasticsearch has no room for; stays well below the lease of a batch
BACKOFF_S = 0.1  #: before the second attempt; doubles with each further one
MAX_BACKOFF_S = 5.0
NO_RIGHT = "security_exception"


@dataclass(frozen=True, slots=True)
class Action:
    """One line of a bulk request, and the document that belongs to it."""

    operation: str  #: "index" or "delete"
    id: str
    options: dict[str, Any]
    source: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    result: str  #: "created", "updated", "deleted", "not_found", "noop", or "" on an error
    reason: str | None = None


def send(
    client: Client, index: str, actions: Sequence[Action], *, is_alias: bool = True, patience_s: float | None = None
) -> list[Answer]:
    """One answer each, in order: done, 409 or 400 and the like. What has to wait is tried again, then `Unavailable`;
    where we have no right to write, that is said at once (`Denied`).

    An alias that is not there is never made an index of that name, with a mapping by guesswork.
    """
    bulk = _Bulk(client.options(max_retries=0), index, actions, is_alias)
    deadline, pause = time.monotonic() + (patience_s or PATIENCE_S), BACKOFF_S
    while unanswered := bulk.unanswered():
        for part in _parts(unanswered, bulk.lines):
            bulk.send(part)
        if bulk.unanswered():
            if time.monotonic() + pause > deadline:
                raise Unavailable(f"Elasticsearch takes no writes now: {bulk.complaint}")
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
        self.complaint: str | None = None  #: what kept the rest from being written

    def unanswered(self) -> list[int]:
        return [i for i in range(len(self._actions)) if i not in self.answers]

    def send(self, part: Sequence[int]) -> None:
        """Send some lines and note the answers that are final."""
        operations = [self.lines[i] for i in part]
        try:
            # The client takes lines that are encoded already, though its types do not say so.
            items = self._client.bulk(**self._target, operations=operations)["items"]  # type: ignore[arg-type]
        except Denied:
            raise
        except Unavailable as e:
            self.complaint = str(e)
            return
        except ApiError as e:
            if e.status_code != 413:
                raise
            self._send_less(part)
            return
        for i, item in zip(part, items, strict=True):
            answer = _answer(item[self._actions[i].operation])
            if _has_to_wait(answer):
                self.complaint = answer.reason
            else:
                self.answers[i] = answer

    def _send_less(self, part: Sequence[int]) -> None:
        """Halve what a proxy or http.max_content_length does not let through, down to the document at fault."""
        if len(part) > 1:
            self.send(part[: len(part) // 2])
            self.send(part[len(part) // 2 :])
        else:
            size = len(self.lines[part[0]])
            self.answers[part[0]] = Answer(413, "", f"{size:,} bytes are more than Elasticsearch accepts at once")


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
    if error["type"] == NO_RIGHT:  # to write into one index is a right of its own, and refused line by line
        raise denied(error["reason"])
    cause = error.get("caused_by", {}).get("reason")
    reason = f"{error['type']}: {error.get('reason')}" + (f" ({cause})" if cause else "")
    return Answer(item["status"], "", reason)


def _has_to_wait(answer: Answer) -> bool:
    """Queues are full (429), a shard is not there (503), writes are blocked (403), the index is being made (404)."""
    return answer.status not in (200, 201, 400, 409, 413) and answer.result != "not_found"


def index_action(fields: dict[str, Any], version: int) -> Action:
    """The write of a document given as JSON: its texts once more under its language, to be analysed that way."""
    language = stemmed_as(fields.get("language"))
    texts = {name: fields[name] for name in TEXTS if name in fields}
    stems = {"stems": {language: texts}} if language and texts else {}
    return Action("index", fields["id"], {"version": version, "version_type": "external"}, fields | stems)
