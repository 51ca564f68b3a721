"""Text that the page says twice: a copy of a paragraph, the beginning of the story in a teaser, a pull quote."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from worker.extraction.html.blocks import Block, Container
from worker.extraction.text import text_size
from worker.extraction.text.normalize import comparison_key

_COPY = 60  #: letters of a copied paragraph, at least
_QUOTE_WORDS = range(4, 41)  #: words of a pull quote
_QUOTE_SHARE = 0.75  #: share of a named pull quote's words that one paragraph has
_SIGNED_WORDS = 25  #: words of a signed pull quote, at most
_LEVELS = 3  #: levels from a block up to the element of its quote
_QUOTE_TAGS = ("blockquote", "aside", "q")
_NAMED = re.compile(r"(?:pull|block-?pull|article|big|side|featured?|large)[-_]{0,2}quote", re.I)
_CUT = re.compile(r"\s*(?:…|\.{3}|\[…\]|\[\.{3}\])\W*$")


def find_repeats(kept: Sequence[Block], headline: str) -> Mapping[Block, str]:
    """Return the kept blocks that only repeat others, with the reason."""
    return {**_copies(kept), **_teasers(kept, headline), **_pull_quotes(kept)}


def _copies(kept: Sequence[Block]) -> Mapping[Block, str]:
    """Return the copies of paragraphs in other containers. The copy among more kept text stays, else the first.

    A refrain is in the same container as its copy and stays.
    """
    groups: dict[str, list[Block]] = {}
    for block in kept:
        if block.size >= _COPY and block.prose:
            groups.setdefault(block.text, []).append(block)
    groups = {text: group for text, group in groups.items() if len({_around(b) for b in group}) > 1}
    if not groups:
        return {}
    weights: Counter[Container | None] = Counter()
    for block in kept:
        weights[_around(block)] += block.size
    found: dict[Block, str] = {}
    for group in groups.values():
        best = max(group, key=lambda b: (weights[_around(b)], -b.index))
        found |= {b: "repeats another block" for b in group if _around(b) is not _around(best)}
    return found


def _around(block: Block) -> Container | None:
    return block.container.parent


def _teasers(kept: Sequence[Block], headline: str) -> Mapping[Block, str]:
    """Return blocks with the beginning of a longer paragraph, after the headline or before an ellipsis."""
    found = {}
    keys: dict[str, str] | None = None
    key_of_headline = comparison_key(headline)
    for block in kept:
        cut = _CUT.search(block.text) if "…" in block.text or "..." in block.text else None
        begins = len(key_of_headline) > 15 and _begins(block.text, headline, key_of_headline)
        if not (cut or begins):
            continue
        key = comparison_key(block.text[: cut.start()] if cut else block.text)
        key = key.removeprefix(key_of_headline) if begins else key
        if len(key) < _COPY // 2:
            continue
        if keys is None:
            keys = {comparison_key(b.text): b.text for b in kept if b.prose}
        if any(other.startswith(key) and text != block.text for other, text in keys.items()):
            found[block] = "the beginning of another block"
    return found


def _begins(text: str, headline: str, key: str) -> bool:
    """Return True if a text begins with the headline. The first letters are compared before the keys are built."""
    return text[:4].casefold() == headline[:4].casefold() and comparison_key(text).startswith(key)


def _pull_quotes(kept: Sequence[Block]) -> Mapping[Block, str]:
    """Return pull quotes: quotes that repeat the story's words, with their signatures."""
    quotes: dict[Container, list[Block]] = {}
    for block in kept:
        if (container := _quote_element(block)) is not None:
            quotes.setdefault(container, []).append(block)
    if not quotes:
        return {}
    quoted = {block for group in quotes.values() for block in group}
    story = [block for block in kept if block not in quoted]
    keys = [comparison_key(block.text) for block in story]
    words = [set(text_size.tokens(block.text.casefold())) for block in story]
    found: dict[Block, str] = {}
    for container, group in quotes.items():
        if _repeats_story(container, group[0], keys, words):
            found |= dict.fromkeys(group, "pull quote")
    return found


def _quote_element(block: Block) -> Container | None:
    """Return the element of the quote that a block belongs to, or None."""
    container: Container | None = block.container
    for _ in range(_LEVELS):
        if container is None or container.tag in ("article", "main", "body"):
            return None
        if container.tag in _QUOTE_TAGS or ("uote" in container.names and _NAMED.search(container.names)):
            return container
        container = container.parent
    return None


def _repeats_story(container: Container, quote: Block, keys: Sequence[str], words: Sequence[set[str]]) -> bool:
    if quote.words not in _QUOTE_WORDS:
        return False
    key = comparison_key(quote.text)
    if len(key) > 12 and any(key in other for other in keys):
        return True
    if not _NAMED.search(container.names):
        return False
    own = set(text_size.tokens(quote.text.casefold()))
    return any(len(own & other) >= len(own) * _QUOTE_SHARE for other in words)
