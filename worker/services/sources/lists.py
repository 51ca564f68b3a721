"""Lists of sources as text: TOML or JSON of our own form, and OPML, which feed readers exchange."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from lxml import etree

from worker.errors import BadInput
from worker.model.catalog import Source, SourceKind
from worker.services.sources import names

FORM = '[[source]] with url = "…", and optionally name, kind (feed, sitemap, section), every, paused'
JSON_FORM = '{"url": "…"}, and optionally "name", "kind" (feed, sitemap, section), "every", "paused"'
TYPES = {"url": str, "name": str, "kind": str, "every": str, "paused": bool}  # fields of a source in a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of a list."""

    url: str
    name: str = ""
    kind: SourceKind | None = None
    every: str = ""
    paused: bool = False


def read(path: Path) -> list[Listed]:
    """Return the entries of a .toml file, or of an OPML file (.opml, .xml). Raise `BadInput` if it is not valid."""
    try:
        text = path.read_bytes()
    except OSError as e:
        raise BadInput(f"Cannot read {path}: {e.strerror}") from None
    if path.suffix == ".toml":
        return _from_toml(text, str(path))
    if path.suffix in (".opml", ".xml"):
        return _from_opml(text, str(path))
    raise BadInput(f"Unknown file type: {path}. Use a .toml or .opml file.")


def parse(text: bytes) -> list[Listed]:
    """Return the entries of a text, which is OPML, JSON or TOML. Raise `BadInput` if it is not valid."""
    begin = text.removeprefix(b"\xef\xbb\xbf").lstrip()
    if begin.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return _from_opml(text, "The list")
    if begin.startswith((b"[", b"{")) and not begin.startswith(b"[["):
        return _from_json(text)
    return _from_toml(text, "The list")


def _from_toml(text: bytes, name: str) -> list[Listed]:
    try:
        found = tomllib.loads(text.decode("utf-8-sig"))
        if others := found.keys() - {"source"}:
            raise ValueError(f"unknown key: {', '.join(sorted(others))}")
        return _entries(found.get("source", []), "source is not a list")
    except (ValueError, RecursionError) as e:  # raised for invalid TOML and for invalid UTF-8
        raise BadInput(f"{name} is not valid: {e}. Each source is {FORM}") from None


def _from_json(text: bytes) -> list[Listed]:
    try:
        return _entries(json.loads(text), "it is not a list")
    except (ValueError, RecursionError) as e:
        raise BadInput(f"The list is not valid: {e}. Each source is {JSON_FORM}") from None


def _entries(entries: object, complaint: str) -> list[Listed]:
    if not isinstance(entries, list):
        raise ValueError(complaint)
    return [_entry(e) for e in entries]


def _entry(entry: object) -> Listed:
    if not isinstance(entry, dict) or "url" not in entry:
        raise ValueError(f"{entry!r} has no url")
    for key, value in entry.items():
        expected = TYPES.get(key)
        if expected is None:
            raise ValueError(f"unknown key: {key}")
        if not isinstance(value, expected):
            raise ValueError(f"{key} = {value!r} is not {'text' if expected is str else 'true or false'}")
        if isinstance(value, str):
            value.encode()  # raises ValueError for half of a surrogate pair, which JSON can contain
    kind = entry.get("kind")
    if kind and kind not in tuple(SourceKind):
        raise ValueError(f"kind = {kind!r} is not one of {', '.join(SourceKind)}")
    return Listed(**{**entry, "kind": SourceKind(kind) if kind else None})


def _from_opml(text: bytes, name: str) -> list[Listed]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    root = etree.fromstring(text, parser) if text.strip() else None
    outlines = [o for o in root.iter("outline") if o.get("xmlUrl")] if root is not None else []
    if not outlines:
        raise BadInput(f"{name} is not OPML with feeds: it has no <outline xmlUrl=…>")
    return [
        Listed(
            url=o.get("xmlUrl", ""),
            name=o.get("title") or o.get("text") or "",
            kind=SourceKind.FEED,
            every=o.get("copydeskEvery", ""),
        )
        for o in outlines
    ]


def to_toml(sources: Iterable[Source]) -> str:
    """Return sources as TOML that `read` reads.

    Strings are written as in JSON, except for one character that TOML requires to be escaped.
    """
    lines: list[str] = []
    for s in sources:
        fields = {"name": s.name, "url": s.url, "kind": str(s.kind), "every": s.schedule}
        lines += ["[[source]]", *(f"{key} = {_toml_string(value)}" for key, value in fields.items())]
        lines += ["paused = true", ""] if s.paused else [""]
    return "\n".join(lines)


def _toml_string(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def to_opml(sources: Iterable[Source]) -> str:
    """Return the feeds as OPML, which has no form for other kinds."""
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = "Copydesk sources"
    body = SubElement(root, "body")
    for s in sources:
        if s.kind is SourceKind.FEED:
            name = names.printable(s.name)
            attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": s.url, "copydeskEvery": s.schedule}
            SubElement(body, "outline", attributes)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"
