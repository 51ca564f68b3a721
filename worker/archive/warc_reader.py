"""Reader of WARC files (ISO 28500), WET files and the older ARC files, gzipped or plain.

It reads files of other programs too: Common Crawl, wget, Heritrix. In a gzipped file each record is one gzip member, so
reading can start at any record. Every truncated or damaged record is an error.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, cast

import ada_url
import brotli
import zstandard
from isal import isal_zlib

from worker.errors import Unreadable
from worker.model.records import Fetched

CHUNK_BYTES = 64 * 1024
UNPACKED_CHUNK_BYTES = 256 * 1024
MAX_HEADER_BYTES = 512 * 1024  # WARC and HTTP headers of one record together; browsers accept 256 KB of HTTP headers
GZIP_WINDOW = 16 + zlib.MAX_WBITS
GZIP_ERROR = cast("type[Exception]", isal_zlib.error)  # its stub declares an instance
GZIP_MAGIC = b"\x1f\x8b"
BLANK = re.compile(rb"[\r\n\t ]*")
BLANK_LINE = re.compile(rb"\r?\n\r?\n")
FOLD = re.compile(r"\r?\n[ \t]+")
ARC_DATE = re.compile(rb"\d{8,17}")
TRUNCATED = "the file ends within a record"
HEADER_TOO_LONG = f"a record's header has more than {MAX_HEADER_BYTES:,} bytes"
HTTP_CHUNK_SIZE = re.compile(rb"\s*([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")


class NotWarc(Unreadable):
    """Raised for a file that does not begin like a WARC or ARC file."""


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page of a file, and the offset of its record in bytes, from which reading can start."""

    offset: int
    fetched: Fetched


def read_pages(stream: BinaryIO, *, max_bytes: int) -> Iterator[ArchivedPage]:
    """Yield the `response` and `conversion` (WET) records of a file, from the stream's position on.

    Other record types, URLs that are not http(s), and bodies longer than `max_bytes` are left out. Raise `NotWarc` if
    the first record is not a WARC or ARC record, `Unreadable` at a broken record. Pages yielded before are complete.
    """
    records = _RecordStream(stream)
    end = records.position
    try:
        while (offset := records.next_record()) is not None:
            fetched = _read_page(records, max_bytes)
            records.finish_record()
            end = records.position
            if fetched is not None:
                yield ArchivedPage(offset, fetched)
    except (ValueError, OSError, GZIP_ERROR) as e:
        message = " ".join(str(e).split())
        if end == 0:
            raise NotWarc(f"not a WARC or ARC file, or its first record is broken: {message}") from None
        raise Unreadable(f"broken after byte {end:,}: {message}") from None


def member_ends(stream: BinaryIO) -> Iterator[int]:
    """Yield the offset of the end of each complete gzip member, up to the first that is truncated or damaged."""
    position = stream.tell()
    decompressor = isal_zlib.decompressobj(GZIP_WINDOW)
    data = b""
    while data or (data := stream.read(CHUNK_BYTES)):
        try:
            decompressor.decompress(data)
        except GZIP_ERROR:
            return
        rest = decompressor.unused_data
        position += len(data) - len(rest)
        if decompressor.eof:
            yield position
            decompressor = isal_zlib.decompressobj(GZIP_WINDOW)
        data = rest


class _RecordStream:
    """The unpacked bytes of a file, record by record.

    Its methods raise `ValueError` for a truncated or broken record and `GZIP_ERROR` for damaged gzip.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._read_bytes = stream.tell()  # offset of the next byte to read from the stream
        first = self._read_stream()
        self._is_gzip = first.startswith(GZIP_MAGIC)
        self._packed = first if self._is_gzip else b""  # bytes of the stream that are not unpacked yet
        self._buffer = b"" if self._is_gzip else first  # unpacked bytes; those before `_start` are used
        self._start = 0
        self._decompressor = isal_zlib.decompressobj(GZIP_WINDOW)
        self._output_pending = False  # the last call stopped at its output limit
        self._header_left = 0  # bytes that the headers of the record may still have
        self.headers: dict[str, str] = {}  #: headers of the record by lower-case name; those of ARC have WARC's names
        self.content_left = 0  #: bytes of the record's content that are not read yet, according to its header

    @property
    def position(self) -> int:
        """The offset of the first byte that is not used yet."""
        return self._read_bytes - (len(self._packed) if self._is_gzip else len(self._buffer) - self._start)

    def next_record(self) -> int | None:
        """Read the header of the next record and return the record's offset; None at the end of the file."""
        offset = self.position
        while not self._skip_blank():
            if not (self._is_gzip and self._open_member()):
                return None
        offset = offset if self._is_gzip else self.position
        self._header_left = MAX_HEADER_BYTES
        self.headers = self._read_header()
        length = self.headers.get("content-length", "")
        if not (length.isascii() and length.isdecimal()):
            raise ValueError("a record without a length")
        self.content_left = int(length)
        return offset

    def read_http_header(self) -> bytes:
        """Return the content up to its first blank line, which is included; the whole content without one."""
        header = self._read_until_blank_line(self.content_left)
        self.content_left -= len(header)
        return header

    def read_content(self) -> bytes:
        """Return the rest of the content."""
        parts = []
        while self.content_left:
            parts.append(self._take(self.content_left))
            self.content_left -= len(parts[-1])
        return b"".join(parts)

    def finish_record(self) -> None:
        """Skip the rest of the record and, in a gzipped file, check that its gzip member ends."""
        while self.content_left:
            self.content_left -= len(self._take(self.content_left))
        if self._is_gzip and self._skip_blank():
            raise ValueError("a gzip member contains more than one record")

    def _read_header(self) -> dict[str, str]:
        line = self._peek_line()
        if line.startswith(b"WARC/"):
            return _header_fields(self._read_until_blank_line(MAX_HEADER_BYTES + 1))
        header = _arc_header(line)
        self._start += len(line) + 1
        return header

    def _peek_line(self) -> bytes:
        """Return the next line without its line feed."""
        while (end := self._buffer.find(b"\n", self._start)) < 0:
            if len(self._buffer) - self._start > MAX_HEADER_BYTES:
                raise ValueError(HEADER_TOO_LONG)
            if not self._fill():
                raise ValueError(TRUNCATED)
        return self._buffer[self._start : end]

    def _read_until_blank_line(self, limit: int) -> bytes:
        """Return the bytes up to the first blank line, which is included, or up to the limit."""
        searched = 0
        while True:
            match = BLANK_LINE.search(self._buffer, self._start + searched, self._start + limit)
            available = min(len(self._buffer) - self._start, limit)
            size = match.end() - self._start if match else available
            if size > self._header_left:
                raise ValueError(HEADER_TOO_LONG)
            if match or size == limit:
                self._header_left -= size
                return self._take(size) if size else b""
            searched = max(size - 3, 0)
            if not self._fill():
                raise ValueError(TRUNCATED)

    def _take(self, limit: int) -> bytes:
        """Return the next bytes, at least one and at most `limit`."""
        if self._start == len(self._buffer) and not self._fill():
            raise ValueError(TRUNCATED)
        data = self._buffer[self._start : self._start + limit]
        self._start += len(data)
        return data

    def _skip_blank(self) -> bool:
        """Skip blank lines; return False if the gzip member or the plain file ends after them."""
        while True:
            blank = BLANK.match(self._buffer, self._start)
            self._start = blank.end() if blank else self._start
            if self._start < len(self._buffer):
                return True
            if not self._fill():
                return False

    def _fill(self) -> bool:
        """Add unpacked bytes to the buffer; return False at the end of the gzip member or of the plain file."""
        data = self._unpack_more() if self._is_gzip else self._read_stream()
        self._buffer = self._buffer[self._start :] + data
        self._start = 0
        return bool(data)

    def _unpack_more(self) -> bytes:
        """Return the next bytes of the gzip member, b"" at its end."""
        while not self._decompressor.eof:
            if not self._packed and not self._output_pending:
                self._packed = self._read_stream()
                if not self._packed:
                    raise ValueError(TRUNCATED)
            data: bytes = self._decompressor.decompress(self._packed, UNPACKED_CHUNK_BYTES)
            is_end = self._decompressor.eof
            self._packed = self._decompressor.unused_data if is_end else self._decompressor.unconsumed_tail
            self._output_pending = len(data) == UNPACKED_CHUNK_BYTES
            if data:
                return data
        return b""

    def _open_member(self) -> bool:
        """Begin to unpack the next gzip member; return False at the end of the file."""
        if len(self._packed) < len(GZIP_MAGIC):
            self._packed += self._read_stream()
        if not self._packed:
            return False
        if not self._packed.startswith(GZIP_MAGIC[: len(self._packed)]):
            raise ValueError("data that is not gzip after a gzip member")
        self._decompressor = isal_zlib.decompressobj(GZIP_WINDOW)
        self._output_pending = False
        return True

    def _read_stream(self) -> bytes:
        data = self._stream.read(CHUNK_BYTES)
        self._read_bytes += len(data)
        return data


def _arc_header(line: bytes) -> dict[str, str]:
    """Return the header of an ARC record under WARC's names. Raise `ValueError` if the line is not one.

    Its fields are URL, IP address, date, media type and length. Version 2 has further ones before the length. Some
    files have spaces in the URL or in the media type, and dates without seconds or with milliseconds.
    """
    fields = line.rstrip(b" \r").split(b" ")
    date = next((n for n in range(2, len(fields) - 2) if ARC_DATE.fullmatch(fields[n])), None)
    if date is None or not fields[0] or not fields[-1].isdigit():
        raise ValueError("no WARC or ARC header")
    digits = fields[date][:14].ljust(14, b"0").decode()
    return {
        "warc-type": "response",
        "warc-target-uri": _decode(b" ".join(fields[: date - 1])),
        "warc-date": f"{digits[:8]}T{digits[8:]}",
        "content-type": _decode(fields[date + 1]),
        "content-length": fields[-1].decode(),
    }


def _read_page(records: _RecordStream, max_bytes: int) -> Fetched | None:
    """Return the page of the record whose header was read; None if it has none or its body is too long."""
    uri = records.headers.get("warc-target-uri", "").strip("<>")
    kind = records.headers.get("warc-type")
    if kind not in ("response", "conversion") or not uri.startswith(("http://", "https://")):
        return None
    status, headers = (200, _wet_headers(records.headers)) if kind == "conversion" else _http_header(records)
    body = _read_body(records, headers, max_bytes) if status else None
    if body is None:
        return None
    location = headers.get("location")
    return Fetched(
        url=uri,
        status=status,
        headers=headers,
        body=body,
        fetched_at=_date(records.headers.get("warc-date", "")),
        elapsed_s=0.0,
        location=_join(uri, location) if location and 300 <= status < 400 else None,
        sent_bytes=len(body),
    )


def _wet_headers(warc_headers: Mapping[str, str]) -> dict[str, str]:
    """Return HTTP headers for an extracted text, which has none of its own."""
    media_type = warc_headers.get("content-type", "text/plain")
    return {"content-type": media_type if "charset" in media_type else f"{media_type}; charset=utf-8"}


def _http_header(records: _RecordStream) -> tuple[int, dict[str, str]]:
    """Return the status and the headers of the HTTP response; status 0 if it is not one."""
    status_line, _, fields = records.read_http_header().partition(b"\n")
    protocol, _, rest = status_line.partition(b" ")
    code = rest.split(maxsplit=1)[0] if rest.strip() else b""
    if not (protocol.startswith(b"HTTP/") and code.isdigit()):
        return 0, {}
    return int(code), _header_fields(fields, join=True)


def _read_body(records: _RecordStream, headers: Mapping[str, str], max_bytes: int) -> bytes | None:
    """Return the body without its transfer and content coding; None if it is too long."""
    is_chunked = _coding(headers, "transfer-encoding") == "chunked"
    if records.content_left > (2 * max_bytes + CHUNK_BYTES if is_chunked else max_bytes):  # chunk sizes take space too
        return None
    body = records.read_content()
    if is_chunked:
        body = _join_chunks(body)
    if len(body) > max_bytes:
        return None
    unpacked = unpack(body, _coding(headers, "content-encoding"), max_bytes)
    return unpacked if len(unpacked) <= max_bytes else None


def _coding(headers: Mapping[str, str], name: str) -> str:
    """Return the coding in a header. Some servers send the header twice, although the body is coded once."""
    codings = {coding.strip().lower() for coding in headers.get(name, "").split(",")}
    return codings.pop() if len(codings) == 1 else ""


def _join_chunks(body: bytes) -> bytes:
    """Return the chunks of a chunked body without their sizes.

    Bytes that are not a chunk are kept as they are: some programs join the chunks and keep the header.
    """
    parts: list[bytes] = []
    start = 0
    while match := HTTP_CHUNK_SIZE.match(body, start):
        size = int(match[1], 16)
        start = match.end() + size
        if size == 0:
            return b"".join(parts)
        parts.append(body[match.end() : start])
    return b"".join([*parts, body[start:].removeprefix(b"\r\n") if parts else body])


def unpack(body: bytes, coding: str, max_bytes: int) -> bytes:
    """Return a body without its content coding; at most `max_bytes` + 1 bytes are unpacked.

    A body that does not fit the coding is returned unchanged: some programs unpack bodies and keep the header.
    """
    try:
        match coding:
            case "gzip" | "x-gzip":
                return zlib.decompressobj(GZIP_WINDOW).decompress(body, max_bytes + 1)
            case "deflate":
                return zlib.decompressobj().decompress(body, max_bytes + 1)
            case "br":
                return bytes(brotli.Decompressor().process(body, output_buffer_limit=max_bytes + 1))
            case "zstd":
                with zstandard.ZstdDecompressor().stream_reader(body) as reader:
                    return bytes(reader.read(max_bytes + 1))
            case _:
                return body
    except (zlib.error, brotli.error, zstandard.ZstdError):
        return body


def _header_fields(header: bytes, *, join: bool = False) -> dict[str, str]:
    """Return header fields by lower-case name. The first of equal names counts, or all joined by commas."""
    fields: dict[str, str] = {}
    for line in FOLD.sub(" ", _decode(header)).split("\n"):
        name, colon, value = line.partition(":")
        key, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if key not in fields:
            fields[key] = value
        elif join:
            fields[key] += f", {value}"
    return fields


def _decode(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _date(text: str) -> datetime:
    """Return a WARC-Date in UTC; 1970 if it is unreadable."""
    try:
        when = datetime.fromisoformat(text)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def _join(base: str, location: str) -> str:
    try:
        return ada_url.join_url(base, location)
    except ValueError:
        return location
