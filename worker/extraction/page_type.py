"""The kind of a page: an article (and which), a section page, a consent wall, a login form, or a soft error.

Pages that are not articles are recognised first (`wall_page`, `section_page`). The kind of an article follows from its
schema.org type, the words of its URL, the length of its text and the number of its images. The words are in
tables/kinds.toml and tables/page_wording.toml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from urllib.parse import unquote, urlsplit

from worker.extraction import word_tables
from worker.extraction.boilerplate.teaser_cards import CARDS
from worker.extraction.html.blocks import Block, ends_sentence
from worker.extraction.html.heading import find_heading
from worker.extraction.html.tree import Tree, text_of
from worker.extraction.page_evidence import PageEvidence
from worker.extraction.page_wording import consent_ideas, find_phrase, names_live, phrase_table, sells_subscription
from worker.extraction.section_page import section_rule
from worker.extraction.text import text_size
from worker.extraction.wall_page import consent_rule, error_rule, find_error, login_rule
from worker.model.records import Kind, Provenance

_SHORT = 1200  #: letters: a text with more is not an error
_SENTENCE = 40  #: characters of a line that is prose
_STUB = 220  #: words: a paid article with more is not a stub
_FEW_WORDS = 150  #: words: a gallery or a video page with more is an ordinary article
_GALLERY_IMAGES = 4  #: images that make a page with little text a gallery
_OFFER = 400  #: characters of a paywall's block, at most
_PROSE, _PROSE_BLOCKS = 12, 2  #: words of a sentence of the story, and sentences after a block, at least
_REACH = 8  #: blocks behind the body in which a paywall is sought
_STAMP_LEVELS = 3  #: levels up from a block to the entry with its time stamp


def classify(page: PageEvidence) -> tuple[Kind, Provenance]:
    """Return the kind of a page, with the rule that decided it."""
    kind, source, rule = _classify_non_article(page) or _classify_article(page)
    return kind, Provenance(source=source, rule=rule)


def classify_text(
    lines: Sequence[str], paragraphs: Sequence[str], headline: str | None, image_count: int
) -> tuple[Kind, Provenance]:
    """Return the kind of a page that is given as plain text, judging by its lines alone."""
    size = sum(map(text_size.size, paragraphs))
    phrases = phrase_table("consent")
    asking = [line for line in lines if phrases.find(line) or (len(line) > _SENTENCE and consent_ideas(line))]
    texts = [headline or "", *paragraphs[:2], *(line for line in lines[:60] if len(line) < 160)]
    kind, rule = Kind.ARTICLE, f"{size} characters"
    if size < _SHORT and (found := find_error(texts)):
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
    if (rule := error_rule(page)) is not None:
        return Kind.ERROR, "text", rule
    if (rule := consent_rule(page)) is not None:
        return Kind.CONSENT, "text", rule
    if (rule := login_rule(page)) is not None:
        return Kind.OTHER, "dom", rule
    if (rule := section_rule(page, _top_types(page.tree) & _words("types", "section"))) is not None:
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


def _live_rule(page: PageEvidence, types: set[str]) -> tuple[str, str] | None:
    if matches := types & _words("types", "live"):
        return "json-ld", min(matches)
    matches = _path_words(page.tree.url) & _words("paths", "live")
    if matches and _count_posts(page.kept) >= CARDS:
        return "url", min(matches)
    heading = find_heading(page.tree)
    is_live = heading is not None and names_live(text_of(heading))
    return ("dom", "heading and time stamps") if is_live and _count_stamps(page) >= CARDS else None


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
    if not page.paragraphs:
        return None
    followed = _followed_by_prose(page)
    texts = [b.text for b in page.blocks if len(b.text) < _OFFER and b.index not in followed]
    rule = find_phrase("paywall", texts) or _offer_rule(page, followed)
    return ("text", rule) if rule else None


def _followed_by_prose(page: PageEvidence) -> frozenset[int]:
    """Return the indexes of the body's blocks that more sentences of the body follow: the story is not cut there."""
    sentences = [b.index for b in page.kept if ends_sentence(b.text) and text_size.words(b.text) >= _PROSE]
    end = sentences[-_PROSE_BLOCKS] if len(sentences) >= _PROSE_BLOCKS else -1
    return frozenset(b.index for b in page.kept if b.index < end)


def _offer_rule(page: PageEvidence, followed: frozenset[int]) -> str | None:
    """Return the rule if a block close behind the body offers the rest to subscribers."""
    if not page.kept:
        return None
    first, last = page.kept[0].index, page.kept[-1].index
    near = (b for b in page.blocks[first : last + _REACH] if b.node.tag not in ("nav", "footer"))
    return next((f"paywall: {b.text}" for b in near if b.index not in followed and sells_subscription(b.text)), None)


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


def _count_stamps(page: PageEvidence) -> int:
    """Return the number of time stamps beside blocks of the body. Each entry of a live blog has one."""
    around = {c.node for block in page.kept for c in islice(block.ancestors(), 1, _STAMP_LEVELS)}
    stamps = (n for n in page.tree.root.iter("time") if any(a in around for a in islice(n.iterancestors(), 2)))
    return len({n.getparent() for n in stamps})


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
def _words(table: str, name: str) -> frozenset[str]:
    return frozenset(word_tables.load("kinds")[table][name].split())
