"""Lists of feeds as other readers exchange them (OPML 2.0)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from worker.errors import BadInput
from worker.fetching.found import absolute


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list."""

    url: str
    title: str


def parse(body: bytes) -> list[Outline]:
    """Every feed, at whatever depth, each address once. `BadInput` for what is no OPML."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as e:
        raise BadInput(f"this is no OPML file: {e.msg}") from None
    if root is None or str(root.tag).lower() != "opml":
        raise BadInput('this is no OPML file: give one whose first element is "opml"')
    outlines: dict[str, Outline] = {}
    for element in root.iter("outline"):
        values = {str(name).lower(): str(value) for name, value in element.attrib.items()}
        url = absolute("http://./", values.get("xmlurl"))
        if url:
            title = " ".join((values.get("title") or values.get("text") or "").split())
            outlines.setdefault(url, Outline(url, title or url))
    return list(outlines.values())


def dump(outlines: Iterable[Outline], title: str) -> bytes:
    """An OPML file that other readers take."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for o in outlines:
        etree.SubElement(body, "outline", type="rss", text=o.title, title=o.title, xmlUrl=o.url)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
