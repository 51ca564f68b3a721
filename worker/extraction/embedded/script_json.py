r"""The JSON in a page's scripts, as Python values: the data from which the browser builds the article.

    Fusion.globalContent={...};                     Arc XP                    "fusion"
    <script id="__NEXT_DATA__">{...}</script>       Next.js, pages router     "next"
    self.__next_f.push([1,"3:[...]\n"])             Next.js, app router       "next"
    <script type="application/json">...             Nuxt, Angular and others  "state"
    window.__INITIAL_STATE__ = {...}                any other assignment      "state"

The pushes of the app router are rows of React's flight format; they are joined. A script is parsed only if it contains
the page's headline, so that only the article's own data costs time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from worker.extraction.html.tree import Element, Tree, parse_json


@dataclass(frozen=True, slots=True)
class EmbeddedValue:
    """A JSON value, and its place in the page."""

    source: str  #: "fusion", "next", "state"
    name: str  #: "globalContent", "__NEXT_DATA__", the variable's name
    value: Any


_DECODER = json.JSONDecoder(strict=False)
_MIN_CHARS, _MAX_CHARS = 200, 4_000_000
_MAX_ASSIGNMENTS = 1000  #: maximum number of assignments tried in one script; each error costs time
_ASSIGNMENT = re.compile(
    r"""(?:^|[;\s])(?:(?:window|self|globalThis)\.|(?:var|let|const)\s+)?([\w$.\[\]"']{1,60})\s*=\s*"""
    r"""(JSON\.parse\(\s*|JSON\.parse\(decodeURIComponent\(\s*)?(?=[\[{"'])"""
)
_GALLERY = re.compile(r"galler|galer|slide|photos|bilder|fotostrecke|carousel|diaporama", re.I)
_CREDITED = re.compile(r'"\w*(?:credit|copyright|photographer|source|author)\w*"\s*:', re.I)
_PUSH = re.compile(r"self\.__next_f\.push\(\s*(?=\[)")
_ROW = re.compile(r"\n?([0-9a-f]{1,6}):(?:T([0-9a-f]+),)?")
_ROW_REFERENCE = re.compile(r"^\$[L@]?([0-9a-f]+)$")


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


def find_values(scripts: tuple[Script, ...], headlines: tuple[str, ...]) -> Iterator[EmbeddedValue]:
    """Yield each embedded value that contains one of the headlines."""
    probes = tuple({n for h in headlines for n in _probes(h)})
    if not probes:
        return
    pushes: list[str] = []
    for script in scripts:
        if "__next_f" in script.text:
            pushes.append(script.text)
        elif len(script.text) > _MIN_CHARS and any(n in script.text for n in probes):
            yield from _values(script)
    stream = "".join(chunk for text in pushes for chunk in _chunks(text))
    if any(n in stream for n in probes):
        yield EmbeddedValue("next", "__next_f", rows(stream))


def find_galleries(scripts: tuple[Script, ...]) -> Iterator[EmbeddedValue]:
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


def _values(script: Script) -> Iterator[EmbeddedValue]:
    text, id = script.text, script.id
    if "json" in script.type or text.lstrip()[:1] in ("{", "["):
        value = parse_json(text)
        if value is not None:
            yield EmbeddedValue("next" if id == "__NEXT_DATA__" else "state", id or "json", _resolve_nuxt(value, id))
        return
    position = 0
    for _ in range(_MAX_ASSIGNMENTS):
        if not (match := _ASSIGNMENT.search(text, position)):
            return
        value, position = _decode(text, match.end(), parsed=bool(match[2]))
        if isinstance(value, dict | list) and value:
            is_fusion = match[1].startswith("Fusion.globalContent")
            yield EmbeddedValue("fusion" if is_fusion else "state", match[1].strip("[]\"'"), value)


def _decode(text: str, start: int, *, parsed: bool) -> tuple[Any, int]:
    """Return the JSON value that begins at `start`, and its end. With `parsed`, it is a string that contains JSON."""
    if text[start] == "'" or (text[start] == '"' and not parsed):
        return None, start + 1
    try:
        value, end = _DECODER.raw_decode(text, start)
        return (json.loads(value, strict=False) if parsed and isinstance(value, str) else value), end
    except (ValueError, RecursionError):
        return None, start + 1


def rows(stream: str) -> dict[str, Any]:
    """Return React's flight rows by id: JSON up to the end of a line, or "T", a length in bytes, and a text."""
    found: dict[str, Any] = {}
    position = 0
    while position < len(stream):
        match = _ROW.match(stream, position)
        if match and match[2]:
            size = int(match[2], 16)
            piece = stream[match.end() : match.end() + size].encode("utf8", "replace")[:size]
            found[match[1]] = piece.decode("utf8", "ignore")
            position = match.end() + len(found[match[1]])
            continue
        end = stream.find("\n", match.end() if match else position)
        end = len(stream) if end < 0 else end
        if match and (value := parse_json(stream[match.end() : end])) is not None:
            found[match[1]] = value
        position = max(end, position + 1)
    return found


def _chunks(text: str) -> Iterator[str]:
    for match in _PUSH.finditer(text):
        value, _ = _decode(text, match.end(), parsed=False)
        if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str):
            yield value[1]


def resolve(value: Any, root: Any) -> Any:
    """Return the value that a reference points to: Next's "$1a", Apollo's {"__ref": "Image:1"}. Other values stay."""
    if not isinstance(root, dict):
        return value
    if isinstance(value, str) and value.startswith("$") and (match := _ROW_REFERENCE.match(value)):
        return root.get(match[1], value)
    if isinstance(value, dict) and isinstance(value.get("__ref"), str):
        return root.get(value["__ref"], value)
    return value


def _resolve_nuxt(value: Any, id: str) -> Any:
    """Return the value of Nuxt 3's flat list, in which numbers are indexes of that list. Other values stay."""
    if id != "__NUXT_DATA__" or not isinstance(value, list):
        return value
    built: dict[int, Any] = {}

    def build(index: Any, depth: int) -> Any:
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(value) or depth > 40:
            return None
        if index not in built:
            item = value[index]
            built[index] = item if not isinstance(item, dict | list) else None
            if isinstance(item, dict):
                built[index] = {k: build(v, depth + 1) for k, v in item.items()}
            elif isinstance(item, list):
                wrapped = len(item) == 2 and isinstance(item[0], str)  # ["Reactive", 1]
                built[index] = build(item[1], depth + 1) if wrapped else [build(v, depth + 1) for v in item]
        return built[index]

    return build(0, 0)
