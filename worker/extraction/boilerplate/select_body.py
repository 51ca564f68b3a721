"""The choice of the article's body: rules first, then the model for the remaining blocks, then embedded data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import NamedTuple

from worker.extraction.boilerplate import phrases
from worker.extraction.boilerplate.block_rules import RuledBlocks, apply_rules
from worker.extraction.boilerplate.host_repeats import HostBoilerplate
from worker.extraction.boilerplate.other_stories import find_other_stories
from worker.extraction.boilerplate.post_series import find_series
from worker.extraction.boilerplate.repeated_text import find_repeats
from worker.extraction.boilerplate.sibling_vote import vote
from worker.extraction.boilerplate.site_rules import NO_RULES, SiteRules
from worker.extraction.boilerplate.teaser_cards import find_cards
from worker.extraction.classifier import block_features, model
from worker.extraction.classifier.block_features import PageContext
from worker.extraction.fields import byline, byline_words
from worker.extraction.html.blocks import Block
from worker.extraction.images.extract import PageImages
from worker.extraction.page_data import EmbeddedArticle, PageData
from worker.extraction.text.normalize import comparison_key
from worker.model.records import Provenance

#: A block is kept from this probability on.
THRESHOLD = 0.4

#: The same if no block reaches it: a page with very little text.
_LITTLE_TEXT_THRESHOLD = 0.15

_LONGEST_DATE = 60  #: characters of a line with a date alone

#: Host boilerplate may take this share of the text (in characters), at most.
_MAX_HOST_BOILERPLATE = 0.4

#: A body in embedded data is taken if it is so many times as long as the text of the page's elements.
_MUCH_LONGER = 1.5
_MIN_EMBEDDED = 400  #: characters of an embedded body, at least
_MIN_EMBEDDED_ALONE = 120  #: the same if the elements show no text


class Verdict(NamedTuple):
    """Whether one block was kept, and why."""

    block: Block
    kept: bool
    reason: str


def select_blocks(
    blocks: Sequence[Block],
    page: PageContext,
    images: PageImages,
    boilerplate: HostBoilerplate | None = None,
    rules: SiteRules = NO_RULES,
) -> list[Verdict]:
    """Return one verdict per block, in page order."""
    ruled = apply_rules(blocks, images.nodes, rules, images.images)
    left, vectors = prepare_features(blocks, page, ruled)
    probable = vote(blocks, dict(zip(left, model.score(vectors), strict=True)), THRESHOLD)
    has_little_text = all(p < THRESHOLD for p in probable.values())
    kept = {
        b for b, p in probable.items() if p >= (_LITTLE_TEXT_THRESHOLD if has_little_text and b.prose else THRESHOLD)
    }
    headline = comparison_key(page.headline)
    verdicts = [_verdict(b, ruled, probable.get(b, 0.0), b in kept, headline) for b in blocks]
    verdicts = _revise(verdicts, _leading_dates(verdicts))
    verdicts = _revise(verdicts, find_other_stories(blocks, page.headline))
    verdicts = _revise(verdicts, find_series(blocks, [v.block for v in verdicts if v.kept], page.headline))
    verdicts = _revise(verdicts, find_repeats([v.block for v in verdicts if v.kept], page.headline))
    return _without_host_boilerplate(verdicts, boilerplate) if boilerplate else verdicts


def prepare_features(
    blocks: Sequence[Block], page: PageContext, ruled: RuledBlocks
) -> tuple[list[Block], list[list[float]]]:
    """Return the model's input: the blocks that the rules leave, and their features."""
    left = [block for block in blocks if block not in ruled.reasons]
    return left, block_features.vectors(
        left, replace(page, opened=ruled.opened, ambiguous=ruled.ambiguous, cards=find_cards(blocks))
    )


def _verdict(block: Block, ruled: RuledBlocks, probable: float, kept: bool, headline: str) -> Verdict:
    if block in ruled.kept:
        return Verdict(block, True, ruled.kept[block])
    if block in ruled.reasons:
        return Verdict(block, False, ruled.reasons[block])
    if kept and byline.is_byline(block.text):
        return Verdict(block, False, "byline")
    if kept and not block.prose and headline and comparison_key(block.text) == headline:
        return Verdict(block, False, "headline")
    return Verdict(block, kept, f"model: {probable:.2f}")


def _leading_dates(verdicts: Sequence[Verdict]) -> Mapping[Block, str]:
    """Return the lines before the first prose that hold a date and nothing else."""
    kept = [v.block for v in verdicts if v.kept]
    leading = takewhile(lambda block: not block.prose, kept)
    return {b: "date" for b in leading if len(b.text) <= _LONGEST_DATE and _is_date(b.text)}


def _is_date(text: str) -> bool:
    rest = byline_words.without_dates(text)
    return rest != text and not any(c.isalnum() for c in rest)


def _revise(verdicts: Sequence[Verdict], dropped: Mapping[Block, str]) -> list[Verdict]:
    """Drop blocks for reasons that only the whole page shows. Blocks that a site rule keeps stay."""
    return [
        Verdict(v.block, False, dropped[v.block])
        if v.kept and v.block in dropped and v.reason.startswith("model")
        else v
        for v in verdicts
    ]


def _without_host_boilerplate(verdicts: Sequence[Verdict], boilerplate: HostBoilerplate) -> list[Verdict]:
    """Drop blocks that repeat across the host, unless they make up most of the text.

    In that case the pages are similar because one article is on several of them, or because one template writes all.
    """
    shares = {v.block: share for v in verdicts if v.kept and (share := boilerplate.share(v.block.text)) is not None}
    kept_chars = sum(len(v.block.text) for v in verdicts if v.kept)
    if not shares or sum(len(block.text) for block in shares) > kept_chars * _MAX_HOST_BOILERPLATE:
        return list(verdicts)
    return [
        Verdict(v.block, False, f"boilerplate: on {share:.0%} of this host's pages")
        if (share := shares.get(v.block)) is not None
        else v
        for v in verdicts
    ]


def choose_body(
    kept: Sequence[str], data: PageData, blocks: Sequence[Block], headline: str = ""
) -> tuple[tuple[str, ...], Provenance]:
    """Return the text of the page's elements, or the embedded body if the elements do not show it."""
    shown = tuple(kept)
    embedded = _own_article(data, headline)
    elements = Provenance(source="dom", rule="blocks")
    if embedded is None:
        return shown, elements
    size, embedded_size = sum(map(len, shown)), sum(map(len, embedded.paragraphs))
    least = max(_MIN_EMBEDDED, size * _MUCH_LONGER) if shown else _MIN_EMBEDDED_ALONE
    if embedded_size < least or _is_shown(embedded.paragraphs, blocks):
        return shown, elements
    rivals = (("dom:blocks", "\n".join(shown)[:200]),) if shown else ()
    clean = tuple(
        p for p in embedded.paragraphs if (found := phrases.boilerplate_phrases().find(p)) is None or found.is_ambiguous
    )
    return clean, Provenance(source=embedded.source, rule=f"{embedded.rule} body", rivals=rivals)


def _own_article(data: PageData, headline: str) -> EmbeddedArticle | None:
    """Return the embedded article with a body that is the page's own: the one with its headline, or the longest."""
    articles = [a for a in data.articles if a.paragraphs]
    key = comparison_key(headline)
    own = [a for a in articles if key and a.headline and comparison_key(a.headline) == key]
    return max(own or articles, key=lambda a: sum(map(len, a.paragraphs)), default=None)


def _is_shown(paragraphs: Sequence[str], blocks: Sequence[Block]) -> bool:
    """Return True if the page's elements show most of an embedded body, so that its blocks were judged."""
    page = comparison_key(" ".join(b.text for b in blocks))
    parts = [comparison_key(p) for p in paragraphs]
    probes = [p[at : at + 40] for p in parts for at in range(0, max(len(p) - 40, 1), 200)]
    return sum(probe in page for probe in probes) * 2 >= len(probes)
