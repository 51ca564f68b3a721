"""Lists of sources as text: TOML of our own or the same as JSON, OPML as feed readers exchange it."""

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

FORM = '[[source]] with url = "…", and name, kind (feed, sitemap, section), every, paused if you like'
JSON_FORM = '{"url": "…"}, with "name", "kind" (feed, sitemap, section), "every", "paused" if you like'
TYPES = {"url": str, "name": str, "kind": str, "every": str, "paused": bool}  # of a source's fields in TOML and JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A source as a file names it."""

    url: str
    name: str = ""
    kind: SourceKind | None = None
    every: str = ""
    paused: bool = False


def read(path: Path) -> list[Listed]:
    """By the file's ending: .toml, or OPML for .opml and .xml. `BadInput` says what is wrong with it."""
    try:
        text = path.read_bytes()
    except OSError as e:
        raise BadInput(f"cannot read {path}: {e.strerror}") from None
    if path.suffix == ".toml":
        return _from_toml(text, str(path))
    if path.suffix in (".opml", ".xml"):
        return _from_opml(text, str(path))
    raise BadInput(f"{path}: give a .toml or an .opml file")


def parse(text: bytes) -> list[Listed]:
    """By how it begins: OPML, a list as JSON, or TOML. `BadInput` says what is wrong with it."""
    begin = text.removeprefix(b"\xef\xbb\xbf").lstrip()
    if begin.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return _from_opml(text, "the list")
    if begin.startswith((b"[", b"{")) and not begin.startswith(b"[["):
        return _from_json(text)
    return _from_toml(text, "the list")


def _from_toml(text: bytes, name: str) -> list[Listed]:
    try:
        found = tomllib.loads(text.decode("utf-8-sig"))
        if others := found.keys() - {"source"}:
            raise ValueError(f"it holds {', '.join(sorted(others))}, which is no source")
        return _entries(found.get("source", []), "source is no list")
    except (ValueError, RecursionError) as e:  # of TOML and of UTF-8 as well
        raise BadInput(f"{name}: {e}; each source is {FORM}") from None


def _from_json(text: bytes) -> list[Listed]:
    try:
        return _entries(json.loads(text), "this is no list")
    except (ValueError, RecursionError) as e:
        raise BadInput(f"the list: {e}; each source is {JSON_FORM}") from None


def _entries(entries: object, complaint: str) -> list[Listed]:
    if not isinstance(entries, list):
        raise ValueError(complaint)
    return [_entry(e) for e in entries]


def _entry(entry: object) -> Listed:
    if not isinstance(entry, dict) or "url" not in entry:
        raise ValueError(f"{entry!r} names no url")
    for key, value in entry.items():
        expected = TYPES.get(key)
        if expected is None:
            raise ValueError(f"{key} is unknown")
        if not isinstance(value, expected):
            raise ValueError(f"{key} = {value!r} is no {'text' if expected is str else 'true or false'}")
        if isinstance(value, str):
            value.encode()  # JSON can name half of a character, which no store takes
    kind = entry.get("kind")
    if kind and kind not in tuple(SourceKind):
        raise ValueError(f"kind = {kind!r} is none of {', '.join(SourceKind)}")
    return Listed(**{**entry, "kind": SourceKind(kind) if kind else None})


def _from_opml(text: bytes, name: str) -> list[Listed]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    root = etree.fromstring(text, parser) if text.strip() else None
    outlines = [o for o in root.iter("outline") if o.get("xmlUrl")] if root is not None else []
    if not outlines:
        raise BadInput(f"{name} is no OPML with feeds: no <outline xmlUrl=…> in it")
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
    """What `read` reads; JSON's strings are TOML's, but for one character that TOML wants escaped."""
    lines: list[str] = []
    for s in sources:
        fields = {"name": s.name, "url": s.url, "kind": str(s.kind), "every": s.schedule}
        lines += ["[[source]]", *(f"{key} = {_toml_string(value)}" for key, value in fields.items())]
        lines += ["paused = true", ""] if s.paused else [""]
    return "\n".join(lines)


def _toml_string(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def to_opml(sources: Iterable[Source]) -> str:
    """Feeds alone: OPML knows nothing else."""
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
