"""Elements of an HTML page."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode


def select_one(parent: LexborHTMLParser | LexborNode, css: str) -> LexborNode:
    """Return the first element that matches a selector; fail the test if there is none."""
    element = parent.css_first(css)
    assert element is not None, f"no element matches {css}"
    return element


def attribute(element: LexborNode, name: str) -> str:
    """Return the value of an attribute; fail the test if it has none."""
    value = element.attributes.get(name)
    assert value is not None, f"no {name} in {element.html}"
    return value
