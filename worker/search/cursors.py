"""Cursors for paging: opaque to clients, and valid only for the query that returned them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import asdict, replace
from typing import Any

from worker.errors import BadInput
from worker.model.query import Query

MAX_SCORE = 3.4e38  #: Lucene's scores are 32-bit floats
INT64 = range(-(2**63), 2**63)


def pack(query: Query, key: float, id: str) -> str:
    """Return the cursor after the hit with this id and this sort key: a score, or a number for the date."""
    text = json.dumps([fingerprint(query), key, id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(query: Query, *, by_score: bool) -> tuple[float, str] | None:
    """Return sort key and id of `query.cursor`, or None on the first page.

    Raise `BadInput` for a cursor of another query, and for a text that `pack` did not make: clients may send anything.
    """
    if query.cursor is None:
        return None
    try:
        padded = query.cursor + "=" * (-len(query.cursor) % 4)
        origin, key, id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        origin, key, id = None, None, None
    if origin != fingerprint(query) or not _is_id(id) or not (_is_score(key) if by_score else _is_date(key)):
        raise BadInput("This cursor belongs to another search. To get the first page, leave out the cursor.")
    return key, id


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable()  # False for lone surrogates, which no store accepts


def _is_score(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= MAX_SCORE  # neither bool nor NaN


def _is_date(value: Any) -> bool:
    return type(value) is int and value in INT64


def fingerprint(query: Query) -> str:
    """Return a hash of everything that decides which articles are found, and in which order."""
    plain = asdict(replace(query, cursor=None, size=0, facets=(), facet_size=0, histogram=None))
    text = json.dumps(plain, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=6).hexdigest()
