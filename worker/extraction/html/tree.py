"""The page, parsed once, as every part of the reader sees it.

lxml's C parser with plain `etree` elements: on 120 news pages parsing and visiting every node takes 1.4 ms a page
where selectolax (lexbor) takes 0.6 and lxml.html's classes 1.6; but xpath, `tail` and node identity come with lxml,
and the rest of the reading costs several times as much. Elements have no `text_content()`: use `text_of`.
Comments and processing instructions are not in the tree. Nobody changes the tree: a part that needs to, copies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urljoin, urlsplit

from lxml import etree

from worker.errors import Unreadable
from worker.extraction.text.normalize import fold

Element: TypeAlias = etree._Element
T = TypeVar("T")

#: Elements whose text no reader of the page sees.
INVISIBLE = frozenset(
    {"script", "style", "noscript", "template", "head", "title", "meta", "link", "svg", "math", "object", "iframe"}
)

#: The largest of 700 news pages has 20,000; what stands behind is cut off, so that time and memory stay bounded.
MAX_TAGS = 80_000

#: Comments around a script's JSON: <!-- -->, //<![CDATA[ //]]>, /*<![CDATA[*/ /*]]>*/.
_OPENED = re.compile(r"<!--|(?://|/\*)? ?<!\[CDATA\[(?: ?\*/)?")
_CLOSED = re.compile(r"(?:-->|(?://|/\*)? ?\]\]>(?: ?\*/)?)$")
_LOOSE_COMMA = re.compile(r",\s*[\]}]")
#: A string (or what is left of the text from an open one), which stays as it is, or a comma before a closing bracket.
_STRING_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+\\?(?:"|\Z))|,\s*([\]}])', re.DOTALL)


@dataclass(frozen=True, eq=False)
class Tree:
    """One parsed page. Compared by identity."""

    root: Element
    url: str
    text: str  #: the decoded source, control characters stripped

    def cached(self, find: Callable[[Tree], T]) -> T:
        """What a function finds on this page; it is asked once."""
        if find not in self._found:
            self._found[find] = find(self)
        found: T = self._found[find]
        return found

    @cached_property
    def _found(self) -> dict[Callable[[Tree], Any], Any]:
        return {}

    @cached_property
    def nodes(self) -> tuple[Element, ...]:
        """Every element in document order."""
        return tuple(self.root.iter(etree.Element))

    @cached_property
    def scripts(self) -> tuple[Element, ...]:
        return tuple(self.root.iter("script"))

    @cached_property
    def meta(self) -> Mapping[str, tuple[str, ...]]:
        """Contents of meta tags by lower-case name, property, itemprop or http-equiv, in page order, none empty."""
        found: dict[str, list[str]] = {}
        for node in self.root.iter("meta"):
            content = fold(node.get("content") or "")
            if not content:
                continue
            for key in {(node.get(k) or "").strip().lower() for k in ("name", "property", "itemprop", "http-equiv")}:
                if key:
                    found.setdefault(key, []).append(content)
        return {k: tuple(v) for k, v in found.items()}

    def meta_first(self, *names: str) -> str | None:
        """The first meta content among these names, in the order of the names."""
        return next((self.meta[n][0] for n in names if n in self.meta), None)

    def script_texts(self, *types: str) -> Iterator[str]:
        """The text of each script of these types ("" for scripts without a type)."""
        for node in self.scripts:
            kind = (node.get("type") or "").partition(";")[0].strip().lower()
            if kind in types and node.text:
                yield node.text

    def script_by_id(self, id: str) -> str | None:
        return next((n.text for n in self.scripts if n.get("id") == id and n.text), None)

    @cached_property
    def json_ld(self) -> tuple[Any, ...]:
        """Every JSON-LD block that parses, as it stands (a dict or a list)."""
        return tuple(v for v in map(parse_json, self.script_texts("application/ld+json")) if v is not None)

    @cached_property
    def title(self) -> str | None:
        """The text of <title>, folded."""
        node = next(iter(self.root.iter("title")), None)
        return fold("".join(map(str, node.itertext()))) or None if node is not None else None

    @cached_property
    def base_url(self) -> str:
        node = next(iter(self.root.iter("base")), None)
        return absolute(self.url, node.get("href") if node is not None else "") or self.url

    def absolute(self, href: str | None) -> str | None:
        """An http(s) address, or None for what is hostile, empty or of another scheme."""
        return absolute(self.base_url, href)


def parse(text: str, url: str) -> Tree:
    """Raises `Unreadable` where nothing at all can be made of the text."""
    if not text or text.isspace():
        raise Unreadable("The page is empty. Fetch it again, or check that the address gives HTML without a login.")
    # huge_tree lifts libxml2's depth and size limits; no_network and the HTML parser keep entities and DTDs out.
    # Bytes of UTF-8 are what libxml2 works on: it takes them faster than text.
    parser = etree.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")
    if text.count("<") > MAX_TAGS:
        text = "<".join(text.split("<", MAX_TAGS)[:MAX_TAGS])
    try:
        root = etree.fromstring(_without_declaration(text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError, AssertionError) as e:
        raise Unreadable(f"No HTML could be made of the page ({e}). Check that the address gives HTML.") from e
    if root is None:
        raise Unreadable("The page holds no element at all. Check that the address gives HTML.")
    return Tree(root=root, url=url, text=text)


def text_of(node: Element) -> str:
    """The folded text that people see in this element; <br> and block boundaries are spaces."""
    return fold("".join(_pieces(node))) if len(node) else fold(node.text or "")


def is_longer(node: Element, chars: int) -> bool:
    """Whether `text_of` has more characters than these; large elements are not read to their end."""
    least, pieces = 0, []
    for piece in _pieces(node):
        pieces.append(piece)
        if not piece.isspace() and (least := least + len(fold(piece))) > chars:
            return True
    return len(fold("".join(pieces))) > chars


def parse_json(text: str) -> Any | None:
    """Lenient about raw newlines, comment wrappers, trailing semicolons and commas; None where it is no JSON."""
    text = text.strip()
    if parse_page := _OPENED.match(text):
        text = text[parse_page.end() :]
    if closed := _CLOSED.search(text, max(0, len(text) - 12)):
        text = text[: closed.start()]
    text = text.strip().rstrip(";,")
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        return None
    except ValueError:
        return _parse_loose(text) if _LOOSE_COMMA.search(text) else None


def _parse_loose(text: str) -> Any | None:
    """The same without commas before a closing bracket, which many templates leave behind."""
    try:
        return json.loads(_STRING_OR_COMMA.sub(_without_comma, text), strict=False)
    except (ValueError, RecursionError):
        return None


def _without_comma(match: re.Match[str]) -> str:
    return match[1] or match[2]


def is_parsable_url(url: str) -> bool:
    """Whether the parts of an address can be told."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def absolute(base: str, href: str | None) -> str | None:
    """`href` against `base` as an http(s) address, or None."""
    try:
        joined = urljoin(base, (href or "").strip())
        parts = urlsplit(joined)
    except ValueError:
        return None
    return joined if href and parts.scheme in ("http", "https") and parts.netloc else None


#: Elements that do not break a run of text (and br, which only parts words).
INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr acronym b bdi bdo big br cite code data del dfn em font i ins kbd mark q rp rt ruby s samp small span "
        "strike strong sub sup time tt u var wbr",
    )
)

_JOINING = INLINE - {"br"}


def _pieces(node: Element) -> Iterator[str]:
    """Pieces of text in order. What is no inline element, and <br>, has a line break before and after it."""
    if (tag := node.tag) in INVISIBLE:
        return
    yield ("" if tag in _JOINING else "\n") + (node.text or "")
    stack: list[Element | str] = list(reversed(node))
    while stack:
        current = stack.pop()
        if isinstance(current, str):
            yield current
            continue
        tag = current.tag
        edge = "" if tag in _JOINING else "\n"
        after = edge + (current.tail or "")
        if tag in INVISIBLE:
            yield after
            continue
        yield edge + (current.text or "")
        if len(current):
            stack.append(after)
            stack += reversed(current)
        else:
            yield after


def _without_declaration(text: str) -> str:
    """An encoding that the source declares is true no more."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
