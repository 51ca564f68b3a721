"""The evidence from which the kind of a page is decided, and measures of it that several rules use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from worker.extraction.html.blocks import Block, ends_sentence
from worker.extraction.html.heading import find_heading
from worker.extraction.html.tree import Tree, text_of
from worker.extraction.page_data import PageData
from worker.extraction.text import text_size
from worker.model.records import Image

_PUBLISHED_META = ("article:published_time", "datepublished", "date", "pubdate", "parsely-pub-date")
_HEADLINE_WORDS = 5  #: words of a heading that is a headline, at least
_HEADLINE_LINK = 0.8  #: share of a block that its links are, if it is a link to an article


@dataclass(frozen=True, kw_only=True)
class PageEvidence:
    """The evidence from which the kind of a page is decided."""

    tree: Tree
    data: PageData
    blocks: Sequence[Block]  #: all blocks of the page
    kept: Sequence[Block]  #: the blocks of the body
    paragraphs: Sequence[str]
    images: Sequence[Image] = ()
    section: str | None = None

    @cached_property
    def size(self) -> int:
        """The letters of the body."""
        return sum(map(text_size.size, self.paragraphs))

    @cached_property
    def path(self) -> str:
        """The path of the URL without a slash at its end."""
        return urlsplit(self.tree.url).path.rstrip("/")

    @cached_property
    def article_signs(self) -> int:
        """How many signs say that the page is one article (0 to 3)."""
        own = [s for s in self.data.articles if s.headline and (s.published or s.paragraphs or s.authors)]
        own = [s for s in own if not s.url or s.url.partition("#")[0].rstrip("/").endswith(self.path)]
        signs = [
            any(s.source == "json-ld" for s in own[:1]),
            "article" in (self.tree.meta_first("og:type") or "").lower(),
            bool(
                self.tree.meta_first("article:published_time", "datepublished", "date", "pubdate", "parsely-pub-date")
            ),
        ]
        return sum(signs)

    @cached_property
    def has_story_heading(self) -> bool:
        """True if the heading is a headline without a link, and the body has a sentence."""
        heading = find_heading(self.tree)
        if heading is None or text_size.words(text_of(heading)) < _HEADLINE_WORDS:
            return False
        is_linked = any(True for _ in heading.iter("a")) or any(True for _ in heading.iterancestors("a"))
        return not is_linked and any(ends_sentence(p) for p in self.paragraphs)

    def count_headline_links(self, words: int = 4) -> int:
        """Return the number of blocks that consist of a link with the length of a headline."""
        return sum(b.link_chars >= len(b.text) * _HEADLINE_LINK and b.words >= words for b in self.blocks)
