"""WARC records (ISO 28500) as answers of hosts, and back. Reads what others wrote as well: Common Crawl's WARC and WET,
wget, Heritrix, and the older ARC.

Each record is one gzip member, so a file can be read from any record on and appended to at any time.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import BinaryIO

import ada_url
import brotli
import zstandard
from isal import igzip
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.limitreader import LimitReader
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from worker.archive.strict_warc_reader import Cut, StrictIterator
from worker.errors import Unreadable
from worker.model.records import Fetched

CHUNK_BYTES = 64 * 1024
LEVEL = 1  # of isal's 0 to 3: packs as well as zlib's 1 in a quarter of the time
#: Headers that told how the body came over the wire. It is kept decoded, so other readers must not believe them.
WIRE = frozenset(("content-encoding", "transfer-encoding", "content-length"))


class NotWarc(Unreadable):
    """A file that does not even begin as a WARC or ARC file does."""


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """One page of a file, and where it begins there: a stream that is set to that byte can be read on from it."""

    offset: int
    fetched: Fetched


def response_record(fetched: Fetched) -> bytes:
    """An answer as one compressed `response` record."""
    headers = [(f"x-archive-orig-{n}" if n in WIRE else n, v) for n, v in fetched.headers.items()]
    headers.append(("content-length", str(len(fetched.body))))
    http = StatusAndHeaders(f"{fetched.status} {_phrase(fetched.status)}", headers, protocol="HTTP/1.1")
    return _member("response", fetched.url, fetched.fetched_at, fetched.body, http)


def info_record(name: str, at: datetime, fields: dict[str, str]) -> bytes:
    """The `warcinfo` record that opens a file."""
    body = "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode()
    return _member("warcinfo", None, at, body, None, {"WARC-Filename": name})


def _member(
    kind: str,
    uri: str | None,
    at: datetime,
    body: bytes,
    http: StatusAndHeaders | None,
    more: dict[str, str] | None = None,
) -> bytes:
    plain = io.BytesIO()
    writer = WARCWriter(plain, gzip=False, warc_version="1.1")
    headers = {
        "WARC-Date": at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        **(more or {}),
    }
    content_type = "application/warc-fields" if http is None else ""
    record = writer.create_warc_record(
        uri, kind, io.BytesIO(body), len(body), content_type, warc_headers_dict=headers, http_headers=http
    )
    writer.write_record(record)
    return igzip.compress(plain.getvalue(), LEVEL, mtime=0)


def read_pages(stream: BinaryIO, *, most_bytes: int) -> Iterator[ArchivedPage]:
    """The answers (`response`) and extracted texts (`conversion`, as in WET) of a WARC or ARC file, from where the
    stream stands. Bodies longer than `most_bytes` are left out, as are records of other kinds and addresses.

    `NotWarc` where the file is none, `Unreadable` where it is broken: what was yielded before is whole.
    """
    records = StrictIterator(stream)
    whole = records.offset
    try:
        for record in records:
            fetched = _fetched(record, most_bytes)
            offset, length = records.get_record_offset(), records.get_record_length()
            if getattr(record.raw_stream, "limit", 0) > 0:
                raise Cut
            whole = offset + length
            if fetched is not None:
                yield ArchivedPage(offset, fetched)
    except (ArchiveLoadFailed, zlib.error, OSError, ValueError) as e:
        message = " ".join(str(e).split()).partition(", first line: ")[0]  # which may be anything
        if whole == 0:
            raise NotWarc(f"no WARC file, or broken in its first record: {message}") from None
        raise Unreadable(f"broken after byte {whole:,}: {message}") from None
    finally:
        records.close()


def _fetched(record: ArcWarcRecord, most_bytes: int) -> Fetched | None:
    uri = str(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    if record.rec_type not in ("response", "conversion") or not uri.startswith(("http://", "https://")):
        return None
    head = _head(record)
    body = _body(record, most_bytes) if head else None
    if head is None or body is None:
        return None
    status, headers = head
    location = headers.get("location")
    return Fetched(
        url=uri,
        status=status,
        headers=headers,
        body=body,
        fetched_at=_date(record),
        elapsed_s=0.0,
        location=_joined(uri, location) if location and 300 <= status < 400 else None,
        sent_bytes=len(body),
    )


def _body(record: ArcWarcRecord, most_bytes: int) -> bytes | None:
    """Without what it was wrapped in on the wire; None if it is too long."""
    # Chunks are read as a whole, however long they say they are; with their sizes they may be twice the body.
    limited = stream = LimitReader(record.raw_stream, 2 * most_bytes + CHUNK_BYTES)
    coding = ""
    if record.http_headers:
        coding = str(record.http_headers.get_header("content-encoding") or "").strip().lower()
        if record.http_headers.get_header("transfer-encoding") == "chunked":
            stream = ChunkedDataReader(stream)
    body = bytearray()
    while len(body) <= most_bytes and (part := stream.read(CHUNK_BYTES)):
        body += part
    if len(body) > most_bytes or limited.limit == 0:
        return None
    unpacked = unpack(bytes(body), coding, most_bytes)
    return unpacked if len(unpacked) <= most_bytes else None


def _head(record: ArcWarcRecord) -> tuple[int, dict[str, str]] | None:
    """Status and headers; those of a text are made up, since nobody sent it."""
    if record.rec_type == "conversion":
        kind = record.rec_headers.get_header("Content-Type") or "text/plain"
        return 200, {"content-type": kind if "charset" in kind else f"{kind}; charset=utf-8"}
    http = record.http_headers
    code = str(http.get_statuscode()) if http else ""
    if not (code.isascii() and code.isdecimal()):
        return None
    headers: dict[str, str] = {}
    for name, value in http.headers:
        key = str(name).lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else str(value)
    return int(code), headers


def _date(record: ArcWarcRecord) -> datetime:
    try:
        when = datetime.fromisoformat(str(record.rec_headers.get_header("WARC-Date")))
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def _joined(base: str, location: str) -> str:
    try:
        return ada_url.join_url(base, location)
    except ValueError:
        return location


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def member_ends(stream: BinaryIO) -> Iterator[int]:
    """Where each whole gzip member of a file ends. A member cut short is not whole."""
    position = stream.tell()
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    data = b""
    while data or (data := stream.read(CHUNK_BYTES)):
        try:
            unpacker.decompress(data)
        except zlib.error:
            return
        rest = unpacker.unused_data
        position += len(data) - len(rest)
        if unpacker.eof:
            yield position
            unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        data = rest


def unpack(body: bytes, coding: str, most_bytes: int) -> bytes:
    """A body without its content coding, or as it is where it does not fit the name (others have unpacked it and left
    the header). No more than `most_bytes` and one are unpacked."""
    try:
        match coding:
            case "gzip" | "x-gzip":
                return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, most_bytes + 1)
            case "deflate":
                return zlib.decompressobj().decompress(body, most_bytes + 1)
            case "br":
                return bytes(brotli.Decompressor().process(body, output_buffer_limit=most_bytes + 1))
            case "zstd":
                with zstandard.ZstdDecompressor().stream_reader(body) as reader:
                    return bytes(reader.read(most_bytes + 1))
            case _:
                return body
    except (zlib.error, brotli.error, zstandard.ZstdError):
        return body
