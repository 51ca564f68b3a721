"""Writer of WARC 1.1 records (ISO 28500).

Each record is one gzip member, so a file can be appended to at any time and read from any record.

Bodies are stored decoded. The headers that describe how a body was sent get the prefix `x-archive-orig-`, so that other
readers do not decode it again.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from datetime import UTC, datetime
from http import HTTPStatus

from isal import igzip

from worker.model.records import Fetched

LEVEL = 1  # of isal's 0 to 3: compresses as well as zlib's level 1 in a quarter of the time
TRANSFER_HEADERS = frozenset(("content-encoding", "transfer-encoding", "content-length"))
LINE_BREAKS = re.compile(r"\s*[\r\n]+\s*")


def response_record(fetched: Fetched) -> bytes:
    """Return a response as a compressed `response` record."""
    lines = [f"HTTP/1.1 {fetched.status} {_phrase(fetched.status)}"]
    lines += [
        f"x-archive-orig-{name}: {value}" if name in TRANSFER_HEADERS else f"{name}: {value}"
        for name, value in fetched.headers.items()
    ]
    lines.append(f"content-length: {len(fetched.body)}")
    fields = {"WARC-Target-URI": fetched.url, "WARC-Payload-Digest": _digest(fetched.body)}
    block = _header(lines) + fetched.body
    return _record("response", fetched.fetched_at, block, "application/http; msgtype=response", fields)


def info_record(name: str, at: datetime, fields: dict[str, str]) -> bytes:
    """Return the compressed `warcinfo` record that begins a file."""
    block = "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode()
    return _record("warcinfo", at, block, "application/warc-fields", {"WARC-Filename": name})


def _record(kind: str, at: datetime, block: bytes, content_type: str, fields: dict[str, str]) -> bytes:
    all_fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<{uuid.uuid4().urn}>",
        "WARC-Date": at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        **fields,
        "WARC-Block-Digest": _digest(block),
        "Content-Type": content_type,
        "Content-Length": str(len(block)),
    }
    header = _header(["WARC/1.1", *(f"{name}: {value}" for name, value in all_fields.items())])
    return igzip.compress(header + block + b"\r\n\r\n", LEVEL, mtime=0)


def _header(lines: list[str]) -> bytes:
    """Return header lines and the blank line after them. A line break within a line becomes a space."""
    return "".join(LINE_BREAKS.sub(" ", line) + "\r\n" for line in [*lines, ""]).encode(errors="replace")


def _digest(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
