"""The strings of JavaScript and of JSON, with every escape that occurs."""

from __future__ import annotations

import re

_PLAIN = {
    '"': re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL),
    "'": re.compile(r"'((?:[^'\\\n]|\\.)*+)'", re.DOTALL),
    "`": re.compile(r"`((?:[^`\\]|\\.)*+)`", re.DOTALL),
}
#: A quote that ends a string, though quotes inside it may lack their backslash.
_LAST_QUOTE = re.compile(r"(?<!\\)\"(?=\s*(?:[:}\]]|,\s*[\"{\[}\]\d\-tfn]|$))")
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "v": "", "0": "", "\n": "", "\r\n": ""}
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_string(text: str, start: int, quote: str, *, stray_quotes: bool = False) -> tuple[str, int]:
    """Return the string that begins with the quote at `start`, and its end; -1 if it has no end."""
    if stray_quotes and quote == '"':
        last = _LAST_QUOTE.search(text, start + 1)
        return (unescape(text[start + 1 : last.start()]), last.end()) if last else ("", -1)
    match = _PLAIN[quote].match(text, start)
    return (unescape(match[1]), match.end()) if match else ("", -1)


def unescape(text: str) -> str:
    """Return a string without its escapes. An escape that no standard knows is the character itself."""
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(_character, text)
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _character(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) > 2 or (len(escape) == 2 and escape[0] in "ux"):
        code = int(escape[1:].strip("{}"), 16)
        return chr(code) if code < 0x110000 else "\ufffd"
    return _LETTERS.get(escape, escape)
