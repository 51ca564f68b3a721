"""Repair of documents that are nearly XML."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from worker.discovery import near_xml
from worker.discovery.near_xml import decode, parse, repaired, root_name

REPAIRED = {
    "bare ampersand": ("a & b", "a &#38; b"),
    "ampersand in a query": ("?a=1&copy=2&lt=3", "?a=1&#38;copy=2&#38;lt=3"),
    "ampersand at the end": ("a&", "a&#38;"),
    "references of XML": ("&amp;&lt;&#65;&#x41;", "&#38;&#60;&#65;&#x41;"),
    "entities of HTML": ("caf&eacute;&nbsp;&copy;", "caf\u00e9\u00a0\u00a9"),
    "entity of a markup character": ("&LT;b&GT;", "&#60;b&#62;"),
    "unknown entity": ("&ferry;", "&#38;ferry;"),
    "characters that XML does not allow": ("a&#0;b&#xD800;c&#x1F600;", "abc&#x1F600;"),
    "less-than in a text": ("2 < 3 <5", "2 &#60; 3 &#60;5"),
    "less-than before a letter": ("a<b", "a&#60;b"),
    "quotes of attributes": ("<a b=1 c='x=y' d=/e?f=g/>", '<a b="1" c=\'x=y\' d="/e?f=g"/>'),
    "quoted attributes": ('<a b="c = d e=f" g = "h"/>', '<a b="c = d e=f" g = "h"/>'),
    "CDATA": ("<![CDATA[a & <b c=d> &eacute;]]>", "<![CDATA[a & <b c=d> &eacute;]]>"),
    "comment": ("<!-- a & b -- < c -->d & e", "d &#38; e"),
}


@pytest.mark.parametrize(("text", "wanted"), REPAIRED.values(), ids=REPAIRED.keys())
def test_repair(text: str, wanted: str) -> None:
    assert "".join(repaired(f"<rss>{text}</rss>")) == f"<rss>{wanted}</rss>"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
@pytest.mark.parametrize(("text", "wanted"), REPAIRED.values(), ids=REPAIRED.keys())
def test_repair_does_not_depend_on_the_pieces(
    monkeypatch: pytest.MonkeyPatch, text: str, wanted: str, size: int
) -> None:
    monkeypatch.setattr(near_xml, "CHUNK_CHARS", size)
    assert "".join(repaired(f"<rss><x>y</x>{text}</rss>")) == f"<rss><x>y</x>{wanted}</rss>"


def test_section_without_an_end_is_closed() -> None:
    assert "".join(repaired("<rss><![CDATA[a <b>")) == "<rss><![CDATA[a <b>]]>"
    assert "".join(repaired("<rss>a<!-- b <c>")) == "<rss>a"


def test_everything_before_the_root_is_cut() -> None:
    text = 'Warning: x\n<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><!-- c --><atom:feed a="b">&a;</atom:feed>'
    assert "".join(repaired(text)) == '<atom:feed a="b">&#38;a;</atom:feed>'
    assert (root_name(text), root_name("<html>"), list(repaired("<html>"))) == ("feed", "", [])


TEXT = "<rss>Žižka ž 河</rss>"
ENCODED = {
    "UTF-8": (TEXT.encode(), "", TEXT),
    "UTF-8 that declares UTF-16": (b'<?xml encoding="utf-16"?>' + TEXT.encode(), "", TEXT),
    "UTF-8 that its header calls Latin-1": (TEXT.encode(), "text/xml; charset=iso-8859-1", TEXT),
    "two byte order marks": ("\ufeff\ufeff".encode() + TEXT.encode(), "", TEXT),
    "UTF-16 with a mark": (TEXT.encode("utf-16"), "", TEXT),
    "UTF-16 without a mark": (TEXT.encode("utf-16-be"), "", TEXT),
    "a charset of the header": ("<rss>Žižka</rss>".encode("iso-8859-2"), "text/xml; charset=ISO-8859-2", "Žižka"),
    "a charset of the declaration": ('<?xml version="1.0" encoding="gbk"?><rss>河</rss>'.encode("gbk"), "", "河"),
    "UTF-8 in the header, GBK in the declaration": (
        '<?xml version="1.0" encoding="gbk"?><rss>河岸</rss>'.encode("gbk"),
        "text/xml; charset=utf-8",
        "河岸",
    ),
    "an unknown charset": ("<rss>Café</rss>".encode("cp1252"), "text/xml; charset=martian", "Café"),
    "a codec that is not a charset": (b"<rss>abc</rss>\xe9", "text/xml; charset=base64", "abc"),
}


@pytest.mark.parametrize(("body", "content_type", "text"), ENCODED.values(), ids=ENCODED.keys())
def test_decoding(body: bytes, content_type: str, text: str) -> None:
    assert text in decode(body, content_type)


@pytest.mark.parametrize("error", ['<x a="1" a="2"/>', "<b>", '<a b="c" b="d">e</a>'])
@pytest.mark.parametrize("reference", ["&amp;", "&", "&#38;", "&AMP;"])
def test_references_survive_an_error(error: str, reference: str) -> None:
    root = parse(f"<urlset>{error}<loc>https://herald.example/?a=1{reference}b=2</loc></urlset>")
    assert root is not None
    assert root.findtext(".//loc") == "https://herald.example/?a=1&b=2"


def test_undeclared_prefixes_get_a_namespace() -> None:
    root = parse('<rss xmlns:dc="x:dc"><dc:a/><media:b y:c="d"/><content:encoded>e</content:encoded></rss>')
    assert root is not None
    again = etree.fromstring(etree.tostring(root))
    assert [child.tag for child in again] == [
        "{x:dc}a",
        "{http://search.yahoo.com/mrss/}b",
        "{http://purl.org/rss/1.0/modules/content/}encoded",
    ]


MARKUP = st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "&",
            "</item>",
            "<item>",
            "<![CDATA[",
            "]]>",
            "<!--",
            "-->",
            "a=b",
            "'",
            '"',
            ";",
            "&amp;",
            "x ",
            "&#1;",
        ]
    ),
    max_size=40,
).map("".join)


@given(MARKUP)
def test_any_text_becomes_well_formed(text: str) -> None:
    root = parse(f"<rss>{text}")
    assert root is not None
    etree.fromstring(etree.tostring(root))


@pytest.mark.parametrize("filler", ["&", "<", "<a ", "<![CDATA[", "<!--", "=", "a=b ", "<a b='"])
def test_time_grows_with_the_length(filler: str) -> None:
    begin = time.process_time()
    list(repaired("<rss>" + filler * (2_000_000 // len(filler))))
    assert time.process_time() - begin < 10
