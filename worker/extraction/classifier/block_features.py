"""The features of a block: the input of the block model in model.py.

They describe the text itself, its containers, and its position among its neighbours and blocks with the same structure.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache

from worker.extraction.html.blocks import Block, Container, containers_of, ends_sentence
from worker.extraction.html.class_names import function_words, groups, groups_of
from worker.extraction.text import text_size
from worker.extraction.text.normalize import comparison_key

_NUMBER_DATE = re.compile(r"\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d\d\b|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_DIGIT = re.compile(r"\d")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TAGS = (
    "p", "div", "li", "td", "h1", "h2", "h3", "h4", "span", "blockquote", "figcaption", "dd", "body", "section",
    "article",
)  # fmt: skip
_QUOTE = re.compile('[“”„«»"]')
_SYMBOL = re.compile("[©|@→›»▶•]")
_FAR = 12  # number of levels used for a group that is absent
_FAR_VALUE = float(_FAR)
_NOWHERE = -_FAR  # depth used for an absent container: far from all others
_NO_TAG = [0.0] * len(_TAGS)
_TAG_FEATURES = {tag: [float(tag == other) for other in _TAGS] for tag in _TAGS}
_SAMPLE = 300  #: characters of a block that are examined word by word
_HEAD = 120  #: characters that are searched for dates, quotes and signs
_PROBE = 40  #: characters of a block that are searched for in embedded data


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """Facts about the page, beside its blocks, that the features use."""

    headline: str = ""
    description: str = ""
    embedded_text: str = ""  #: the longest body in embedded data
    opened: Mapping[Block, tuple[int, int]] = field(default_factory=dict)  #: see `RuledBlocks.opened`
    cards: Set[Container] = frozenset()
    ambiguous: Set[Block] = frozenset()  #: blocks with a boilerplate phrase that may also occur in prose


def names() -> tuple[str, ...]:
    """Return the names of the features in the order of each vector."""
    return (*_TEXT_NAMES, *(f"tag {t}" for t in _TAGS), *(f"to {m}" for m in groups()), *_CONTAINER_NAMES, *_NEAR_NAMES)


_TEXT_NAMES = (
    "chars", "words", "commas a word", "ends", "starts upper", "starts lower", "digits", "upper", "link density",
    "links", "strong density", "function words", "quote", "date", "sign", "colon", "question", "headline overlap",
    "description overlap", "in state", "state", "word length", "times on page",
)  # fmt: skip
_CONTAINER_NAMES = (
    "depth", "to best", "share 0", "share 1", "share 2", "share 3", "levels to half", "like chars", "like blocks",
    "like links", "position", "after headline", "prose before", "prose after", "same place chars",
    "opened", "opened levels", "loose phrase", "card",
)  # fmt: skip
_NEAR = ("chars", "ends", "link density", "heading", "like", "in state")
_NEAR_NAMES = tuple(f"{n} at {d:+d}" for d in (-2, -1, 1, 2) for n in _NEAR)


def vectors(blocks: Sequence[Block], page: PageContext) -> list[list[float]]:
    """Return one vector per block, in order; see `names`."""
    return _Features(blocks, page).all()


class _Features:
    """Sums over the page, and a vector for each block."""

    def __init__(self, blocks: Sequence[Block], page: PageContext) -> None:
        self.blocks, self.page = blocks, page
        self.headline = frozenset(text_size.tokens(page.headline.casefold()))
        self.description = frozenset(text_size.tokens(page.description.casefold()))
        self.embedded_text = comparison_key(page.embedded_text)
        self.embedded_size = math.log1p(len(self.embedded_text))
        self.times = Counter(b.text for b in blocks)
        numbers: dict[object, int] = {}  # one number for each structure: numbers compare faster
        self.builds = [numbers.setdefault(_build(b), len(numbers)) for b in blocks]
        self.prose = [b.prose for b in blocks]
        self.total = sum(self.prose) or 1.0
        self.under: dict[Container, float] = {}
        self.best = self._weigh_containers()
        self.build_chars: Counter[int] = Counter()
        self.build_count = Counter(self.builds)
        self.build_links: Counter[int] = Counter()
        for block, build, weight in zip(blocks, self.builds, self.prose, strict=True):
            self.build_chars[build] += weight  # type: ignore[assignment]
            self.build_links[build] += block.link_chars / len(block.text)  # type: ignore[assignment]
        self.head = self._headline_index()
        self.around = self._surroundings()
        self.cards = page.cards

    def all(self) -> list[list[float]]:
        """Return one vector per block."""
        texts = [self._text(i) for i in range(len(self.blocks))]
        neighbours = [self._near(text, i) for i, text in enumerate(texts)]
        none = [0.0] * len(_NEAR)
        before, rows, builds = 0.0, [], self.builds
        for i, text in enumerate(texts):
            row = [*text, *self._container(i, before)]
            for j in (i - 2, i - 1, i + 1, i + 2):
                if 0 <= j < len(texts):
                    row += neighbours[j]
                    row[-2] = 1.0 if builds[j] == builds[i] else 0.0
                else:
                    row += none
            rows.append(row)
            before += self.prose[i]
        return rows

    def _text(self, i: int) -> list[float]:
        block = self.blocks[i]
        text, n = block.text, len(block.text)
        own, words = _text_features(text)
        chars, count, commas, ends, starts_upper, starts_lower, digits, upper, small, *signs, word_length = own
        return [
            chars, count, commas, ends, starts_upper, starts_lower, digits, upper,
            min(block.link_chars / n, 1.0),
            float(min(block.links, 10)),
            min(block.strong_chars / n, 1.0),
            small, *signs,
            _overlap(words, self.headline),
            _overlap(words, self.description),
            float(bool(self.embedded_text) and self._in_embedded_text(text)),
            self.embedded_size,
            word_length,
            float(min(self.times[text], 5)),
        ]  # fmt: skip

    def _in_embedded_text(self, text: str) -> bool:
        """Return True if the beginning or the middle of the text is in the embedded body."""
        if comparison_key(text[:_PROBE]) in self.embedded_text:
            return True
        middle = len(text) // 2
        return len(text) > 2 * _PROBE and comparison_key(text[middle : middle + _PROBE]) in self.embedded_text

    def _container(self, i: int, before: float) -> list[float]:
        block = self.blocks[i]
        container, build = block.container, self.builds[i]
        around, depth = self.around[container], container.depth
        ancestors = (container, *_parents(container, 4))
        shares = [self.under.get(p, 0.0) / self.total for p in ancestors[:4]]
        shares += [1.0] * (4 - len(shares))
        n, count = len(self.blocks), self.build_count[build]
        return [
            *_TAG_FEATURES.get(container.tag, _NO_TAG),
            *[float(far) if (far := depth - at) < _FAR else _FAR_VALUE for at in around.groups],
            float(min(depth, 40)),
            float(min(depth - around.best, _FAR)),
            *shares,
            float(min(depth - around.half, _FAR)),
            self.build_chars[build] / self.total,
            math.log1p(count),
            self.build_links[build] / count,
            i / n,
            math.copysign(math.log1p(abs(i - self.head)), i - self.head) if self.head >= 0 else -9.0,
            before / self.total,
            (self.total - before - self.prose[i]) / self.total,
            shares[0],
            *map(float, self.page.opened.get(block, (_FAR, _FAR))),
            float(block in self.page.ambiguous),
            0.0 if self.cards.isdisjoint(ancestors) else 1.0,
        ]

    def _near(self, text: list[float], i: int) -> list[float]:
        return [text[0], text[3], text[8], float(self.blocks[i].tag in _HEADINGS), 0.0, text[19]]

    def _surroundings(self) -> dict[Container, _Around]:
        """Return for each container the depths of the containers around it.

        They are the nearest one (or itself) of each group, the best one, and the innermost that holds half of the
        prose.
        """
        outside = _Around((_NOWHERE,) * len(groups()), _NOWHERE, _NOWHERE)
        found: dict[Container, _Around] = {}
        for container in containers_of(self.blocks):
            around = found[container.parent] if container.parent is not None else outside
            matches = groups_of(container.tag, container.names) if container.tag not in ("html", "body", "") else ()
            if matches:
                depths = list(around.groups)
                for group in matches:
                    depths[group] = container.depth
                around = _Around(tuple(depths), around.best, around.half)
            is_half = self.under.get(container, 0.0) * 2 >= self.total
            if container is self.best or is_half:
                best = container.depth if container is self.best else around.best
                around = _Around(around.groups, best, container.depth if is_half else around.half)
            found[container] = around
        return found

    def _weigh_containers(self) -> Container | None:
        """Sum the prose in each container, and return the one whose own paragraphs weigh most, as readability does."""
        weights: dict[Container, float] = {}
        for block, weight in zip(self.blocks, self.prose, strict=True):
            if not weight:
                continue
            for level, container in enumerate(block.ancestors()):
                self.under[container] = self.under.get(container, 0.0) + weight
                if 1 <= level <= 3:
                    weights[container] = weights.get(container, 0.0) + weight / level
        return max(weights, key=lambda p: weights[p], default=None)

    def _headline_index(self) -> int:
        """Return the index of the headline's block, or -1: the h1 most similar to it, else any similar block."""
        best, at = 0.3, -1
        for i, block in enumerate(self.blocks):
            if len(block.text) > 300 or not self.headline:
                continue
            words_set = frozenset(text_size.tokens(block.text.casefold()))
            score = _overlap(words_set, self.headline)
            score += 0.3 * (block.tag == "h1") + 0.1 * (block.tag in ("h2", "h3"))
            if score > best:
                best, at = score, i
        return at


@dataclass(frozen=True, slots=True)
class _Around:
    groups: tuple[int, ...]
    best: int
    half: int


@lru_cache(maxsize=4096)
def _text_features(text: str) -> tuple[tuple[float, ...], frozenset[str]]:
    """Return the features that depend on a block's text alone, and its words.

    The results are cached: the texts around the articles of a site are the same on its pages.
    """
    size, count = text_size.extent(text)
    head = text[:_HEAD]
    words = text_size.tokens(text[:_SAMPLE])
    lower = list(map(str.casefold, words))
    w = len(words) or 1
    return (
        math.log1p(size),
        math.log1p(count),
        text_size.commas(text) / count,
        float(ends_sentence(text)),
        float(text[0].isupper()),
        float(text[0].islower()),
        sum(map(str.isdigit, words)) / w,
        sum([word[0].isupper() for word in words]) / w,
        sum(map(function_words().__contains__, lower)) / w,
        float(_QUOTE.search(head) is not None),
        float(bool(_DIGIT.search(head) and _NUMBER_DATE.search(head))),
        float(_SYMBOL.search(head) is not None),
        float(text.endswith(":")),
        float(text.endswith("?")),
        (sum(map(len, words)) if size == len(text) else text_size.size("".join(words))) / w,
    ), frozenset(lower)


def _overlap(words: frozenset[str], others: frozenset[str]) -> float:
    """Return the share of words that two sets have in common, 0 to 1."""
    common = len(words & others)
    return common / (len(words) + len(others) - common) if common else 0.0


def _parents(container: Container, levels: int) -> list[Container]:
    found: list[Container] = []
    current = container.parent
    while current is not None and len(found) < levels:
        found.append(current)
        current = current.parent
    return found


def _build(block: Block) -> object:
    """Return the structure of a block: tag and names of its element and of the parent."""
    container, parent = block.container, block.container.parent
    return (container.tag, container.names, parent.tag if parent else "", parent.names if parent else "")
