"""The paragraphs of a text that data holds: HTML, escaped HTML, Markdown, or lines."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from worker.errors import Unreadable
from worker.extraction.html import blocks
from worker.extraction.html.tree import Element, Tree, parse
from worker.extraction.images.caption_elements import find_caption_elements
from worker.extraction.images.extract import page_images
from worker.extraction.page_data import ImageCandidate, clean_text

_MARKUP = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|figure|img|blockquote|section|table)\b[^<>]*>", re.I)
_ESCAPED_MARKUP = re.compile(r"&(?:amp;)?(?:lt|#0*60|#x0*3c);/?(?:p|div|br|li|h[1-6]|figure|blockquote)\b", re.I)
_SKIPPED = frozenset({"figure", "figcaption", "aside", "nav", "form", "footer", "header", "picture"})
#: Placeholders for advertisements and the like: "$$ARTICLEAD$$", "{{ad}}", "[gallery ids=…]".
_PLACEHOLDER = re.compile(r"(?:\$\$\S*|\{\{[^{}]*\}\}|\[\[[^\[\]]*\]\]|\[/?[a-z_-]+(?:\s[^\[\]]*)?\])$")
_MARKDOWN = re.compile(r"\]\(\s*(?:https?:|/|mailto:)|^#{1,6} \S|\*\*\S[^*\n]*\S\*\*", re.M)
_MARKDOWN_LINK = re.compile(r"(!?)\[([^\[\]]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?:\s+\"[^\"]*\")?\s*\)")
_MARKDOWN_LINE = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+(?=\S))", re.M)
_MARKDOWN_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_MARKDOWN_EMPHASIS = re.compile(r"(?<![\w*_])([*_])(?=\S)([^*_\n]+)(?<=\S)\1(?![\w*_])")
_ESCAPED_BREAK = re.compile(r"\\r?\\n|\\n")


@dataclass(frozen=True, slots=True)
class BodyText:
    """The paragraphs of a text, and the images in it."""

    paragraphs: tuple[str, ...] = ()
    images: tuple[ImageCandidate, ...] = ()


def read_text(text: str) -> BodyText:
    """Return the paragraphs and images of a text. Never raises an error."""
    text = text.removeprefix("<![CDATA[").removesuffix("]]>")
    for _ in range(2):
        if "&" in text and _ESCAPED_MARKUP.search(text):
            text = html.unescape(text)
    if "<" in text and _MARKUP.search(text):
        return _from_html(text)
    if "\n" not in text and text.count("\\n") > 1:
        text = _ESCAPED_BREAK.sub("\n", text)
    if _MARKDOWN.search(text):
        text = _without_markdown(text)
    lines = (clean_text(line) for line in text.splitlines())
    return BodyText(tuple(line for line in lines if line and not _PLACEHOLDER.match(line)))


def _from_html(text: str) -> BodyText:
    try:
        tree = parse(_with_breaks(text), "")
    except Unreadable:
        return BodyText()
    elements = find_caption_elements(tree)
    left_out = frozenset((*elements.captions, *elements.credits))
    images = tuple(i for i in page_images(tree, elements) if i.url or i.caption)
    return BodyText(tuple(t for t in _block_texts(tree, left_out) if not _PLACEHOLDER.match(t)), images)


def _with_breaks(text: str) -> str:
    """Return HTML in which empty lines between bare texts are paragraphs, as WordPress writes it."""
    return re.sub(r"\n\s*\n", "\n<p>", text) if "\n\n" in text and "<p" not in text else text


def _block_texts(tree: Tree, left_out: frozenset[Element]) -> list[str]:
    """Return the texts of the blocks that are not captions and not in elements beside the text."""
    return [
        block.text
        for block in blocks.split(tree)
        if not any(c.node in left_out or c.tag in _SKIPPED for c in block.ancestors())
        and not any(node in left_out for node in block.nodes)
    ]


def _without_markdown(text: str) -> str:
    text = _MARKDOWN_LINK.sub(lambda match: "" if match[1] else match[2], text)
    text = _MARKDOWN_LINE.sub("", text)
    text = _MARKDOWN_STRONG.sub(r"\2", text)
    return _MARKDOWN_EMPHASIS.sub(r"\2", text)
