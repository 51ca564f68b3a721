"""Ledger rows as plain JSON values, and times as sortable text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from worker.model.reasons import Reason
from worker.model.records import Outcome, Row, State

#: Text that hosts and users wrote. It may contain half a surrogate pair, which no store accepts.
FOREIGN = ("source", "detail", "etag", "last_modified")
TIMES = ("queued_at", "finished_at", "first_seen_at", "gone_at", "next_crawl_at")
#: The state `finished` and its time in rows that Copydesk 0.1 stored.
FORMER_FINISHED, FORMER_FINISHED_AT = "settled", "settled_at"


def to_dict(row: Row) -> dict[str, Any]:
    """Return a row as a store keeps it. All times are text of one width in UTC, so that they sort as text.

    Adds `changed_at`, the time at which the row was last queued or finished, by which the stores sort; and `lag_s`, the
    seconds from queued to finished of the last crawl, for Kibana.
    """
    fields = {name: getattr(row, name) for name in Row.__dataclass_fields__}
    fields["changed_at"] = row.queued_at if row.state is State.QUEUED else row.finished_at
    fields["lag_s"] = _lag_s(row)
    fields |= {name: to_text(fields[name]) for name in (*TIMES, "changed_at")}
    return fields | {name: _storable(fields[name]) for name in FOREIGN}


def from_dict(fields: Mapping[str, Any]) -> Row:
    """Return the row from the values of `to_dict`. Ignores the fields that `to_dict` adds."""
    values = {name: fields[name] for name in Row.__dataclass_fields__ if name in fields}
    values.setdefault("finished_at", fields.get(FORMER_FINISHED_AT))
    values |= {name: from_text(values.get(name)) for name in TIMES}
    values["state"] = State.FINISHED if values["state"] == FORMER_FINISHED else State(values["state"])
    values["outcome"] = Outcome(values["outcome"]) if values.get("outcome") else None
    values["reason"] = Reason.stored(values.get("reason"))
    return Row(**values)


def to_text(time: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC with microseconds: "2026-11-24T05:43:20.000000+00:00"."""
    return time.astimezone(UTC).isoformat(timespec="microseconds") if time else None


def from_text(text: str | None) -> datetime | None:
    """Return the time from the text of `to_text`."""
    return datetime.fromisoformat(text) if text else None


def _lag_s(row: Row) -> float | None:
    if row.state is State.QUEUED or row.queued_at is None or row.finished_at is None:
        return None
    return (row.finished_at - row.queued_at).total_seconds()


def _storable(text: str | None) -> str | None:
    return text.encode("utf-8", "replace").decode() if text else text
