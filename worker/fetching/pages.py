"""A page as a tree whose links are looked at. (What stands in a page is the reader's business, not ours.)"""

from __future__ import annotations

import codecs
import contextlib
import re

from lxml import etree, html

from worker.errors import Unreadable
from worker.fetching.found import absolute


def parse_html(body: bytes, url: str, content_type: str = "") -> html.HtmlElement:
    """`Unreadable` for what is no HTML."""
    try:
        parser = html.HTMLParser(encoding=_charset(body, content_type), no_network=True)
        return html.document_fromstring(body, parser=parser)
    except (etree.ParserError, ValueError) as e:
        raise Unreadable(f"{url} is no page with links: {e}") from None


def _charset(body: bytes, content_type: str) -> str | None:
    """By the header; else UTF-8 if it can be that; None lets the parser look into the page."""
    named = re.search(r"charset=[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    with contextlib.suppress(LookupError):
        if named:
            return codecs.lookup(named[1]).name
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def base_of(root: html.HtmlElement, url: str) -> str:
    """What relative links start from."""
    element = root.find(".//base[@href]")
    return (absolute(url, element.get("href")) if element is not None else None) or url
