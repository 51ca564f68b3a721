"""warcio's iterator over the records of a WARC or ARC file, made strict. By itself it takes a file that was cut for one
that has ended, damaged gzip for the end of a record, and headers of any length.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import DecompressingBufferedReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser

MOST_HEADER_BYTES = 512 * 1024  # of one record, WARC's and HTTP's together; browsers take 256 KB of HTTP's
GZIP = b"\x1f\x8b"


class Cut(ArchiveLoadFailed):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__("the file ends within a record")


class StrictIterator(ArchiveIterator):  # type: ignore[misc]
    """Its records as they come. `ArchiveLoadFailed` where the file is cut, or a header too long or without a length;
    `zlib.error` where gzip is damaged."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream, arc2warc=True)
        self.reader = _StrictReader(self.fh)
        self.loader.warc_parser = _StrictHeader(self.loader.WARC_TYPES)

    def _next_record(self, next_line: bytes | None) -> Any:
        reader = self.reader
        reader.in_header, reader.header_bytes = True, len(next_line or b"")
        record = super()._next_record(next_line)
        reader.in_header = False
        return record


class _StrictHeader(StatusAndHeadersParser):  # type: ignore[misc]
    def parse(self, stream: Any, full_statusline: Any = None) -> StatusAndHeaders:
        header = super().parse(stream, full_statusline)
        length = str(header.get_header("Content-Length"))
        if not (length.isascii() and length.isdecimal()):
            raise ArchiveLoadFailed("a record without a length")
        if header.get_header("WARC-Target-URI") is None:
            header.add_header("WARC-Target-URI", "")  # warcio fails without one
        return header


class _StrictReader(DecompressingBufferedReader):  # type: ignore[misc]
    def __init__(self, stream: BinaryIO) -> None:
        self.in_header = False
        self.header_bytes = 0
        super().__init__(stream)

    def readline(self, length: int | None = None) -> bytes:
        room = MOST_HEADER_BYTES + 1 - (self.header_bytes if self.in_header else 0)
        most = room if length is None else min(length, room)
        line: bytes = super().readline(most)
        if self.in_header:
            self._check(line, most)
        return line

    def _check(self, line: bytes, most: int) -> None:
        """A header goes on until a blank line, in whole lines. One that has not begun may fail to come: that is the end
        of the file."""
        if (self.header_bytes or line) and not line.endswith(b"\n") and len(line) < most:
            raise Cut
        self.header_bytes += len(line)
        if self.header_bytes > MOST_HEADER_BYTES:
            raise ArchiveLoadFailed(f"a record's header has more than {MOST_HEADER_BYTES:,} bytes")

    def _init_decomp(self, decomp_type: str | None) -> None:
        super()._init_decomp(decomp_type)
        self._is_fed = False

    def _process_read(self, data: bytes) -> None:
        if not data and self._is_fed and self.decompressor and not self.decompressor.eof:
            raise Cut
        super()._process_read(data)

    def _decompress(self, data: bytes) -> bytes:
        """What does not begin as gzip may be plain; what has begun as gzip must be whole."""
        is_gzip = self.decompressor and (self._is_fed or data.startswith(GZIP))
        self._is_fed = True
        unpacked: bytes = self.decompressor.decompress(data) if is_gzip else super()._decompress(data)
        return unpacked
