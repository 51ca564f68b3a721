r"""The values in a page's scripts and attributes: the data from which the browser builds the article.

    Fusion.globalContent={...};                     Arc XP                    "fusion"
    <script id="__NEXT_DATA__">{...}</script>       Next.js, pages router     "next"
    self.__next_f.push([1,"3:[...]\n"])             Next.js, app router       "next"
    <script type="application/json">...             Nuxt, Angular and others  "state"
    window.X = {...}; start(app, {...})             any other code            "state"
    <astro-island props="...">                      any long attribute        "state"

A text is read only if it contains the page's headline, or the last part of its URL, so that only the article's own data
costs time. Texts that hide what they contain (percent signs, base64) and long code are read where the elements show no
prose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from lxml import etree

from worker.extraction.embedded.syntax import flight
from worker.extraction.embedded.syntax.code_values import assigned_values, code_values
from worker.extraction.embedded.syntax.lenient_json import parse_json
from worker.extraction.embedded.syntax.packings import is_packed, unpack
from worker.extraction.html.tree import Element, Tree


@dataclass(frozen=True, slots=True)
class EmbeddedValue:
    """A JSON value, and its place in the page."""

    source: str  #: "fusion", "next", "state"
    name: str  #: "globalContent", "__NEXT_DATA__", the variable's name
    value: Any
    is_linked: bool = True  #: it may have references


_MIN_CHARS, _MAX_CHARS = 200, 4_000_000
_GALLERY = re.compile(r"galler|galer|slide|photos|bilder|fotostrecke|carousel|diaporama", re.I)
_CREDITED = re.compile(r'"\w*(?:credit|copyright|photographer|source|author)\w*"\s*:', re.I)
_LINKS = ("__ref", "included", "generated")  #: what JSON with references contains
_LONG_ATTRIBUTES = etree.XPath(f"//@*[string-length(.) > {_MIN_CHARS}]", smart_strings=False)
_LONG_TEXTS = etree.XPath(
    "//body//text()[string-length(.) > 100][not(parent::script or parent::style or parent::noscript "
    "or parent::template or parent::textarea)]",
    smart_strings=False,
)
_DATA_ELEMENTS = ("template", "textarea", "code", "noscript")
_SHOWN_PARAGRAPHS, _PARAGRAPH, _SHOWN_CHARS = 4, 100, 1500


@dataclass(frozen=True, slots=True)
class Script:
    """A <script> element with its text."""

    text: str
    id: str
    type: str
    node: Element


def scripts(tree: Tree) -> tuple[Script, ...]:
    """Return the page's scripts with their text, since lxml builds the text at each access."""
    built = (Script(n.text or "", n.get("id") or "", (n.get("type") or "").lower(), n) for n in tree.scripts)
    return tuple(s for s in built if len(s.text) < _MAX_CHARS and "ld+json" not in s.type)


def shows_prose(tree: Tree) -> bool:
    """Return True if the page's elements show as much text as an article has."""
    long = (n for n in tree.root.iter("p") if sum(map(len, n.itertext())) > _PARAGRAPH)
    if len(tuple(islice(long, _SHOWN_PARAGRAPHS))) == _SHOWN_PARAGRAPHS:
        return True
    return sum(map(len, cast(list[str], _LONG_TEXTS(tree.root)))) > _SHOWN_CHARS


def find_values(
    tree: Tree, scripts: Sequence[Script], names: Sequence[str], *, is_bare: bool
) -> Iterator[EmbeddedValue]:
    """Yield each embedded value that may contain one of the names: headlines, or the last part of the URL.

    A bare page's elements show no prose: there, every value is tried.
    """
    probes = tuple({probe for name in names for probe in _probes(name)})
    if not probes and not is_bare:
        return
    stream: list[str] = []
    for script in scripts:
        if flight.MARK in script.text:
            stream += flight.chunks(script.text)
        elif len(script.text) > _MIN_CHARS and (is_bare or any(p in script.text for p in probes)):
            yield from _values(script, is_bare=is_bare)
    text = "".join(stream)
    if text and (is_bare or any(p in text for p in probes)):
        yield EmbeddedValue("next", flight.MARK, flight.rows(text))
    yield from _attribute_values(tree, probes, is_bare=is_bare)


def _values(script: Script, *, is_bare: bool) -> Iterator[EmbeddedValue]:
    text, id = script.text, script.id
    if "json" in script.type or text.lstrip()[:1] in ("{", "[") or (is_bare and is_packed(text.strip())):
        value = _data(text.strip(), is_code=not script.type or "script" in script.type or script.type == "module")
        if value is not None:
            is_linked = is_bare or any(link in text for link in _LINKS)
            yield EmbeddedValue("next" if id == "__NEXT_DATA__" else "state", id or "json", value, is_linked)
            return
        if "json" in script.type:
            return
    is_linked = is_bare or any(link in text for link in _LINKS)
    for name, value in code_values(text) if is_bare else assigned_values(text):
        source = "fusion" if name.startswith("Fusion.globalContent") else "state"
        yield EmbeddedValue(source, name, value, is_linked)


def _data(text: str, *, is_code: bool) -> Any | None:
    """Return the value of a script that is one value, perhaps packed. Code may begin like JSON, but ends otherwise."""
    if is_code and text[:1] in ("{", "["):
        try:
            return json.loads(text.rstrip(";"), strict=False)
        except (ValueError, RecursionError):
            return None
    value = unpack(text) if is_packed(text) else parse_json(text)
    value = unpack(value) if isinstance(value, str) else value
    return value if isinstance(value, dict | list) else None


def _attribute_values(tree: Tree, probes: Sequence[str], *, is_bare: bool) -> Iterator[EmbeddedValue]:
    """Yield the values in long attributes, and in elements that hold data in place of text; else in meta tags alone."""
    texts = [text for contents in tree.meta.values() for text in contents if text[0] in "{["]
    if is_bare:
        texts = [t for t in cast(list[str], _LONG_ATTRIBUTES(tree.root)) if len(t) < _MAX_CHARS]
        texts += [n.text for tag in _DATA_ELEMENTS for n in tree.root.iter(tag) if n.text and len(n.text) > _MIN_CHARS]
    for text in texts:
        if is_packed(text := text.strip()) and (is_bare or any(p in text for p in probes)):
            value = unpack(text)
            if value is not None:
                yield EmbeddedValue("state", "attribute", value)


def find_galleries(scripts: Sequence[Script]) -> Iterator[EmbeddedValue]:
    """Yield a gallery's data: JSON with captions, in a script named for a gallery or inside the article."""
    for script in scripts:
        if "json" not in script.type or '"caption' not in script.text or not _CREDITED.search(script.text):
            continue
        names = f"{script.id} {script.node.get('class') or ''}"
        inside = any(a.tag in ("article", "main", "figure") for a in script.node.iterancestors())
        if (inside or _GALLERY.search(names)) and (value := parse_json(script.text)) is not None:
            yield EmbeddedValue("gallery", script.id or "json", value)


def _probes(headline: str) -> Iterator[str]:
    """Yield the longest piece of a headline that no form of escaping changes. Scripts are searched for it."""
    piece = max(re.findall(r"[A-Za-z0-9 ,.:]+", headline), key=len, default="").strip()
    if len(piece) >= 10:
        yield piece
    elif headline:
        yield headline[:8]
        yield json.dumps(headline[:8])[1:-1]
        yield headline[:8].encode("ascii", "backslashreplace").decode().upper().replace("\\U", "\\u")
