"""Tests of the WARC records that are written."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime

from worker.archive.warc_reader import read_pages
from worker.archive.warc_writer import info_record, response_record
from worker.model.records import Fetched

NOW = datetime(2026, 11, 24, 12, 30, 15, 250_000, tzinfo=UTC)


def fetched(headers: dict[str, str]) -> Fetched:
    return Fetched(
        url="https://news.example/a", status=200, headers=headers, body=b"<p>A</p>", fetched_at=NOW, elapsed_s=0.1
    )


def lines(record: bytes) -> list[str]:
    return gzip.decompress(record).decode().split("\r\n")


def test_response_record() -> None:
    record = lines(response_record(fetched({"content-type": "text/html", "content-encoding": "gzip"})))
    assert [line for line in record if not line.startswith("WARC-Record-ID: <urn:uuid:")] == [
        "WARC/1.1",
        "WARC-Type: response",
        "WARC-Date: 2026-11-24T12:30:15.250000Z",
        "WARC-Target-URI: https://news.example/a",
        "WARC-Payload-Digest: sha1:OJIMCYIOZQ35IM6IEDBZJJ7OXD4TTIV6",
        "WARC-Block-Digest: sha1:ICIXYPY5B47HWRS7KLYW72N4YF4S7EQM",
        "Content-Type: application/http; msgtype=response",
        "Content-Length: 110",
        "",
        "HTTP/1.1 200 OK",
        "content-type: text/html",
        "x-archive-orig-content-encoding: gzip",
        "content-length: 8",
        "",
        "<p>A</p>",
        "",
        "",
    ]


def test_info_record() -> None:
    record = lines(info_record("a.warc.gz", NOW, {"software": "Copydesk"}))
    assert "WARC-Type: warcinfo" in record
    assert "WARC-Filename: a.warc.gz" in record
    assert record[-5:] == ["", "software: Copydesk", "", "", ""]


def test_line_break_in_a_header_adds_no_header() -> None:
    headers = {"x": "one\r\n two\nset-cookie: three", "y": "Žižka"}
    (page,) = read_pages(io.BytesIO(response_record(fetched(headers))), max_bytes=1000)
    assert page.fetched.headers == {"x": "one two set-cookie: three", "y": "Žižka", "content-length": "8"}
