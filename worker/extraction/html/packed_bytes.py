"""Bytes that are not text: gzip is unpacked, images, archives, fonts and documents are recognised."""

from __future__ import annotations

import re
import zlib

_GZIP = b"\x1f\x8b\x08"
_LAYERS = 3  #: how often bytes may be packed
_BLANK = b"\x00 \t\r\n\f"
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_SIGNATURES = (
    b"%PDF-", b"%!PS", b"{\\rtf", b"\xd0\xcf\x11\xe0", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ\x90",
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"8BPS", b"\x00\x00\x01\x00", b"\xff\x0a", b"JXL ",
    b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd",
    b"OggS", b"fLaC", b"ID3", b"\xff\xfb", b"\x1aE\xdf\xa3", b"FLV\x01", b"SQLite format 3", b"\x00asm",
    b"wOFF", b"wOF2", b"OTTO", b"\x00\x01\x00\x00",
)  # fmt: skip
_INNER = re.compile(rb"RIFF.{4}(?:WEBP|WAVE|AVI )|.{1,4}ftyp[a-zA-Z0-9]{3}", re.S)


def unpack(body: bytes, limit: int) -> bytes:
    """Return the bytes without gzip around them, cut at `limit`. Bytes that are not gzip are returned as they are."""
    for _ in range(_LAYERS):
        if not body.startswith(_GZIP):
            break
        try:
            body = zlib.decompressobj(wbits=31).decompress(body, limit)
        except zlib.error:
            break
    return body


def is_binary(body: bytes) -> bool:
    """Return True if the bytes, after white space and byte-order marks, begin like a binary format."""
    start = body[:1024]
    bare = start.lstrip(_BLANK)
    for bom in _BOMS:
        bare = bare.removeprefix(bom).lstrip(_BLANK)
    return any(b.startswith(_SIGNATURES) or _INNER.match(b) is not None for b in (start, bare))
