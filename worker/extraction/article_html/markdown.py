"""Markdown (CommonMark with tables) from the article's HTML."""

from __future__ import annotations

import re
from urllib.parse import quote

from bs4 import Tag
from markdownify import ATX, MarkdownConverter

_BACKTICKS = re.compile("`+")
#: Characters that a link's target keeps. Round brackets and spaces would end it.
_SAFE = "%/:?#[]@!$&'*+,;=-._~"


class _Converter(MarkdownConverter):
    """A converter whose links, images and code cannot be left by the text in them."""

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a link. Characters that would end its target are percent-encoded."""
        el["href"] = _target(el, "href")
        return str(super().convert_a(el, text, parent_tags))  # type: ignore[misc]  # its stubs are incomplete

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return an image. Its alternative text is escaped like any text."""
        del text
        alt = self.escape(" ".join(str(el.get("alt", "")).split()), parent_tags)  # type: ignore[attr-defined]
        return f"![{alt}]({_target(el, 'src')})"

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a block of code. Its fence is longer than any run of backticks in the text."""
        del el, parent_tags
        fence = "`" * max(3, *(len(run) + 1 for run in _BACKTICKS.findall(text)), 0)
        return f"\n\n{fence}\n{text}\n{fence}\n\n"


def _target(element: Tag, attribute: str) -> str:
    return quote(str(element.get(attribute, "")), safe=_SAFE)


def markdown_of(html: str) -> str:
    """Return the article's HTML as Markdown. Characters with a meaning in Markdown are escaped."""
    converter = _Converter(heading_style=ATX, bullets="-", escape_misc=True, autolinks=False)
    return str(converter.convert(html)).strip()
