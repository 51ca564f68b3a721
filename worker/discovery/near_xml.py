"""Repair of feeds and sitemaps that are nearly XML.

The bytes prove the encoding, then the Content-Type header, then the XML declaration. Everything before the root is cut
off: declarations, DOCTYPE, warnings of a server. Characters that XML does not allow are removed; HTML entities become
characters; an `&` that begins no reference and a `<` that begins no tag are escaped; attributes get quotes. CDATA
sections stay as they are; comments are left out.

No entity that a document declares is expanded, because its DOCTYPE is cut off.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterator
from html.entities import html5

from lxml import etree

#: Root elements of feeds and sitemaps, with any prefix.
ROOT = re.compile(r"<(?:[\w.-]+:)?(urlset|sitemapindex|rss|feed|rdf|channel)(?=[\s/>])", re.IGNORECASE)
ROOT_SEARCHED = 65_536  #: characters in which the root must begin
CHUNK_CHARS = 65_536
MAX_HELD = 4_000_000  #: characters of a CDATA section or a comment, at most
MAX_TAG_CHARS = 100_000  #: a longer tag is cut

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF_16_MARKUP = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"^[^<]{0,200}<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_INVALID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")
_SECTION = re.compile(r"<!\[CDATA\[|<!--")
_AMPERSAND = re.compile(r"&(?:(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")
#: XML's own entities, as character references: after an error, libxml2 drops references to entities.
_XML_ENTITIES = {"amp": "&#38;", "lt": "&#60;", "gt": "&#62;", "quot": "&#34;", "apos": "&#39;"}
_LESS_THAN = re.compile(r"<(?![A-Za-z_:/!?][^<>]*>)")
_TAG = re.compile(r"<[A-Za-z_:][^<>]*>")
_UNQUOTED = re.compile(r"(\s[\w:.-]+\s*=\s*)(?![\"'\s])([^\s>]+?)(?=\s|/?>)")
_QUOTED_VALUE = re.compile(r"(\"[^\"]*\"|'[^']*')")
_PREFIX = re.compile(r"(?:</?|\s)([A-Za-z_][\w.-]{0,40}):[A-Za-z_][\w.-]{0,80}(?=[\s/>=])")
_DECLARATION = re.compile(r"\sxmlns:([\w.-]{1,40})\s*=")
#: Namespaces of prefixes that templates forget to declare.
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
_ESCAPED = str.maketrans({"&": "&#38;", "<": "&#60;", ">": "&#62;"})


def root_name(text: str) -> str:
    """Return the name of the root in lower case and without prefix, or "" if it is not a feed's or a sitemap's."""
    root = ROOT.search(text, 0, ROOT_SEARCHED)
    return root[1].lower() if root else ""


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of a document, without characters that XML does not allow. Never raises an error."""
    charset = _charset(body, content_type)
    return _INVALID.sub("", body.decode(charset, "replace"))


def repaired(text: str) -> Iterator[str]:
    """Yield the document from its root on, repaired, in pieces. Without a root, yield nothing."""
    root = ROOT.search(text, 0, ROOT_SEARCHED)
    held, start = "", root.start() if root else len(text)
    while start < len(text) and len(held) <= MAX_HELD:
        end = min(start + CHUNK_CHARS, len(text))
        parts, held = _split(held + text[start:end], is_last=end == len(text))
        start = end
        yield "".join(part if is_opaque else _repair(part) for part, is_opaque in parts)


def without_sections(text: str) -> str:
    """Return the text without its CDATA sections and comments."""
    parts, _ = _split(text, is_last=True)
    return "".join(part for part, is_opaque in parts if not is_opaque)


def parse(text: str) -> etree._Element | None:
    """Return the root of the repaired document, as much of it as can be read; None if there is nothing."""
    parser = etree.XMLPullParser(events=(), recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    for number, piece in enumerate(repaired(text)):
        parser.feed((piece if number else _declare_prefixes(piece, text)).encode())
    try:
        root: etree._Element | None = parser.close()
    except etree.XMLSyntaxError:
        return None
    return root


def _declare_prefixes(piece: str, text: str) -> str:
    """Return the beginning of a document, with declarations in its root for prefixes that have none."""
    declared = set(_DECLARATION.findall(text))
    missing = {p for p in _PREFIX.findall(text) if p not in declared and p.lower() not in ("xml", "xmlns")}
    root = ROOT.match(piece)
    if not missing or root is None:
        return piece
    names = "".join(f' xmlns:{p}="{_NAMESPACES.get(p.lower(), f"urn:undeclared:{p}")}"' for p in sorted(missing))
    return piece[: root.end()] + names + piece[root.end() :]


def _charset(body: bytes, content_type: str) -> str:
    for bom, name in _BOMS:
        if body.startswith(bom):
            return name
    if utf_16 := _UTF_16_MARKUP.get(body.lstrip(b" \t\r\n")[:2]):
        return utf_16
    if _is_utf8(body):
        return "utf-8"
    labels = [m[1] for m in (_HEADER_CHARSET.search(content_type),) if m]
    labels += [m[1].decode() for m in (_DECLARED.search(body),) if m]
    for label in labels:
        try:
            codec = codecs.lookup("cp1252" if label.lower() in ("iso-8859-1", "latin1", "us-ascii") else label)
        except (LookupError, ValueError):
            continue
        if codec.name not in ("utf-8", "utf-16", "utf-16-le", "utf-16-be") and codec._is_text_encoding:
            return codec.name
    return "utf-8" if labels and _is_mostly_utf8(body) else "cp1252"


def _is_utf8(body: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), CHUNK_CHARS):
            decoder.decode(body[start : start + CHUNK_CHARS])
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(body: bytes) -> bool:
    sample = body[:200_000]
    return sample.decode("utf-8", "replace").count("\ufffd") * 2 < sum(b >= 0x80 for b in sample)


def _split(text: str, *, is_last: bool) -> tuple[list[tuple[str, bool]], str]:
    """Return the complete parts of a text, with True for CDATA sections, and the incomplete rest.

    If this is the last text, its rest is completed.
    """
    parts: list[tuple[str, bool]] = []
    at = 0
    while (section := _SECTION.search(text, at)) is not None:
        end_mark = "]]>" if section[0] == "<![CDATA[" else "-->"
        end = text.find(end_mark, section.end())
        parts.append((text[at : section.start()], False))
        at = section.start()
        if end < 0:
            rest = [(text[at:] + end_mark, True)] if is_last and end_mark == "]]>" else []
            return [*parts, *rest], "" if is_last else text[at:]
        if end_mark == "]]>":
            parts.append((text[at : end + 3], True))
        at = end + 3
    cut = len(text) if is_last else max(text.rfind(">") + 1, at)
    if len(text) - cut > MAX_TAG_CHARS:
        cut = len(text)
    return [*parts, (text[at:cut], False)], text[cut:]


def _repair(text: str) -> str:
    if "&" in text:
        text = _AMPERSAND.sub(_reference, text)
    text = _LESS_THAN.sub("&#60;", text)
    return _TAG.sub(_quote_attributes, text) if "=" in text else text


def _reference(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return "&#38;"
    if name.startswith("#"):
        code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        return match[0] if code <= sys.maxunicode and not _INVALID.match(chr(code)) else ""
    if name in _XML_ENTITIES:
        return _XML_ENTITIES[name]
    character = html5.get(f"{name};")
    return character.translate(_ESCAPED) if character else f"&#38;{name};"


def _quote_attributes(match: re.Match[str]) -> str:
    tag = match[0]
    if "=" not in tag:
        return tag
    parts = _QUOTED_VALUE.split(tag)
    if len(parts) > 1 and not any("=" in p.rstrip().removesuffix("=") for p in parts[::2]):
        return tag
    return "".join(p if number % 2 else _UNQUOTED.sub(r'\1"\2"', p) for number, p in enumerate(parts))
