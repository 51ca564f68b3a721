"""Tests of the reader with WARC, WET and ARC files as other programs write them, whole, truncated and damaged."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import brotli
import pytest
import zstandard

from worker.archive import warc_reader
from worker.archive.warc_reader import ArchivedPage, NotWarc, read_pages
from worker.errors import Unreadable
from worker.model.records import Fetched

MAX_BYTES = 100_000
Pack = Callable[..., bytes]


def record(kind: str, body: bytes, uri: str | None = "https://news.example/a", **headers: str) -> bytes:
    lines = ["WARC/1.0", f"WARC-Type: {kind}", "WARC-Date: 2026-11-24T07:30:00Z", f"Content-Length: {len(body)}"]
    lines += [f"WARC-Target-URI: {uri}"] if uri else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body + b"\r\n\r\n"


def response(body: bytes, status: str = "200 OK", uri: str = "https://news.example/a", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{n.replace('_', '-')}: {v}" for n, v in headers.items()), "", ""]
    return record(
        "response", "\r\n".join(lines).encode() + body, uri, Content_Type="application/http; msgtype=response"
    )


def wet(text: str, uri: str = "https://news.example/a") -> bytes:
    return record("conversion", text.encode(), uri, Content_Type="text/plain", WARC_Identified_Content_Language="eng")


def packed(*records: bytes) -> bytes:
    return b"".join(gzip.compress(r) for r in records)


def plain(*records: bytes) -> bytes:
    return b"".join(records)


def read(data: bytes, start: int = 0) -> list[ArchivedPage]:
    stream = io.BytesIO(data)
    stream.seek(start)
    return list(read_pages(stream, max_bytes=MAX_BYTES))


def bodies(data: bytes) -> list[bytes]:
    return [r.fetched.body for r in read(data)]


INFO = record("warcinfo", b"software: x\r\n", None, Content_Type="application/warc-fields")


@pytest.mark.parametrize("pack", [packed, plain], ids=["gzip", "plain"])
def test_response_is_read(pack: Pack) -> None:
    data = pack(
        INFO, record("request", b"GET / HTTP/1.1\r\n\r\n"), response(b"<p>A</p>", Content_Type="text/html", X="1")
    )
    (recorded,) = read(data)
    assert recorded.fetched == Fetched(
        url="https://news.example/a",
        status=200,
        headers={"content-type": "text/html", "x": "1"},
        body=b"<p>A</p>",
        fetched_at=datetime(2026, 11, 24, 7, 30, tzinfo=UTC),
        elapsed_s=0.0,
        sent_bytes=8,
    )


def test_wet_text_is_read() -> None:
    (recorded,) = read(packed(INFO, wet("Žižka\nreturns")))
    assert recorded.fetched.content_type == "text/plain; charset=utf-8"
    assert recorded.fetched.body.decode() == "Žižka\nreturns"


def test_arc_response_is_read() -> None:
    head = b"1 1 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>old</p>"
    data = b"filedesc://x.arc 0.0.0.0 20061124073000 text/plain %d\n" % len(head) + head
    data += b"\nhttp://news.example/a 10.0.0.1 20061124073000 text/html %d\n" % len(body) + body + b"\n"
    (recorded,) = read(data)
    assert (recorded.fetched.url, recorded.fetched.body) == ("http://news.example/a", b"<p>old</p>")
    assert recorded.fetched.fetched_at.year == 2006


@pytest.mark.parametrize(
    ("fields", "when"),
    [
        ("20081103201530 text/html; charset=utf-8", "2008-11-03T20:15:30+00:00"),
        ("20081103201530 text/html 200 - - 10 x.arc", "2008-11-03T20:15:30+00:00"),  # version 2
        ("20081103 text/html", "2008-11-03T00:00:00+00:00"),
        ("20081103201530123 text/html", "2008-11-03T20:15:30+00:00"),
        ("00000000000000 text/html", "1970-01-01T00:00:00+00:00"),
    ],
)
def test_odd_arc_headers_are_read(fields: str, when: str) -> None:
    block = b"HTTP/1.1 200 OK\r\n\r\nbody"
    data = f"https://news.example/a b 192.0.2.1 {fields} {len(block)}\n".encode() + block + b"\n"
    for page in read(data + data):
        assert (page.fetched.url, page.fetched.body) == ("https://news.example/a b", b"body")
        assert page.fetched.fetched_at.isoformat() == when
    assert len(read(data + data)) == 2


def test_header_that_is_sent_twice_names_one_coding() -> None:
    coded = b"4\r\nbody\r\n0\r\n\r\n"
    twice = (
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip"
    )
    for body in (coded, b"%x\r\n%b\r\n0\r\n\r\n" % (len(gzip.compress(b"body")), gzip.compress(b"body"))):
        block = b"HTTP/1.1 200 OK\r\n" + twice + b"\r\n\r\n" + body
        assert bodies(record("response", block, Content_Type="application/http")) == [b"body"]


def test_truncated_chunk_is_kept() -> None:
    assert bodies(response(b"4\r\nbody\r\n4\r\nmo", Transfer_Encoding="chunked")) == [b"bodymo"]
    assert bodies(response(b"4\r\nbody\r\nmore", Transfer_Encoding="chunked")) == [b"bodymore"]
    assert bodies(response(b"add\nthis", Transfer_Encoding="chunked")) == [b"add\nthis"]


def test_reading_starts_at_any_record() -> None:
    data = packed(INFO, *(response(b"%d" % n, uri=f"https://news.example/{n}") for n in range(5)))
    pages = read(data)
    for n, page in enumerate(pages):
        assert read(data, page.offset) == pages[n:]


def test_transfer_and_content_codings_are_removed() -> None:
    chunked = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    data = packed(
        response(gzip.compress(b"packed"), Content_Encoding="gzip"),
        response(brotli.compress(b"packed"), Content_Encoding="br"),
        response(zstandard.compress(b"packed"), Content_Encoding="zstd"),
        response(zlib.compress(b"packed"), Content_Encoding="deflate"),
        response(chunked, Transfer_Encoding="chunked"),
        response(b"ff", Content_Encoding="klingon"),
        response(b"not packed", Content_Encoding="gzip"),
    )
    assert bodies(data) == [*[b"packed"] * 4, b"abcde", b"ff", b"not packed"]


def test_long_body_is_complete() -> None:
    body = os.urandom(MAX_BYTES)
    assert bodies(packed(response(body))) == [body]
    assert bodies(response(body) + response(b"next")) == [body, b"next"]


def test_redirect_has_an_absolute_location() -> None:
    (recorded,) = read(packed(response(b"", "302 Found", Location="/b")))
    assert (recorded.fetched.status, recorded.fetched.location) == (302, "https://news.example/b")


def test_other_records_and_long_bodies_are_left_out() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    data = packed(
        response(b"<p>dns</p>", uri="dns:news.example"),
        response(b"x" * (MAX_BYTES + 1)),
        response(bomb, Content_Encoding="gzip"),
        response(brotli.compress(bytes(50_000_000), quality=5), Content_Encoding="br"),
        response(zstandard.compress(bytes(50_000_000)), Content_Encoding="zstd"),
        record("revisit", b""),
        record("metadata", b"a: b"),
        record("response", b"no http at all"),
        response(b"nothing", "abc"),
        response(b"kept", uri="<https://news.example/b>"),
    )
    assert bodies(data) == [b"kept"]


TWO_RECORDS = packed(response(b"first"), response(b"second" * 1000, uri="https://news.example/b"))
MIDDLE = len(TWO_RECORDS) // 2 + 100
BROKEN = {
    "truncated": TWO_RECORDS[:-40],
    "truncated plain file": (response(b"first") + response(b"second" * 1000))[:-400],
    "garbage after a record": packed(response(b"first")) + b"\x1f\x8bgarbage and more garbage",
    "damaged": TWO_RECORDS[: len(TWO_RECORDS) // 2 + 100]
    + b"\x00\x00\x00\x00"
    + TWO_RECORDS[len(TWO_RECORDS) // 2 + 104 :],
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_broken_file_yields_its_complete_pages_and_names_the_offset(data: bytes) -> None:
    found: list[bytes] = []
    with pytest.raises(Unreadable, match="broken after byte"):
        found.extend(r.fetched.body for r in read_pages(io.BytesIO(data), max_bytes=MAX_BYTES))
    assert found in ([], [b"first"])


@pytest.mark.parametrize("pack", [packed, plain], ids=["gzip", "plain"])
def test_truncation_is_reported_at_every_byte(pack: Pack) -> None:
    first, second = pack(INFO, response(b"first", Content_Type="text/html")), pack(response(os.urandom(200)))
    data = first + second
    blank = 4 if pack is plain else 0  # a record may end without the blank lines after it
    complete = {*range(len(first) - blank, len(first) + 1), *range(len(pack(INFO)) - blank, len(pack(INFO)) + 1)}
    for size in set(range(1, len(data) - blank)) - complete:
        found: list[bytes] = []
        with pytest.raises(Unreadable, match="broken"):
            found.extend(r.fetched.body for r in read_pages(io.BytesIO(data[:size]), max_bytes=MAX_BYTES))
        assert found == ([b"first"] if size > len(first) else []), size


def test_random_damage_raises_nothing_but_unreadable() -> None:
    record, random = response(b"3\r\nabc\r\n0\r\n\r\n", Transfer_Encoding="chunked", Content_Encoding="gzip"), Random(1)
    for n in range(1500):
        damaged = bytearray(record)
        for _ in range(random.randrange(1, 4)):
            damaged[random.randrange(len(record))] = random.choice(b"\n\r\0 :-9\xb2\xff")
        with contextlib.suppress(Unreadable):
            read(bytes(damaged) if n % 2 else packed(bytes(damaged), record))


@pytest.mark.parametrize("line", [b"x" * 1000, b"x: y\r\n" * 200], ids=["one line", "many lines"])
@pytest.mark.parametrize("of", ["WARC", "HTTP"])
def test_endless_header_is_an_error(of: str, line: bytes) -> None:
    endless = line * (2_000_000 // len(line))
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\nContent-Length: 90000000\r\n"
    data = packed(response(b"first")) + gzip.compress(head + (b"" if of == "WARC" else b"\r\n") + endless)
    with pytest.raises(Unreadable, match="header has more than 524,288 bytes"):
        read(data)


def test_huge_chunk_is_left_out_without_being_read() -> None:
    chunk = b"%x\r\n" % 30_000_000 + bytes(30_000_000) + b"\r\n0\r\n\r\n"
    data = response(chunk, Transfer_Encoding="chunked") + response(b"kept")
    tracemalloc.start()
    assert bodies(data) == [b"kept"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


def test_invalid_records_are_left_out_or_reported() -> None:
    no_address = record("response", b"HTTP/1.1 200 OK\r\n\r\nlost", None)
    odd_status, odd_date = (
        response(b"lost", "²00 OK"),
        response(b"kept").replace(b"2026-11-24T07:30:00Z", b"0001-01-01T00:00+23:59"),
    )
    (recorded,) = read(packed(no_address, odd_status, odd_date))
    assert (recorded.fetched.body, recorded.fetched.fetched_at) == (b"kept", datetime(1970, 1, 1, tzinfo=UTC))
    for length in (b"", b"Content-Length: -5\r\n", b"Content-Length: ten\r\n"):
        with pytest.raises(NotWarc, match="a record without a length"):
            read(response(b"lost").replace(b"Content-Length: 23\r\n", length))


@pytest.mark.parametrize(
    "data", [b"<html></html>", b"plain words\n" * 9, gzip.compress(b"words", mtime=0), bytes(1000), b"PK\x03\x04"]
)
def test_other_file_is_not_warc(data: bytes) -> None:
    with pytest.raises(NotWarc, match="not a WARC or ARC file"):
        read(data)


def test_empty_file_has_no_pages() -> None:
    assert read(b"") == []


def test_member_ends_yields_the_offset_after_each_gzip_member() -> None:
    data = packed(b"a" * 100_000, b"b", b"c")
    ends = list(warc_reader.member_ends(io.BytesIO(data)))
    assert ends[-1] == len(data)
    assert len(ends) == 3
    assert list(warc_reader.member_ends(io.BytesIO(data[:-1]))) == ends[:2]
    assert list(warc_reader.member_ends(io.BytesIO(b"garbage"))) == []


def test_gzip_file_of_one_member_is_an_error() -> None:
    with pytest.raises(Unreadable, match="more than one record"):
        read(gzip.compress(response(b"first") + response(b"second")))


def test_empty_gzip_member_is_skipped() -> None:
    assert bodies(gzip.compress(b"") + packed(response(b"first")) + gzip.compress(b"\r\n")) == [b"first"]


def test_body_that_is_no_longer_chunked_is_kept() -> None:
    assert bodies(response(b"<p>joined</p>", Transfer_Encoding="chunked")) == [b"<p>joined</p>"]
