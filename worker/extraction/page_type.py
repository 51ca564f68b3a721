"""The kind of a page: an article (and which), a section page, a consent wall, or a soft error.

Pages that are not articles are recognised first: by their titles and headings, by the share of their prose that asks
for consent, by teaser cards. The kind of an article follows from its schema.org type, the words of its URL, the length
of its text and the number of its images. Words and phrases are in tables/kinds.toml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote, urlsplit

from worker.extraction import word_tables
from worker.extraction.boilerplate.phrases import PhraseTable
from worker.extraction.boilerplate.teaser_cards import CARDS, find_cards
from worker.extraction.html.blocks import Block, ends_sentence
from worker.extraction.html.tree import Tree, text_of
from worker.extraction.page_data import PageData
from worker.extraction.text import text_size
from worker.model.records import Image, Kind, Provenance

_SHORT = 1200  #: characters: a page with more prose is not an error page
_STUB = 220  #: words: a paid article with more is not a stub
_FEW_WORDS = 150  #: words: a gallery or a video page with more is an ordinary article
_LITTLE_TEXT = 400  #: characters: a page with less is an article only if its data says so
_REMAINDER = 150  #: characters: less is a remainder of one or two lines
_GALLERY_IMAGES = 4  #: images that make a page with little text a gallery
_CONTROLS = ("button", "a", "label", "h1", "h2", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEvidence:
    """The evidence from which the kind of a page is decided."""

    tree: Tree
    data: PageData
    blocks: Sequence[Block]  #: all blocks of the page
    kept: Sequence[Block]  #: the blocks of the body
    paragraphs: Sequence[str]
    images: Sequence[Image] = ()
    section: str | None = None


def classify(page: PageEvidence) -> tuple[Kind, Provenance]:
    """Return the kind of a page, with the rule that decided it."""
    kind, source, rule = _classify_non_article(page) or _classify_article(page)
    return kind, Provenance(source=source, rule=rule)


def classify_text(
    lines: Sequence[str], paragraphs: Sequence[str], headline: str | None, image_count: int
) -> tuple[Kind, Provenance]:
    """Return the kind of a page that is given as plain text, judging by its lines alone."""
    size = sum(map(text_size.size, paragraphs))
    phrases = _phrases("consent")
    asking = [line for line in lines if phrases.find(line)]
    texts = [headline or "", *paragraphs[:2], *(line for line in lines[:60] if len(line) < 160)]
    kind, rule = Kind.ARTICLE, f"{size} characters"
    if size < _SHORT and (found := _find_phrase("error", texts)):
        kind, rule = Kind.ERROR, found
    elif len(asking) >= 3 and size < sum(map(text_size.size, asking)) + 200:
        kind, rule = Kind.CONSENT, f"{len(asking)} lines of consent"
    elif _has_teasers(lines, paragraphs):
        kind, rule = Kind.SECTION, "headlines before sentences"
    elif not paragraphs and not image_count:
        kind, rule = Kind.OTHER, "no text"
    return kind, Provenance(source="text", rule=rule)


def _has_teasers(lines: Sequence[str], paragraphs: Sequence[str]) -> bool:
    """Return True if most sentences follow a headline of their own, as on section pages."""
    sentences = frozenset(p for p in paragraphs if ends_sentence(p))
    found = [i for i, line in enumerate(lines) if line in sentences and i]
    teasers = [i for i in found if text_size.words(lines[i - 1]) > 3 and not ends_sentence(lines[i - 1])]
    return len(found) >= 4 and len(teasers) * 10 >= len(found) * 7


def _classify_non_article(page: PageEvidence) -> tuple[Kind, str, str] | None:
    size = sum(map(text_size.size, page.paragraphs))
    if size < _SHORT and (rule := _find_phrase("error", _titles(page)) or _consent_rule(page)):
        return (Kind.ERROR if rule.startswith("error") else Kind.CONSENT), "text", rule
    if (rule := _section_rule(page, size)) is not None:
        return Kind.SECTION, "dom", rule
    return None


def _classify_article(page: PageEvidence) -> tuple[Kind, str, str]:
    words = sum(map(text_size.words, page.paragraphs))
    types = {t for article in page.data.articles for t in article.type.split()} | _top_types(page.tree)
    rules = (
        (Kind.LIVE, True, _live_rule),
        (Kind.PAYWALL, words < _STUB, _paywall_rule),
        (Kind.GALLERY, words < _FEW_WORDS, _gallery_rule),
        (Kind.VIDEO, words < _FEW_WORDS, _video_rule),
        (Kind.OPINION, True, _opinion_rule),
    )
    for kind, is_possible, find_rule in rules:
        if is_possible and (rule := find_rule(page, types)):
            return kind, *rule
    if not page.paragraphs and not page.images:
        return Kind.OTHER, "dom", "no text"
    return Kind.ARTICLE, "dom", f"{words} words"


# -- pages that are not articles --


def _titles(page: PageEvidence) -> list[str]:
    """Return the texts by which a page introduces itself: titles, headings, and its first two paragraphs."""
    return _headings(page) + [b.text for b in page.kept[:2]]


def _headings(page: PageEvidence) -> list[str]:
    found = [page.tree.title or "", page.tree.meta_first("og:title") or ""]
    found += [part for title in found[:2] for part in re.split(r"\s[|–—-]\s|: ", title)]
    return found + [b.text for b in page.blocks if b.tag in ("h1", "h2")][:4]


def _find_phrase(table: str, texts: Sequence[str]) -> str | None:
    phrases = _phrases(table)
    return next((f"{table}: {found.text}" for text in texts if text and (found := phrases.find(text))), None)


def _consent_rule(page: PageEvidence) -> str | None:
    """Return the rule if the page is a consent wall: three consent phrases, and most of its prose about consent."""
    phrases = _phrases("consent")
    prose = [b for b in page.blocks if len(b.text) > 40 and b.link_chars * 2 < len(b.text)]
    asking = [b for b in prose if phrases.find(b.text) or b.text.casefold().count("cookie") > 1]
    labels = {text_of(n) for tag in _CONTROLS for n in page.tree.root.iter(tag)}
    asking_labels = sum(phrases.find(text) is not None for text in labels if 0 < len(text) < 80)
    other = sum(len(b.text) for b in prose if b not in asking)
    if _count_headline_links(page, words=6) and not _find_phrase("consent", _headings(page)):
        return None  # a short page with a banner: a consent wall has no links to articles
    if asking_labels >= 3 and (heading := _find_phrase("consent", _headings(page))):
        return heading
    if len(asking) + asking_labels >= 3 and asking and other < sum(len(b.text) for b in asking) + 200:
        return f"consent: {len(asking)} blocks, {asking_labels} labels"
    return None


def _section_rule(page: PageEvidence, size: int) -> str | None:
    """Return the rule if the page is a section page, else None.

    A section page has teaser cards that hold most of its prose, or little but links, and its data does not name an
    article.
    """
    article_signs = _count_article_signs(page)
    if article_signs > 1 or _is_article_url(page.tree.url):
        return None
    links, url = _count_headline_links(page), urlsplit(page.tree.url)
    is_home = url.path in ("", "/") and not url.query
    unmarked = article_signs == 0 and size < _SHORT
    signs = (
        _cards_rule(page, size),
        "home page" if is_home and links and _count_long_paragraphs(page) < 2 else None,
        _path_rule(page) if unmarked and links else None,
        "links and no article" if unmarked and size < _REMAINDER and _count_linked_blocks(page) >= 3 else None,
        min(_top_types(page.tree) & _words("types", "section"), default=None) if size < _SHORT else None,
        f"{links} links" if unmarked and size < _LITTLE_TEXT and links >= 10 else None,
    )
    return next((sign for sign in signs if sign), None)


def _cards_rule(page: PageEvidence, size: int) -> str | None:
    found = find_cards(page.blocks)
    in_cards = [b for b in page.kept if any(p in found for _, p in zip(range(5), b.ancestors(), strict=False))]
    is_enough = len(found) >= CARDS and sum(b.size for b in in_cards) * 10 >= size * 6
    return f"{len(found)} cards" if is_enough else None


def _count_linked_blocks(page: PageEvidence) -> int:
    return sum(b.link_chars > 0 for b in page.blocks)


def _count_headline_links(page: PageEvidence, words: int = 4) -> int:
    """Return the number of blocks that consist of a link with the length of a headline."""
    return sum(b.link_chars * 10 >= len(b.text) * 8 and b.words >= words for b in page.blocks)


def _path_rule(page: PageEvidence) -> str | None:
    """Return the rule if the first heading repeats the end of the path: /category/world/ and "World"."""
    last = urlsplit(page.tree.url).path.rstrip("/").rpartition("/")[2]
    heading = next((b.text for b in page.blocks if b.tag == "h1"), "")
    words = " ".join(re.findall(r"\w+", heading.casefold()))
    return (
        f"the path ends in {heading}"
        if words and words == " ".join(re.findall(r"\w+", unquote(last).casefold()))
        else None
    )


def _is_article_url(url: str) -> bool:
    """Return True if the URL ends like an article's: in a number or a headline."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return sum(map(str.isdigit, last)) >= 5 or last.count("-") >= 4


def _count_long_paragraphs(page: PageEvidence) -> int:
    """Return the number of long paragraphs; home pages have none."""
    return sum(text_size.size(p) > 400 for p in page.paragraphs)


def _count_article_signs(page: PageEvidence) -> int:
    """Return how many signs say that the page is one article (0 to 3)."""
    path = urlsplit(page.tree.url).path.rstrip("/")
    own = [s for s in page.data.articles if s.headline and (s.published or s.paragraphs or s.authors)]
    own = [s for s in own if not s.url or s.url.partition("#")[0].rstrip("/").endswith(path)]
    signs = [
        any(s.source == "json-ld" for s in own[:1]),
        "article" in (page.tree.meta_first("og:type") or "").lower(),
        bool(page.tree.meta_first("article:published_time", "datepublished", "date", "pubdate", "parsely-pub-date")),
    ]
    return sum(signs)


# -- kinds of articles --


def _live_rule(page: PageEvidence, types: set[str]) -> tuple[str, str] | None:
    if matches := types & _words("types", "live"):
        return "json-ld", min(matches)
    matches = _path_words(page.tree.url) & _words("paths", "live")
    return ("url", min(matches)) if matches and _count_posts(page.kept) >= CARDS else None


def _opinion_rule(page: PageEvidence, types: set[str]) -> tuple[str, str] | None:
    if matches := types & _words("types", "opinion"):
        return "json-ld", min(matches)
    if matches := _path_words(page.tree.url, whole=True) & _words("paths", "opinion"):
        return "url", min(matches)
    is_named = page.section is not None and page.section.casefold() in _words("paths", "opinion")
    return ("dom", f"section {page.section}") if is_named else None


def _paywall_rule(page: PageEvidence, _: set[str]) -> tuple[str, str] | None:
    paid = next((s for s in page.data.articles if s.is_free is False), None)
    if paid is not None:
        return paid.source, f"{paid.rule}.isAccessibleForFree"
    if "locked" in (page.tree.meta_first("article:content_tier") or ""):
        return "meta", "article:content_tier"
    rule = _find_phrase("paywall", [b.text for b in page.blocks if len(b.text) < 400])
    return ("text", rule) if rule and page.paragraphs else None


def _gallery_rule(page: PageEvidence, types: set[str]) -> tuple[str, str] | None:
    if matches := types & _words("types", "gallery"):
        return "json-ld", min(matches)
    if len(page.images) < _GALLERY_IMAGES:
        return None
    if matches := _path_words(page.tree.url) & _words("paths", "gallery"):
        return "url", min(matches)
    shown = sum(bool(i.caption) for i in page.images)
    return ("dom", f"{shown} images with captions") if shown >= 2 * _GALLERY_IMAGES else None


def _video_rule(page: PageEvidence, types: set[str]) -> tuple[str, str] | None:
    if (page.tree.meta_first("og:type") or "").lower().startswith("video"):
        return "meta", "og:type"
    player = next(page.tree.root.iter("video"), None) is not None
    if (matches := _path_words(page.tree.url) & _words("paths", "video")) and (
        player or types & _words("types", "video")
    ):
        return "url", min(matches)
    own = any(s.type for s in page.data.articles)
    return ("json-ld", "VideoObject") if types & _words("types", "video") and not own else None


def _count_posts(kept: Sequence[Block]) -> int:
    """Return the number of headings in the body. Each entry of a live blog has one."""
    return sum(b.tag in ("h2", "h3", "h4") for b in kept)


def _path_words(url: str, *, whole: bool = False) -> set[str]:
    """Return the segments of the path, with the words of the last one unless `whole`."""
    segments = [s for s in unquote(urlsplit(url).path).casefold().split("/") if s]
    found = set(segments[:-1] if whole else segments)
    if segments and not whole:
        found |= set(re.split(r"[-_.,]", segments[-1]))
    return found


def _top_types(tree: Tree) -> set[str]:
    """Return the schema.org types of the page's outermost objects."""
    found: set[str] = set()
    for value in tree.json_ld:
        nodes = value if isinstance(value, list) else [value]
        nodes = [n for n in nodes if isinstance(n, dict)]
        nodes += [g for n in nodes if isinstance(n.get("@graph"), list) for g in n["@graph"] if isinstance(g, dict)]
        for node in nodes[:100]:
            names = node.get("@type")
            found |= {
                n.rpartition("/")[2] for n in (names if isinstance(names, list) else [names]) if isinstance(n, str)
            }
    return found


@cache
def _phrases(table: str) -> PhraseTable:
    return PhraseTable((table, phrase) for phrases in word_tables.load("kinds")[table].values() for phrase in phrases)


@cache
def _words(table: str, name: str) -> frozenset[str]:
    return frozenset(word_tables.load("kinds")[table][name].split())
