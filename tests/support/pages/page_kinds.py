"""Generated pages of every kind, in seven languages and many layouts, for the recall per kind.

The sentences are those of the golden pages. Layouts, class names, URLs and metadata are drawn from a seed, so that no
single sign gives away the kind of a page.
"""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path

from tests.support.paths import PROJECT

GOLDEN = PROJECT / "tests" / "golden"
KINDS = ("article", "gallery", "video", "live", "opinion", "section", "consent", "paywall", "error")
LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl")

_WORDS = tomllib.loads((Path(__file__).parent / "page_kinds.toml").read_text("utf-8"))


def pages(count: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield (kind, URL, page) for `count` pages of each kind; kinds and languages take turns."""
    for number in range(count):
        for kind in KINDS:
            yield (kind, *_Generator(kind, number).page())


@cache
def _articles(language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = [json.loads(path.read_text("utf-8")) for path in sorted(GOLDEN.glob("*/expected.json"))]
    full = [s for s in found if s.get("language") == language and len(s["article_body"]) > 4]
    return tuple((s["headline"], tuple(s["article_body"])) for s in full)


class _Generator:
    """One page of a kind; everything about it follows from the kind and a number."""

    def __init__(self, kind: str, number: int) -> None:
        self.kind, self.random = kind, random.Random(f"{kind} {number}")
        self.language = LANGUAGES[number % len(LANGUAGES)]
        self.headline, self.paragraphs = self.random.choice(_articles(self.language))
        self.wrapper = self.random.choice(("article", "div", "section"))
        self.name = self.random.choice(("content", "story", "c-article", "entry", "x9", "text"))
        self.has_data = self.random.random() < 0.6
        self.slug = "-".join(self.headline.lower().split())[:60]

    def page(self) -> tuple[str, bytes]:
        path, body = getattr(self, f"_{self.kind}")()
        url = f"https://www.paper-{self.random.randrange(99)}.example/{path}"
        return url, self._document(body, url).encode("utf-8")

    def _document(self, body: str, url: str) -> str:
        words = _WORDS["words"][self.language]
        links = "".join(f'<li><a href="/{i}">{w}</a></li>' for i, w in enumerate(words[:4]))
        return (
            f'<!DOCTYPE html><html lang="{self.language}"><head><meta charset="utf-8">{self._head(url)}</head><body>'
            f'<header><ul class="menu">{links}</ul></header><main>{body}</main>{self._most_read()}'
            f"<footer><p>© 2025 Paper</p></footer></body></html>"
        )

    def _most_read(self) -> str:
        if self.kind == "consent":
            return ""
        others = [h for language in LANGUAGES for h, _ in _articles(language)][:6]
        items = "".join(f'<li><a href="/n/{i}">{escape(h)}</a></li>' for i, h in enumerate(others))
        return f"<aside><h3>{_WORDS['words'][self.language][4]}</h3><ol>{items}</ol></aside>"

    def _head(self, url: str) -> str:
        title = {"error": _WORDS["gone"][self.language][0], "section": "Paper", "consent": "Paper"}.get(
            self.kind, self.headline
        )
        head = f"<title>{escape(title)} | Paper</title>"
        if self.kind in ("error", "consent"):
            return head
        if self.kind == "section":
            return head + '<meta property="og:type" content="website">'
        types = {
            "gallery": "ImageGallery",
            "video": "VideoObject",
            "live": "LiveBlogPosting",
            "opinion": "OpinionNewsArticle",
        }
        data: dict[str, object] = {"@context": "https://schema.org", "@type": types.get(self.kind, "NewsArticle")}
        data |= {"headline": self.headline, "name": self.headline, "datePublished": "2025-03-11T08:00:00Z", "url": url}
        if self.kind == "paywall":
            data["isAccessibleForFree"] = False
        if self.has_data:
            head += f'<script type="application/ld+json">{json.dumps(data)}</script>'
        og = "video.other" if self.kind == "video" else "article"
        return (
            head
            + f'<meta property="og:type" content="{og}"><meta property="og:title" content="{escape(self.headline)}">'
        )

    def _with_heading(self, inner: str) -> str:
        return f'<{self.wrapper} class="{self.name}"><h1>{escape(self.headline)}</h1>{inner}</{self.wrapper}>'

    def _prose(self, count: int) -> str:
        return "".join(f"<p>{escape(p)}</p>" for p in self.paragraphs[:count])

    def _article(self) -> tuple[str, str]:
        return f"{_WORDS['section'][self.language]}/2025/03/{self.slug}", self._with_heading(self._prose(9))

    def _opinion(self) -> tuple[str, str]:
        return f"{_WORDS['opinion'][self.language]}/{self.slug}-4711", self._with_heading(self._prose(9))

    def _gallery(self) -> tuple[str, str]:
        count = self.random.randrange(5, 12)
        shown = "".join(
            f'<figure><img src="/g/{i}.jpg"><figcaption>{escape(text[:90])}.</figcaption></figure>'
            for i, text in enumerate((self.paragraphs * 3)[:count])
        )
        return f"{_WORDS['gallery'][self.language]}/{self.slug}", self._with_heading(self._prose(1) + shown)

    def _video(self) -> tuple[str, str]:
        return f"video/{self.slug}", self._with_heading('<video src="/v.mp4"></video>' + self._prose(1))

    def _live(self) -> tuple[str, str]:
        posts = "".join(
            f'<div class="post"><time>{9 + i}:15</time><h3>{escape(p[:40])}</h3><p>{escape(p)}</p></div>'
            for i, p in enumerate(self.paragraphs)
        )
        return f"news/{_WORDS['live'][self.language]}/{self.slug}", self._with_heading(posts)

    def _paywall(self) -> tuple[str, str]:
        sold = "".join(f"<p>{text}</p>" for text in _WORDS["sold"][self.language])
        return f"politik/{self.slug}-99123", self._with_heading(self._prose(2) + f'<div class="wall">{sold}</div>')

    def _section(self) -> tuple[str, str]:
        tag, name = (
            self.random.choice((("div", "card"), ("article", "teaser"), ("li", "item"))),
            self.random.choice("abc"),
        )
        others = [(h, s) for language in LANGUAGES for h, s in _articles(language)]
        cards = "".join(
            f'<{tag[0]} class="{tag[1]}-{name}"><h3><a href="/n/{i}">{escape(h)}</a></h3>'
            f"<p>{escape(s[0][:140])}</p></{tag[0]}>"
            for i, (h, s) in enumerate(self.random.sample(others, 6))
        )
        path = self.random.choice(
            (f"{_WORDS['section'][self.language]}/", "", f"tag/{_WORDS['section'][self.language]}")
        )
        return path, f"<h1>Paper</h1><div>{cards}</div>"

    def _consent(self) -> tuple[str, str]:
        title, partners, accept, reject, cookies = _WORDS["wall"][self.language]
        return f"2025/03/{self.slug}", (
            f'<div class="wall"><h1>{title}</h1><p>{partners}</p><p>{cookies}</p>'
            f"<button>{accept}</button><button>{reject}</button></div>"
        )

    def _error(self) -> tuple[str, str]:
        title = self.random.choice(_WORDS["gone"][self.language])
        return f"2019/{self.slug}", f"<h1>{title}</h1><p>{_WORDS['lost'][self.language]}</p>"
