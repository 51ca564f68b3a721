"""Lists of feeds."""

from __future__ import annotations

import pytest

from worker.errors import BadInput
from worker.fetching.opml import Outline, dump, parse

LIST = b"""<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
<outline text="News"><outline text="Ferry &amp; Times" title="" type="rss" xmlUrl="https://ferry.example/feed"/>
<outline title="Again" xmlUrl=" https://ferry.example/feed "/><outline type="rss" xmlurl="http://b.example/rss"/></outline>
<outline text="A page" htmlUrl="https://c.example/"/><outline text="Bad" xmlUrl="javascript:x"/><outline xmlUrl="/rel"/>
</body></opml>"""


def test_every_feed_once() -> None:
    expected = [
        Outline("https://ferry.example/feed", "Ferry & Times"),
        Outline("http://b.example/rss", "http://b.example/rss"),
    ]
    assert parse(LIST) == expected


def test_there_and_back() -> None:
    outlines = [Outline("https://a.example/f?x=1&y=2", 'Žižka & "Co" <b>'), Outline("https://b.example/", "B")]
    assert parse(dump(outlines, "Mine")) == outlines


@pytest.mark.parametrize("body", [b"", b"plain", b"<html></html>", b"{}", b"\x00\x01"])
def test_what_is_no_opml(body: bytes) -> None:
    with pytest.raises(BadInput, match="no OPML"):
        parse(body)


def test_files_are_not_read() -> None:
    doctype = b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    body = doctype + b'<opml><body><outline text="&x;" xmlUrl="https://a.example/"/></body></opml>'
    assert "root" not in str(parse(body))
