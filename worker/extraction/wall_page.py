"""The rules for pages that a site sends instead of a story: soft errors, consent walls, login forms.

Each rule yields to signs of an article: a brief story may be called "Two climbers not found", and every page may carry
a cookie banner.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from worker.extraction.html.blocks import Block, ends_sentence
from worker.extraction.html.tree import text_of
from worker.extraction.page_evidence import PageEvidence
from worker.extraction.page_wording import (
    asks_for_consent,
    consent_ideas,
    find_phrase,
    names_consent,
    names_login,
    phrase_table,
    reports_error,
)
from worker.extraction.text import text_size

_SHORT = 1200  #: letters: a page with more prose is not an error page
_LITTLE_TEXT = 400  #: letters of the text around a login form, at most
_BRIEF = 150  #: letters of other prose on a consent wall, at most
_SENTENCE = 40  #: letters of a block that is prose
_LABELS = 3  #: labels and sentences of a consent wall
_LABEL = 80  #: characters of a label
_STORY_SENTENCES, _STORY_WORDS = 3, 12  #: a story has so many sentences of so many words, at least
_SLUG_WORDS = 4  #: words of a path's last segment that are a headline's, at least
_CONTROLS = ("button", "a", "label", "h1", "h2", "title")


def error_rule(page: PageEvidence) -> str | None:
    """Return the rule if a page with little text introduces itself as an error, and its URL does not say the same."""
    if page.size >= _SHORT or page.article_signs > 1:
        return None
    if _tells_story(page):
        texts = [t for t in _headings(page, split=False) if reports_error(t) and not _is_in_slug(t, page.path)]
        return f"error: {texts[0]}" if texts else None
    texts = [t for t in _headings(page) if not _is_in_slug(t, page.path)]
    if not page.article_signs and not page.has_story_heading:
        texts += [b.text for b in page.kept[:2]]
    return find_error(texts)


def _tells_story(page: PageEvidence) -> bool:
    """Return True for prose under a headline: "Error 404: the town that left the map" is a story then."""
    long = (p for p in page.paragraphs if ends_sentence(p) and text_size.words(p) >= _STORY_WORDS)
    return page.has_story_heading and sum(1 for _ in long) >= _STORY_SENTENCES


def find_error(texts: Sequence[str]) -> str | None:
    """Return the rule of the first text that reports an error."""
    return find_phrase("error", texts) or next((f"error: {text}" for text in texts if reports_error(text)), None)


def consent_rule(page: PageEvidence) -> str | None:
    """Return the rule if the page is a consent wall: it asks for consent, and has hardly any other prose."""
    if page.size >= _SHORT and not (page.kept and all(consent_ideas(b.text) for b in page.kept[:2])):
        return None
    phrases = phrase_table("consent")
    asking = [b for b in page.blocks if b.size > _SENTENCE and b.link_chars * 2 < len(b.text) and _asks(b)]
    labels = {text_of(n) for tag in _CONTROLS for n in page.tree.root.iter(tag)}
    asking_labels = sum(phrases.find(text) is not None for text in labels if 0 < len(text) < _LABEL)
    heading = find_phrase("consent", _headings(page)) if asking or asking_labels >= _LABELS else None
    is_named = heading or (asking and any(map(names_consent, _headings(page))))
    if (page.count_headline_links(words=6) and not is_named) or _has_other_prose(page, set(asking)):
        return None  # a short page with a banner: a consent wall has no links to articles
    if heading and asking_labels >= _LABELS:
        return heading
    is_wall = asking and (len(asking) + asking_labels >= _LABELS or asks_for_consent([b.text for b in asking]))
    return f"consent: {len(asking)} blocks, {asking_labels} labels" if is_wall else None


def _has_other_prose(page: PageEvidence, asking: set[Block]) -> bool:
    """Return True if the body has prose that does not ask for consent; any is enough if the data names an article."""
    other = [b for b in page.kept if b not in asking]
    if page.article_signs:
        return bool(other)
    return sum(b.size for b in other if ends_sentence(b.text)) > _BRIEF  # lists of purposes have no sentences


def login_rule(page: PageEvidence) -> str | None:
    """Return the rule if the page is a login form: it has a password field and is named for it."""
    if page.size >= _LITTLE_TEXT or page.article_signs:
        return None
    if not any((n.get("type") or "").lower() == "password" for n in page.tree.root.iter("input")):
        return None
    return next((f"login: {text}" for text in _headings(page) if names_login(text)), None)


def _asks(block: Block) -> bool:
    return bool(phrase_table("consent").find(block.text) or consent_ideas(block.text))


def _headings(page: PageEvidence, *, split: bool = True) -> list[str]:
    """Return the titles of the page, their parts if `split` is true, and its first headings."""
    found = [page.tree.title or "", page.tree.meta_first("og:title") or ""]
    found += [part for title in found[:2] if split for part in re.split(r"\s[|–—-]\s|: ", title)]
    shown = [b.text for b in page.blocks if b.tag == "h1"] or [b.text for b in page.blocks if b.tag == "h2"]
    return [text for text in found + shown[:2] if text]


def _is_in_slug(title: str, path: str) -> bool:
    """Return True if the end of the path is a headline that shares most of its words with the title."""
    slug = set(re.findall(r"\w+", path.rpartition("/")[2].casefold()))
    words = {w for w in text_size.tokens(title.casefold()) if len(w) > 2}
    return len(slug) >= _SLUG_WORDS and len(words & slug) * 2 > len(words)
