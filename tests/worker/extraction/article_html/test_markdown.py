"""Markdown of the article's HTML: structure, and escaping of everything that Markdown would interpret."""

from __future__ import annotations

import pytest

from worker.extraction.article_html import markdown_of

SHAPES = {
    "headings": ("<h2>A</h2><p>b</p><h3>C</h3>", "## A\n\nb\n\n### C"),
    "emphasis": ("<p><strong>b</strong> and <em>i</em></p>", "**b** and *i*"),
    "link": ('<p>See <a href="https://e.example/a">this</a>.</p>', "See [this](https://e.example/a)."),
    "link with brackets": ('<a href="https://e.example/a_(b) c">d</a>', "[d](https://e.example/a_%28b%29%20c)"),
    "list": ("<ul><li>one</li>\n<li>two</li>\n</ul>", "- one\n- two"),
    "numbers": ("<ol><li>one</li>\n<li>two</li>\n</ol>", "1. one\n2. two"),
    "quote": ("<blockquote><p>one</p>\n<p>two</p>\n</blockquote>", "> one\n>\n> two"),
    "figure": (
        '<figure><img src="https://e.example/a.jpg" alt="A [b](javascript:c)"/>'
        "<figcaption>Quay (Jo/AP)</figcaption></figure>",
        "![A \\[b\\](javascript:c)](https://e.example/a.jpg)\n\nQuay (Jo/AP)",
    ),
    "table": (
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
    ),
    "code": ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
    "code with a fence": ("<pre>a\n```\n&lt;b&gt;</pre>", "````\na\n```\n<b>\n````"),
    "markup as text": ("<p>&lt;script&gt;x&lt;/script&gt;</p>", r"\<script\>x\</script\>"),
    "entity as text": ("<p>&amp;lt; AT&amp;T</p>", r"\&lt; AT\&T"),
    "signs at the start": ("<p># a</p><p>1. b</p><p>- c</p><p>&gt; d</p>", "\\# a\n\n1\\. b\n\n\\- c\n\n\\> d"),
    "stars and lines": ("<p>a*b* _c_ `d` [e]</p>", r"a\*b\* \_c\_ \`d\` \[e\]"),
}


@pytest.mark.parametrize(("html", "markdown"), SHAPES.values(), ids=SHAPES.keys())
def test_markdown(html: str, markdown: str) -> None:
    assert markdown_of(html) == markdown
