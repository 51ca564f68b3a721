"""Bytes that are not text."""

from __future__ import annotations

import gzip

import pytest

from worker.errors import Unreadable
from worker.extraction.html import packed_bytes
from worker.extraction.html.charset import MAX_BYTES, decode

PAGE = b"<html><body><p>The ferry sails again.</p></body></html>"


@pytest.mark.parametrize("layers", [0, 1, 2, 3])
def test_gzip_is_unpacked(layers: int) -> None:
    body = PAGE
    for _ in range(layers):
        body = gzip.compress(body)
    assert packed_bytes.unpack(body, 1000) == PAGE
    assert "ferry" in decode(body)


def test_unpacking_stops_at_the_limit() -> None:
    bomb = gzip.compress(b"a" * 3 * MAX_BYTES)
    assert len(packed_bytes.unpack(bomb, MAX_BYTES)) == MAX_BYTES


def test_gzip_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    body = gzip.compress(PAGE * 200, compresslevel=1)
    assert packed_bytes.unpack(body[:-20], 100_000).startswith(PAGE)


@pytest.mark.parametrize("body", [b"\x1f\x8b\x08broken", gzip.compress(b"%PDF-1.7 ...", mtime=0)])
def test_gzip_without_a_page_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(body)


@pytest.mark.parametrize("before", [b"", b"\r\n  ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
@pytest.mark.parametrize(
    "start",
    [
        b"%PDF-1.4", b"\x89PNG\r\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x10\x00\x00\x00WEBP", b"PK\x03\x04",
        b"\x00\x00\x00\x1cftypavif", b"7z\xbc\xaf\x27", b"Rar!\x1a", b"wOF2", b"ID3\x04", b"\xd0\xcf\x11\xe0",
        b"{\\rtf1",
    ],
)  # fmt: skip
def test_binary_formats_are_unreadable_behind_white_space_too(before: bytes, start: bytes) -> None:
    body = before + start + b" Old ferry to close (Tj) " * 40
    assert packed_bytes.is_binary(body)
    with pytest.raises(Unreadable):
        decode(body)


@pytest.mark.parametrize(
    "body", [PAGE, b"\xef\xbb\xbf" + PAGE, b"ID card rules", b"MZ Wallace, a designer", b"PKP trains"]
)
def test_text_is_not_binary(body: bytes) -> None:
    assert not packed_bytes.is_binary(body)
