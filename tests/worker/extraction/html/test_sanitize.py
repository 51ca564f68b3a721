"""Removal of control characters that HTML entities and JSON escapes bring into an article."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict

from worker.extraction import Hints, read, read_text

PAGE = r"""<html lang="en"><head>
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Tide \u001b]0;owned\u0007rises",
 "author": {"@type": "Person", "name": "Jane\u009b31m Roe"}, "keywords": ["tide\ud800s"], "articleSection": "\u0002Sea",
 "image": {"@type": "ImageObject", "url": "/a.jpg", "caption": "The \u001b[2Jgauge at noon", "creditText": "A\u0003P"}}
</script></head><body><article><h1>Tide &#27;]0;owned&#7;rises</h1>
<p>The harbour&#146;s gauge rose &#2;higher than ever&#127; on &#27;[31mSunday, said the harbour master.</p>
<p>No one had seen such a tide in the harbour before, and no one was hurt, said the harbour master.</p>
</article></body></html>"""


def _texts(value: object) -> list[str]:
    match value:
        case dict():
            return [text for one in value.values() for text in _texts(one)]
        case list() | tuple():
            return [text for one in value for text in _texts(one)]
        case str():
            return [value]
    return []


def test_article_has_no_control_characters() -> None:
    article = read(PAGE.encode(), "https://example.org/tide", hints=Hints(headline="\x1b[1mHint"))
    assert article.headline == "Tide ]0;ownedrises"
    assert article.article_body.startswith("The harbour’s gauge rose higher than ever on [31mSunday")
    assert "\n" in article.article_body
    odd = {c for text in _texts(asdict(article)) for c in text if unicodedata.category(c) in ("Cc", "Cs")}
    assert odd <= {"\n", "\t", "\r"}


def test_hints_and_plain_text_are_sanitized() -> None:
    silent = b"<html><body><p>Something short.</p></body></html>"
    assert read(silent, "https://example.org/a", hints=Hints(author=("Ann \x1bLee",))).author == ("Ann Lee",)
    assert "\x1b" not in read_text("Tide rises\n\nThe harbour \x1b[31m gauge.", "https://example.org/a").article_body
