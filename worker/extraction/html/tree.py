"""The parsed page, which every part of the reader shares.

The parser is lxml's C parser with plain `etree` elements. On 120 news pages, parsing and visiting every node takes
1.4 ms a page; selectolax (lexbor) takes 0.6 ms, lxml.html's classes 1.6 ms. lxml has xpath, `tail` and node identity,
and the rest of the reading costs several times as much.

Elements have no `text_content()`: use `text_of`. Comments and processing instructions are not in the tree. No part of
the reader changes the tree; a part that needs changes makes a copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urljoin, urlsplit

from lxml import etree

from worker.errors import Unreadable
from worker.extraction.embedded.syntax.lenient_json import parse_json
from worker.extraction.text.normalize import fold

Element: TypeAlias = etree._Element
T = TypeVar("T")

#: Elements whose text a reader of the page does not see, or does not read as part of the sentence (ruby readings).
INVISIBLE = frozenset(
    {
        "script", "style", "noscript", "template", "head", "title", "meta", "link", "svg", "math", "object", "iframe",
        "rt", "rp", "rtc",
    }
)  # fmt: skip

#: The most tags that are parsed, which bounds time and memory. The largest of 700 news pages has 20,000.
MAX_TAGS = 80_000

_MAX_SHADOW_ROOTS = 200  #: shown on one page


@dataclass(frozen=True, eq=False)
class Tree:
    """One parsed page. Trees are compared by identity."""

    root: Element
    url: str
    text: str  #: the decoded source, control characters stripped

    def cached(self, find: Callable[[Tree], T]) -> T:
        """Return `find(self)`. The function is called once per page, and its result is kept."""
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
        """Every <script> element."""
        return tuple(self.root.iter("script"))

    @cached_property
    def meta(self) -> Mapping[str, tuple[str, ...]]:
        """The contents of meta tags by lower-case name, property, itemprop or http-equiv.

        They are in page order. None is empty.
        """
        return self._meta("content")

    @cached_property
    def meta_values(self) -> Mapping[str, tuple[str, ...]]:
        """The same of meta tags that give their content in an attribute `value`, which some pages do by mistake."""
        return self._meta("value") if "value=" in self.text else {}

    def _meta(self, attribute: str) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for node in self.root.iter("meta"):
            content = fold(node.get(attribute) or "")
            if not content:
                continue
            for key in {(node.get(k) or "").strip().lower() for k in ("name", "property", "itemprop", "http-equiv")}:
                if key:
                    found.setdefault(key, []).append(content)
        return {k: tuple(v) for k, v in found.items()}

    def meta_first(self, *names: str) -> str | None:
        """Return the first meta content among these names, in the order of the names."""
        return next((self.meta[n][0] for n in names if n in self.meta), None)

    @cached_property
    def json_ld(self) -> tuple[Any, ...]:
        """Every JSON-LD block that can be parsed, as a dict or a list."""
        texts = (n.text for n in self.scripts if n.text and "ld+json" in (n.get("type") or "").lower())
        return tuple(v for v in map(parse_json, texts) if v is not None)

    @cached_property
    def title(self) -> str | None:
        """The folded text of <title>."""
        node = next(iter(self.root.iter("title")), None)
        return fold("".join(map(str, node.itertext()))) or None if node is not None else None

    @cached_property
    def base_url(self) -> str:
        """The URL that relative links start from: <base href>, or the page's own."""
        node = next(iter(self.root.iter("base")), None)
        return absolute(self.url, node.get("href") if node is not None else "") or self.url

    def absolute(self, href: str | None) -> str | None:
        """Return an absolute http(s) URL, or None if the link is invalid, empty or of another scheme."""
        return absolute(self.base_url, href)


def parse(text: str, url: str) -> Tree:
    """Return the tree of a page. Raises `Unreadable` if the text cannot be parsed at all."""
    if not text or text.isspace():
        raise Unreadable("The page is empty. Fetch it again, or check that the URL gives HTML without a login.")
    # huge_tree lifts libxml2's limits of depth and size. no_network and the HTML parser keep entities and DTDs out.
    # libxml2 works on UTF-8: it parses bytes faster than text.
    parser = etree.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")
    if text.count("<") > MAX_TAGS:
        text = "<".join(text.split("<", MAX_TAGS)[:MAX_TAGS])
    try:
        root = etree.fromstring(_without_declaration(text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError, AssertionError) as e:
        raise Unreadable(f"The page cannot be parsed as HTML ({e}). Check that the URL gives HTML.") from e
    if root is None:
        raise Unreadable("The page has no elements. Check that the URL gives HTML.")
    if (head := root.find("head")) is not None and root.find("body") is None:
        head.tag = "body"  # libxml2 leaves a page without <body>, whose first element is <article>, in its <head>
    if "shadowroot" in text:
        _attach_shadow_roots(root)
    return Tree(root=root, url=url, text=text)


def _attach_shadow_roots(root: Element) -> None:
    """Make the shown tree of each <template shadowrootmode>: it replaces its host's content, which fills its slots."""
    hosts: set[Element] = set()  # only the first template of a host counts
    for template in [t for t in root.iter("template") if t.get("shadowrootmode") or t.get("shadowroot")]:
        host = template.getparent()
        if host is None or host in hosts or len(hosts) >= _MAX_SHADOW_ROOTS:
            continue
        hosts.add(host)
        light = [child for child in host if child is not template]
        slots = [s for s in template.iter("slot") if next(s.iterancestors("template"), None) is template]
        template.tag = "div"
        for slot in slots:
            for child in [c for c in light if c.get("slot") == slot.get("name")]:
                light.remove(child)
                slot.append(child)


def text_of(node: Element) -> str:
    """Return the folded text that readers see in an element; <br> and block boundaries become spaces."""
    return fold("".join(_pieces(node))) if len(node) else fold(node.text or "")


def is_longer(node: Element, chars: int) -> bool:
    """Return True if `text_of(node)` has more than `chars` characters. Large elements are not read to their end."""
    least, pieces = 0, []
    for piece in _pieces(node):
        pieces.append(piece)
        if not piece.isspace() and (least := least + len(fold(piece))) > chars:
            return True
    return len(fold("".join(pieces))) > chars


def is_parsable_url(url: str) -> bool:
    """Return True if `urlsplit` accepts the URL."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def absolute(base: str, href: str | None) -> str | None:
    """Return `href`, resolved against `base`, if it is an http(s) URL; else None."""
    try:
        joined = urljoin(base, (href or "").strip())
        parts = urlsplit(joined)
    except ValueError:
        return None
    return joined if href and parts.scheme in ("http", "https") and parts.netloc else None


#: Elements that do not end a run of text (and br, which only separates words).
INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr acronym b bdi bdo big br cite code data del dfn em font i ins kbd mark nobr q rb rp rt rtc ruby s samp "
        "small span strike strong sub sup time tt u var wbr",
    )
)

#: Elements that end a run of text. An unknown element ends one unless it is inside running text.
BLOCK = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset "
        "figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu "
        "nav "
        "noframes ol optgroup p picture pre search section source summary table tbody td tfoot th thead tr track ul",
    )
)

_JOINING = INLINE - {"br"}


def _pieces(node: Element) -> Iterator[str]:
    """Yield the pieces of text in order. Block elements and <br> have a line break before and after them."""
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
    """Return the text without its XML declaration, whose encoding no longer applies."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
