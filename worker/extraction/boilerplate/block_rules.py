"""Rules that mark blocks as boilerplate before the model judges the rest: captions, zones, phrases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice

from worker.extraction.boilerplate import phrases
from worker.extraction.boilerplate.block_ranges import block_ranges
from worker.extraction.boilerplate.links import is_lone_link
from worker.extraction.boilerplate.scrambled_text import find_scrambled
from worker.extraction.boilerplate.site_rules import NO_RULES, SiteRules
from worker.extraction.html.blocks import Block, Container, containers_of
from worker.extraction.html.class_names import boilerplate_zone
from worker.extraction.html.tree import Element, is_longer, text_of
from worker.extraction.text.normalize import comparison_key
from worker.model.records import Image

_MIN_OUTSIDE = 300  #: characters of prose that the page needs outside of a zone of comments
_LONG_CAPTION = 40  #: characters of a caption that is recognised by its text, at least
_CONSENT_CHARS = 600  #: characters of a block that are examined
_CONSENT_HINTS = ("cookie", "privacy", "personal", "opt", "daten", "confidential", "privacidad", "persoons", "pessoais")
_CONSENT_LEAST = 13  #: characters of the shortest text with three consent words ("gdpr ccpa …")
_CONSENT_WORDS = 3  #: different words that make a block a consent text
_CONSENT = re.compile(
    r"cookies?\b|opt[ -]out|personal (?:information|data)|third part(?:y|ies)|consent\b|privacy|\bccpa\b|\bgdpr\b|"
    r"browser|preferences|\bdsgvo\b|datenschutz|drittanbieter|einstellungen|einwilligung|personenbezogene daten|"
    r"confidentialité|données personnelles|datos personales|privacidad|dados pessoais|dati personali|"
    r"persoonsgegevens|toestemming"
)
_CONSENT_SHARE = 0.5  #: consent texts are part of an article up to this share of its other prose
_REST_PARAGRAPHS = 2  #: paragraphs inside of a zone and before it that make it the rest of the story
_REST_ZONES = ("zone: related", "zone: share", "zone: newsletter", "zone: consent")
_LINK_WORDS = 12
_FORM_CHARS = 300
_FORM_LEVELS = 4
_REACH = 11  #: blocks after an opener that may belong to its list
_LEVELS = 3  #: levels up from an opener to the container of its list


@dataclass(frozen=True, slots=True)
class RuledBlocks:
    """The results of the rules. Blocks without a result are left to the model."""

    reasons: Mapping[Block, str]  #: excluded blocks
    opened: Mapping[Block, tuple[int, int]]  #: blocks after a heading like "Related stories": distance, levels
    kept: Mapping[Block, str]  #: blocks that a site rule keeps
    ambiguous: Set[Block]  #: blocks with a boilerplate phrase that may also occur in prose


def apply_rules(
    blocks: Sequence[Block], captions: Set[Element], rules: SiteRules = NO_RULES, images: Sequence[Image] = ()
) -> RuledBlocks:
    """Return the blocks that rules exclude or keep.

    The site's own rules come first; then captions, zones, navigation, forms, phrases, consent texts and isolated
    links.
    """
    weights = _weights(blocks)
    heaviest = max(weights.values(), default=0.0)
    consent_blocks, scrambled = _consent_blocks(blocks), find_scrambled(blocks)
    shown_captions = {comparison_key(i.caption) for i in images if i.caption and len(i.caption) > _LONG_CAPTION}
    by_container, kept_containers = _by_container(blocks, captions, _forms(blocks), weights, rules)
    reasons: dict[Block, str] = {}
    kept: dict[Block, str] = {}
    openers: list[Block] = []
    ambiguous = set()
    for block in blocks:
        if block.container in kept_containers:
            kept[block] = kept_containers[block.container]
            continue
        reason = (
            by_container.get(block.container)
            or _inline_caption(block, captions)
            or _repeated_caption(block, shown_captions)
        )
        if reason is None and (found := _phrase(block, rules)) is not None:
            if found.is_ambiguous and found.reason != "site rule":
                ambiguous.add(block)
            else:
                reason = f"{found.reason}: {found.text}"
                if found.reason in ("opens", "promo"):
                    openers.append(block)
        if reason is None and block in consent_blocks:
            reason = "consent: its words"
        if reason is None and block in scrambled:
            reason = "scrambled"
        if reason is None and (_is_far_link(block, weights, heaviest) or is_lone_link(block)):
            reason = "link"
        if reason is not None:
            reasons[block] = reason
    return RuledBlocks(reasons, _after_openers(blocks, openers), kept, ambiguous)


def _consent_blocks(blocks: Sequence[Block]) -> Set[Block]:
    """Return the blocks of consent texts, except those in an article about privacy."""
    asking = {b for b in blocks if _asks_consent(b.text)}
    if not asking:
        return asking
    consent_weights, other_weights = _weights(asking), _weights(b for b in blocks if b not in asking)
    return {b for b in asking if not _is_among_prose(b, other_weights, consent_weights)}


def _asks_consent(text: str) -> bool:
    if len(text) < _CONSENT_LEAST:
        return False
    low = text[:_CONSENT_CHARS].casefold()
    for hint in _CONSENT_HINTS:
        if hint in low:
            return len(set(_CONSENT.findall(low))) >= _CONSENT_WORDS
    return False


def _is_among_prose(
    block: Block, other_weights: Mapping[Container, float], consent_weights: Mapping[Container, float]
) -> bool:
    """Return True if the block belongs to an article about privacy.

    Its parent holds most of the page's non-consent text, and more of it than of consent texts.
    """
    around = block.container.parent
    if around is None or around.tag in ("body", "html"):
        return False
    inside = other_weights.get(around, 0.0)
    return (
        inside * 2 > max(other_weights.values(), default=0.0)
        and inside > consent_weights.get(around, 0.0) * _CONSENT_SHARE
    )


def _phrase(block: Block, rules: SiteRules) -> phrases.BoilerplatePhrase | None:
    own = rules.phrases.find(block.text) if rules.phrases else None
    return own or phrases.boilerplate_phrases().find(block.text)


def _after_openers(blocks: Sequence[Block], openers: Sequence[Block]) -> Mapping[Block, tuple[int, int]]:
    """Return, for the blocks after each opener of a link list, the distance and the levels up to a common container."""
    found = {}
    for opener in openers:
        around = [container for _, container in zip(range(_LEVELS + 1), opener.ancestors(), strict=False)]
        for distance, block in enumerate(blocks[opener.index + 1 : opener.index + 1 + _REACH], 1):
            containers = set(block.ancestors())
            levels = next((up for up, container in enumerate(around) if container in containers), _LEVELS + 1)
            found[block] = (distance, levels)
    return found


def _forms(blocks: Sequence[Block]) -> Set[Element]:
    """Return the elements around text fields, such as e-mail sign-ups. Their short texts are about the form."""
    if not blocks:
        return frozenset()
    found: set[Element] = set()
    large: set[Element] = set()
    for field in blocks[0].container.node.getroottree().iter("input"):
        if (field.get("type") or "text").lower() not in ("text", "email"):
            continue
        for box in islice(field.iterancestors(), _FORM_LEVELS):
            if box in found:
                continue
            if box in large or box.tag in ("body", "main", "article") or is_longer(box, _FORM_CHARS):
                large.add(box)
                break
            found.add(box)
    return found


def _by_container(
    blocks: Sequence[Block],
    captions: Set[Element],
    forms: Set[Element],
    weights: Mapping[Container, float],
    rules: SiteRules,
) -> tuple[Mapping[Container, str], Mapping[Container, str]]:
    """Return (excluded, kept) containers, each with the reason.

    Captions, zones and navigation are excluded with all their content. Site rules keep or exclude a container.
    """
    out: dict[Container, str] = {}
    kept: dict[Container, str] = {}
    in_article: set[Container] = set()
    total = max(weights.values(), default=0.0)
    ranges: Mapping[Container, tuple[int, int]] = {}
    for container in containers_of(blocks):
        if container.parent in in_article or container.tag in ("article", "main"):
            in_article.add(container)
        ruled = rules.of(container.node) if rules is not NO_RULES else None
        if ruled is not None:
            (kept if ruled[0] else out)[container] = ruled[1]
        elif container.parent is not None and container.parent in kept:
            kept[container] = kept[container.parent]
        elif container.parent is not None and container.parent in out:
            out[container] = out[container.parent]
        elif container.node in captions:
            out[container] = "caption"
        elif container.node in forms:
            out[container] = "form"
        elif (reason := _zone(container, container in in_article, weights, total)) is not None:
            if reason in _REST_ZONES and weights.get(container):
                ranges = ranges or block_ranges(blocks)
                if _continues_story(container, blocks, ranges):
                    continue
            out[container] = reason
    return out, kept


def _repeated_caption(block: Block, shown_captions: Set[str]) -> str | None:
    """Return "caption" if the block repeats a caption outside of its figure, perhaps with the credit."""
    if not shown_captions or len(block.text) <= _LONG_CAPTION:
        return None
    head = comparison_key(block.text[:_LONG_CAPTION])  # cheap test before the key of the whole text is built
    if not any(c.startswith(head) or head.startswith(c) for c in shown_captions):
        return None
    key = comparison_key(block.text)
    return "caption" if any(key.startswith(c) and len(key) < len(c) + 60 for c in shown_captions) else None


def _zone(container: Container, in_article: bool, weights: Mapping[Container, float], total: float) -> str | None:
    """Return why a container is boilerplate by its tag or names.

    None for one that holds most of the page's prose. `total` is the weight of the heaviest container.
    """
    if container.tag == "nav" or (container.tag == "footer" and not in_article):
        reason = f"<{container.tag}>"
    elif container.tag not in ("html", "body", "main") and (zone := boilerplate_zone(container.names)) is not None:
        reason = f"zone: {zone}"
    else:
        return None
    inside = weights.get(container, 0.0)
    if reason == "zone: comments":
        return reason if total - inside >= _MIN_OUTSIDE else None
    return reason if inside * 2 <= total else None


def _continues_story(
    container: Container, blocks: Sequence[Block], ranges: Mapping[Container, tuple[int, int]]
) -> bool:
    """Return True if a container with a zone's name holds the rest of the story, as a "read more" box does.

    It begins with paragraphs like those before it in the same element, has hardly any links and no form.
    """
    if container.parent is None:
        return False
    start, end = ranges[container]
    inside, before = blocks[start:end], blocks[ranges[container.parent][0] : start]
    tag, prose = inside[0].tag, [b for b in inside if b.prose]
    if len(prose) < _REST_PARAGRAPHS or inside[0] is not prose[0]:
        return False
    alike = sum(b.prose > 0 and b.tag == tag and b.container.parent is container.parent for b in before)
    return (
        alike >= _REST_PARAGRAPHS
        and sum(b.tag == tag for b in inside) * 3 >= len(inside) * 2
        and sum(b.link_chars for b in inside) * 10 <= sum(len(b.text) for b in inside)
        and next(container.node.iter("input", "form"), None) is None
    )


def _is_far_link(block: Block, weights: Mapping[Container, float], heaviest: float) -> bool:
    """Return True for a short link far from any prose. `heaviest` is the weight of the page's heaviest container."""
    if block.link_chars * 10 < len(block.text) * 9 or block.words > _LINK_WORDS:
        return False
    around = next(islice(block.ancestors(), _LEVELS, None), None)
    return around is not None and weights.get(around, 0.0) * 100 < heaviest


def _weights(blocks: Iterable[Block]) -> dict[Container, float]:
    """Return the amount of prose in each container."""
    weights: dict[Container, float] = {}
    for block in blocks:
        if weight := block.prose:
            for container in block.ancestors():
                weights[container] = weights.get(container, 0.0) + weight
    return weights


def _inline_caption(block: Block, captions: Set[Element]) -> str | None:
    """Return "caption" if the block holds nothing but an inline caption or credit."""
    for node in block.nodes[:4]:
        if node in captions and len(text_of(node)) * 10 >= len(block.text) * 9:
            return "caption"
    return None
