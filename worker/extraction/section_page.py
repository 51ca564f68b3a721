"""The rule for section pages: home, topic and section pages, whose prose belongs to the articles that they link to.

A story that is taken for a section page loses its text, and a section page that is taken for a story only adds a poor
document. So a page with the prose of a story is a section page only on overwhelming evidence.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from urllib.parse import unquote, urlsplit

from worker.extraction.boilerplate.teaser_cards import CARDS, find_cards
from worker.extraction.html.blocks import Block, Container, ends_sentence
from worker.extraction.page_evidence import PageEvidence
from worker.extraction.text import text_size

_SHORT = 1200  #: characters: a page with more prose has more than links
_LITTLE_TEXT = 400  #: characters: a page with less is an article only if its data says so
_REMAINDER = 150  #: characters: less is a remainder of one or two lines
_LONG = 400  #: letters of a long paragraph; home pages have none
_STORY = 300  #: letters of sentences outside of cards that are a story's, at least
_OPENING = 80  #: letters of such sentences below a headline, at least
_FEW_CARDS = 2  #: cards with prose that a section page has, at least
_MANY_CARDS = 8  #: cards that outweigh some prose outside of them
_OUTWEIGHS = 4  #: times the prose outside of the cards, at least
_CARD_LEVELS = 5  #: levels up from a block to its card, at most
_LINKS = 10
_SECTION_WORDS = 4  #: words of a section's name, at most


def section_rule(page: PageEvidence, types: set[str]) -> str | None:
    """Return the rule if the page is a section page, else None. `types` are the page's schema.org types of sections.

    A section page has teaser cards that hold most of its prose, or little but links, and its data does not name an
    article.
    """
    if page.article_signs > 1 or _is_article_url(page.tree.url):
        return None
    cards = find_cards(page.blocks)
    nearest = {b: next((c for c in islice(b.ancestors(), _CARD_LEVELS) if c in cards), None) for b in page.kept}
    carded = [b for b, card in nearest.items() if card is not None]
    if len({nearest[b] for b in carded}) < _FEW_CARDS:
        carded = []  # a single card with prose is a column of the page's grid
    if (rule := _cards_rule(page, len(cards), carded)) is not None:
        return rule
    if _is_home_page(page):
        return "home page"
    if _story_size(page, carded) >= _STORY or page.has_story_heading:
        return None
    return _links_rule(page, types)


def _is_home_page(page: PageEvidence) -> bool:
    """Return True if the URL has no path, and the page has links to articles and no long paragraphs."""
    url = urlsplit(page.tree.url)
    if url.path not in ("", "/") or url.query or not page.count_headline_links():
        return False
    return sum(text_size.size(p) > _LONG for p in page.paragraphs) < 2


def _links_rule(page: PageEvidence, types: set[str]) -> str | None:
    """Return the rule if the page has little but links."""
    links = page.count_headline_links()
    unmarked = page.article_signs == 0 and page.size < _SHORT
    signs = (
        _path_rule(page) if unmarked and links else None,
        "links and no article"
        if unmarked and page.size < _REMAINDER and sum(b.link_chars > 0 for b in page.blocks) >= CARDS
        else None,
        min(types, default=None) if page.size < _SHORT else None,
        f"{links} links" if unmarked and page.size < _LITTLE_TEXT and links >= _LINKS else None,
    )
    return next((sign for sign in signs if sign), None)


def _cards_rule(page: PageEvidence, count: int, carded: list[Block]) -> str | None:
    """Return the rule if cards hold most of the prose, and all but all of it if a story could be outside of them."""
    size = sum(b.size for b in carded)
    if count < CARDS or size * 10 < page.size * 6:
        return None
    story = _story_size(page, carded)
    if page.has_story_heading and story >= _OPENING:
        return None
    if story >= _STORY and (count < _MANY_CARDS or size < _OUTWEIGHS * story or page.article_signs):
        return None
    return f"{count} cards"


def _story_size(page: PageEvidence, carded: list[Block]) -> int:
    """Return the letters of the sentences that are together in one container, outside of the cards."""
    inside = set(carded)
    sizes: Counter[Container] = Counter()
    for block in page.kept:
        if block in inside or block.link_chars * 2 > len(block.text) or not ends_sentence(block.text):
            continue
        for container in islice(block.ancestors(), 1, 3):
            sizes[container] += block.size
    return max(sizes.values(), default=0)


def _path_rule(page: PageEvidence) -> str | None:
    """Return the rule if the first heading repeats the end of the path: /category/world/ and "World"."""
    last = page.path.rpartition("/")[2]
    heading = next((b.text for b in page.blocks if b.tag == "h1"), "")
    words = " ".join(re.findall(r"\w+", heading.casefold()))
    if not words or words.count(" ") >= _SECTION_WORDS:
        return None
    return f"the path ends in {heading}" if words == " ".join(re.findall(r"\w+", unquote(last).casefold())) else None


def _is_article_url(url: str) -> bool:
    """Return True if the URL ends like an article's: in a number or a headline."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return sum(map(str.isdigit, last)) >= 5 or last.count("-") >= 4
