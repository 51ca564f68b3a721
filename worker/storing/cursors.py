"""Cursors of paging: opaque to clients, bound to the query that they came from."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import asdict, replace
from typing import Any

from worker.errors import BadInput
from worker.queries import Query


def pack(query: Query, *keys: Any) -> str:
    """A cursor that stands behind the hit with these sort keys (JSON values)."""
    text = json.dumps([fingerprint(query), *keys], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(query: Query, length: int) -> list[Any] | None:
    """The sort keys of `query.cursor`; None on the first page. `BadInput` for a cursor of another query."""
    if query.cursor is None:
        return None
    try:
        padded = query.cursor + "=" * (-len(query.cursor) % 4)
        origin, *keys = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        origin, keys = None, []
    if origin != fingerprint(query) or len(keys) != length:
        raise BadInput("this cursor belongs to another search; ask again without a cursor")
    return list(keys)


def fingerprint(query: Query) -> str:
    """Of all that decides which documents are found and in which order."""
    plain = asdict(replace(query, cursor=None, size=0, facets=(), facet_size=0, histogram=None))
    text = json.dumps(plain, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=6).hexdigest()
