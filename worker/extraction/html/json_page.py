"""Answers that are no HTML: a page that embeds the JSON document, an empty page for a feed."""

from __future__ import annotations

import re

from worker.extraction.embedded.syntax.lenient_json import parse_json

#: What APIs put before their JSON: a guard against inclusion as a script, or a function's name.
_GUARD = re.compile(r"\s*(?:\)\]\}'?,?|while\s*\(1\);|for\s*\(;;\);|/\*\*/)?\s*")
_CALL = re.compile(r"(?:typeof\s+[\w$.]{1,60}\s*===?\s*'function'\s*&&\s*)?[\w$.]{1,60}\s*\(\s*(?=[\[{])")
_START = re.compile(r"[\[{]\s*(?:[\"\[{\]}]|-?\d)")
_FEED = re.compile(
    r"(?:\s|<\?[^>]{0,2000}>|<!--(?:[^-]|-(?!->))*+-->|<!DOCTYPE\s+(?:rss|rdf)[^>]{0,500}>)*+"
    r"<(?:\w+:)?(?:rss|feed|RDF|urlset|sitemapindex|opml)[\s>]"
)
_SHELL = '<!DOCTYPE html><html><head></head><body><script type="application/json">{}</script></body></html>'
_EMPTY = "<!DOCTYPE html><html><head></head><body></body></html>"


def as_html(text: str) -> str:
    """Return the HTML that stands for an answer of another format: JSON or a feed. HTML stays as it is."""
    beginning = text[:4000]
    if "<" in beginning and _FEED.match(beginning):
        return _EMPTY
    start = _GUARD.match(text)
    at = start.end() if start else 0
    if call := _CALL.match(text, at):
        at = call.end()
    if not _START.match(text, at):
        return text
    plain = text[at:].rstrip(" \t\r\n;")
    plain = plain.removesuffix(")") if call else plain
    value = parse_json(plain)
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return text if value is None or first else _EMPTY
    if "jsonfeed.org" in str(first.get("version")):
        return _EMPTY
    return _SHELL.format(plain.replace("<", "\\u003c"))
