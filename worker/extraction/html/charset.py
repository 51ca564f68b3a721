"""Decoding of bytes as a lenient browser does it.

The bytes themselves decide first, then the Content-Type header, then the page's own declaration, if the text looks
like it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from functools import cache

from worker.errors import Unreadable
from worker.extraction import word_tables
from worker.extraction.html.charset_sniffer import best_charset
from worker.extraction.html.packed_bytes import is_binary, unpack

#: The most bytes of a page that are read; the rest is cut off.
MAX_BYTES = 10_000_000

_SAMPLE = 20_000  #: bytes that are examined to distinguish text from binary data
_WIDE = 400  #: bytes that are examined for UTF-16
_RARE = 20  #: text has less than one control character in so many bytes

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_STATEFUL = ("iso2022", "iso-2022", "hz")
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")
_LONGEST_HEAD = 100_000
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_PAGE_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
#: Characters of windows-1252 for the bytes 0x80-0x9f, as browsers read Latin-1.
_C1 = {i: bytes([i]).decode("cp1252", "ignore") for i in range(0x80, 0xA0)}
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, 0xFEFF, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)])
_C0_BYTES = bytes(c for c in _CONTROLS if c < 0x80)
_C1_BYTES = re.compile(rb"\xc2[\x80-\x9f]")
_TO_STRIP = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")


def decode(body: bytes, content_type: str = "") -> str:
    """Return the page's text without control characters.

    Raises `Unreadable` if the bytes are empty or not text.
    """
    if not body.lstrip(b"\x00 \t\r\n"):
        raise Unreadable("The page is empty. Fetch it again, or check that the URL gives HTML without a login.")
    body = unpack(body, MAX_BYTES)
    if is_binary(body):
        raise Unreadable("The bytes are an image, a PDF or an archive, not a page. Give the URL of the HTML page.")
    body = body[:MAX_BYTES]
    text, charset = _valid_utf8(body), "utf-8"
    if text is None:
        charset = _charset(body, content_type)
        text = body.decode(charset, "replace")
    text = _stripped(text, body) if charset == "utf-8" else strip_controls(text)
    if not _is_text(body, charset) or not text or text.isspace():
        raise Unreadable(
            "The bytes are not text. Give the URL of an HTML page, or state its charset in the Content-Type."
        )
    return text


def _is_text(body: bytes, charset: str) -> bool:
    """Return True if control bytes are rare.

    UTF-16 is judged by its characters, since half of its bytes are zero. Stateful charsets are judged by decoding
    errors, since they use escape bytes.
    """
    sample = body[:_SAMPLE]
    if charset.startswith(("utf-16", "utf-32")):
        text = sample.decode(charset, "replace").lstrip("\ufeff")
        return (text.count("\ufffd") + len(_TO_STRIP.findall(text))) * _RARE < len(text)
    if charset.startswith(_STATEFUL):
        return sample.decode(charset, "replace").count("\ufffd") * 10 < len(sample)
    controls = len(sample) - len(sample.translate(None, _C0_BYTES))
    return controls * _RARE < len(sample)


def _stripped(text: str, body: bytes) -> str:
    """Return `strip_controls(text)` for text that was decoded from these bytes of UTF-8.

    Most pages have no control characters. Searching the bytes for them is ten times as fast as searching the text.
    """
    is_odd = len(body.translate(None, _C0_BYTES)) < len(body) or _C1_BYTES.search(body) is not None
    return strip_controls(text) if is_odd or any(map(text.__contains__, "\ufeff\uffff\ufffe")) else text


def strip_controls(text: str) -> str:
    """Return the text without control characters, byte-order marks and lone surrogates.

    C1 controls become the windows-1252 characters that browsers show.
    """
    return _TO_STRIP.sub(_shown, text)


def _shown(control: re.Match[str]) -> str:
    return _C1.get(ord(control[0]), "")


def _charset(body: bytes, content_type: str) -> str:
    for bom, name in _BOMS:
        if body.startswith(bom):
            return name
    if utf_16 := _utf_16(body[:_WIDE]):
        return utf_16
    header = _HEADER_CHARSET.search(content_type)
    labels = [header.group(1)] if header else []
    labels += [m.group(1).decode("ascii", "replace") for m in _PAGE_CHARSET.finditer(_head(body))]
    declared = [codec for codec in map(_codec_name, labels) if codec and not codec.startswith("utf")]
    if declared and declared[0].startswith(_STATEFUL):
        return declared[0]
    if _ISO_2022_JP.search(body, 0, _SAMPLE):
        return "iso2022_jp"
    valid, errors = _utf_8_counts(body)
    if valid >= 2 * errors:
        return "utf-8"
    return best_charset(body, declared) or ("cp1252" if errors > valid else "utf-8")


def _head(body: bytes) -> bytes:
    """Return the bytes before the page's body, without comments."""
    end = body[:_LONGEST_HEAD].lower().find(b"<body")
    return _COMMENT.sub(b"", body[: end if end > 0 else _LONGEST_HEAD])


def _utf_16(body: bytes) -> str | None:
    """Return the byte order of UTF-16 without a byte-order mark, or None if it is not UTF-16.

    In UTF-16 markup every second byte is zero, and the others hardly ever are.
    """
    high, low = body[::2].count(0), body[1::2].count(0)
    if max(high, low) * 4 < len(body) or min(high, low) * 50 > len(body):
        return None
    return "utf-16-le" if low > high else "utf-16-be"


def _codec_name(label: str) -> str | None:
    name = label.strip().lower()
    try:
        return codecs.lookup(_labels().get(name, name)).name
    except (LookupError, ValueError):
        return None


@cache
def _labels() -> Mapping[str, str]:
    """Return Python's codecs by WHATWG label."""
    return {label: codec for codec, labels in word_tables.load("charsets")["labels"].items() for label in labels}


def _valid_utf8(body: bytes) -> str | None:
    """Return the text if the bytes are valid UTF-8, else None. The cut at `MAX_BYTES` may split the last character."""
    if b"\x00" in body[:200] or _ISO_2022_JP.search(body, 0, _SAMPLE):
        return None
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return None


def _utf_8_counts(body: bytes) -> tuple[int, int]:
    """Return the characters beyond ASCII and the decoding errors of the bytes as UTF-8."""
    text = body[:200_000].decode("utf-8", "replace")
    errors = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) - errors, errors
