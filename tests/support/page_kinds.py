"""Pages of every kind, made up in seven languages and many layouts: what recall per kind is measured on.

The sentences are those of the golden pages; layouts, class names, addresses and what metadata there is are drawn from a
seed, so that no page gives its kind away by one mark alone.
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
    """(kind, address, page), kinds and languages in turn, `count` of each kind."""
    for number in range(count):
        for kind in KINDS:
            yield (kind, *_Maker(kind, number).page())


@cache
def _stories(language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = [json.loads(path.read_text("utf-8")) for path in sorted(GOLDEN.glob("*/expected.json"))]
    full = [s for s in found if s.get("language") == language and len(s["article_body"]) > 4]
    return tuple((s["headline"], tuple(s["article_body"])) for s in full)


class _Maker:
    def __init__(self, kind: str, number: int) -> None:
        self.kind, self.random = kind, random.Random(f"{kind} {number}")
        self.language = LANGUAGES[number % len(LANGUAGES)]
        self.headline, self.story = self.random.choice(_stories(self.language))
        self.wrap = self.random.choice(("article", "div", "section"))
        self.name = self.random.choice(("content", "story", "c-article", "entry", "x9", "text"))
        self.has_data = self.random.random() < 0.6
        self.slug = "-".join(self.headline.lower().split())[:60]

    def page(self) -> tuple[str, bytes]:
        path, body = getattr(self, f"_{self.kind}")()
        url = f"https://www.paper-{self.random.randrange(99)}.example/{path}"
        return url, self._around(body, url).encode("utf-8")

    def _around(self, body: str, url: str) -> str:
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
        others = [h for language in LANGUAGES for h, _ in _stories(language)][:6]
        items = "".join(f'<li><a href="/n/{i}">{escape(h)}</a></li>' for i, h in enumerate(others))
        return f"<aside><h3>{_WORDS['words'][self.language][4]}</h3><ol>{items}</ol></aside>"

    def _head(self, url: str) -> str:
        title = {"error": _WORDS["gone"][self.language][0], "section": "Paper", "consent": "Paper"}.get(
            self.kind, self.headline
        )
        made = f"<title>{escape(title)} | Paper</title>"
        if self.kind in ("error", "consent"):
            return made
        if self.kind == "section":
            return made + '<meta property="og:type" content="website">'
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
            made += f'<script type="application/ld+json">{json.dumps(data)}</script>'
        og = "video.other" if self.kind == "video" else "article"
        return (
            made
            + f'<meta property="og:type" content="{og}"><meta property="og:title" content="{escape(self.headline)}">'
        )

    def _framed(self, inner: str) -> str:
        return f'<{self.wrap} class="{self.name}"><h1>{escape(self.headline)}</h1>{inner}</{self.wrap}>'

    def _paragraphs(self, count: int) -> str:
        return "".join(f"<p>{escape(p)}</p>" for p in self.story[:count])

    def _article(self) -> tuple[str, str]:
        return f"{_WORDS['section'][self.language]}/2025/03/{self.slug}", self._framed(self._paragraphs(9))

    def _opinion(self) -> tuple[str, str]:
        return f"{_WORDS['opinion'][self.language]}/{self.slug}-4711", self._framed(self._paragraphs(9))

    def _gallery(self) -> tuple[str, str]:
        count = self.random.randrange(5, 12)
        shown = "".join(
            f'<figure><img src="/g/{i}.jpg"><figcaption>{escape(text[:90])}.</figcaption></figure>'
            for i, text in enumerate((self.story * 3)[:count])
        )
        return f"{_WORDS['gallery'][self.language]}/{self.slug}", self._framed(self._paragraphs(1) + shown)

    def _video(self) -> tuple[str, str]:
        return f"video/{self.slug}", self._framed('<video src="/v.mp4"></video>' + self._paragraphs(1))

    def _live(self) -> tuple[str, str]:
        posts = "".join(
            f'<div class="post"><time>{9 + i}:15</time><h3>{escape(p[:40])}</h3><p>{escape(p)}</p></div>'
            for i, p in enumerate(self.story)
        )
        return f"news/{_WORDS['live'][self.language]}/{self.slug}", self._framed(posts)

    def _paywall(self) -> tuple[str, str]:
        sold = "".join(f"<p>{text}</p>" for text in _WORDS["sold"][self.language])
        return f"politik/{self.slug}-99123", self._framed(self._paragraphs(2) + f'<div class="wall">{sold}</div>')

    def _section(self) -> tuple[str, str]:
        tag, name = (
            self.random.choice((("div", "card"), ("article", "teaser"), ("li", "item"))),
            self.random.choice("abc"),
        )
        others = [(h, s) for language in LANGUAGES for h, s in _stories(language)]
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
