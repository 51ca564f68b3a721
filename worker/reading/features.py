"""What a block looks like in its page, as numbers: the input of the model in scoring.py.

Three sorts: the text itself, the places that it stands in, and how it sits among its neighbours and its likes.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from worker.reading.blocks import SENTENCE_END as _END
from worker.reading.blocks import Block, Place, prose
from worker.reading.naming import function_words, groups, groups_of

_WORD = re.compile(r"\w+")
_NUMBER_DATE = re.compile(r"\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d\d\b|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TAGS = (
    "p", "div", "li", "td", "h1", "h2", "h3", "h4", "span", "blockquote", "figcaption", "dd", "body", "section", "article",
)  # fmt: skip
_FAR = 12  # levels to a mark that is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What else is known of the page when its blocks are scored."""

    headline: str = ""
    description: str = ""
    state: str = ""  #: the longest body in embedded data
    opened: Mapping[Block, tuple[int, int]] = field(default_factory=dict)  #: see `screen.opened`
    loose: Set[Block] = frozenset()  #: blocks that hold a phrase of furniture which may stand in prose too


def names() -> tuple[str, ...]:
    """The features in the order of each vector."""
    return (*_TEXT_NAMES, *(f"tag {t}" for t in _TAGS), *(f"to {m}" for m in groups()), *_PLACE_NAMES, *_NEAR_NAMES)


_TEXT_NAMES = (
    "chars", "words", "commas a word", "ends", "starts upper", "starts lower", "digits", "upper", "link density",
    "links", "strong density", "function words", "quote", "date", "sign", "colon", "question", "headline overlap",
    "description overlap", "in state", "state", "word length", "times on page",
)  # fmt: skip
_PLACE_NAMES = (
    "depth", "to best", "share 0", "share 1", "share 2", "share 3", "levels to half", "like chars", "like blocks",
    "like links", "position", "after headline", "prose before", "prose after", "same place chars",
    "opened", "opened levels", "loose phrase",
)  # fmt: skip
_NEAR = ("chars", "ends", "link density", "heading", "like", "in state")
_NEAR_NAMES = tuple(f"{n} at {d:+d}" for d in (-2, -1, 1, 2) for n in _NEAR)


def vectors(blocks: Sequence[Block], page: Page) -> list[list[float]]:
    """One vector a block, in order; see `names`."""
    return _Features(blocks, page).all()


class _Features:
    def __init__(self, blocks: Sequence[Block], page: Page) -> None:
        self.blocks, self.page, self.small = blocks, page, function_words()
        self.headline = frozenset(_WORD.findall(page.headline.casefold()))
        self.description = frozenset(_WORD.findall(page.description.casefold()))
        self.state = squeeze(page.state)
        self.squeezed = [squeeze(b.text) for b in blocks]
        self.times = Counter(self.squeezed)
        self.marks_at: dict[Place, tuple[int, ...]] = {}
        self.likes = [_likeness(b) for b in blocks]
        self.prose = [prose(b) for b in blocks]
        self.total = sum(self.prose) or 1.0
        self.under: Counter[Place] = Counter()
        self.best = self._weigh_places()
        self.like_chars: Counter[object] = Counter()
        self.like_count = Counter(self.likes)
        self.like_links: Counter[object] = Counter()
        for block, like, weight in zip(blocks, self.likes, self.prose, strict=True):
            self.like_chars[like] += weight  # type: ignore[assignment]
            self.like_links[like] += block.link_chars / len(block.text)  # type: ignore[assignment]
        self.head = self._headline_index()

    def all(self) -> list[list[float]]:
        texts = [self._text(i) for i in range(len(self.blocks))]
        before, rows = 0.0, []
        near = [self._near(text, i) for i, text in enumerate(texts)]
        none = [0.0] * len(_NEAR)
        for i, text in enumerate(texts):
            row = [*text, *self._place(i, before)]
            for d in (-2, -1, 1, 2):
                j = i + d
                if 0 <= j < len(texts):
                    row += near[j]
                    row[-2] = float(self.likes[j] == self.likes[i])
                else:
                    row += none
            rows.append(row)
            before += self.prose[i]
        return rows

    def _text(self, i: int) -> list[float]:
        block = self.blocks[i]
        text = block.text
        words = _WORD.findall(text.casefold())
        n, w = len(text), len(words) or 1
        kinds = frozenset(words)
        squeezed = self.squeezed[i]
        in_state = float(bool(self.state) and self._in_state(squeezed))
        return [
            math.log1p(n),
            math.log1p(len(words)),
            text.count(",") / w,
            float(bool(_END.search(text))),
            float(text[0].isupper()),
            float(text[0].islower()),
            sum(map(str.isdigit, text)) / n,
            sum(map(str.isupper, text)) / n,
            min(block.link_chars / n, 1.0),
            float(min(block.links, 10)),
            min(block.strong_chars / n, 1.0),
            sum(word in self.small for word in words) / w,
            float(any(q in text for q in '“”„«»"')),
            float(bool(_NUMBER_DATE.search(text))),
            float(any(s in text for s in "©|@→›»▶•")),
            float(text.endswith(":")),
            float(text.endswith("?")),
            len(kinds & self.headline) / (len(kinds | self.headline) or 1),
            len(kinds & self.description) / (len(kinds | self.description) or 1),
            in_state,
            math.log1p(len(self.state)),
            sum(map(len, words)) / w,
            float(min(self.times[squeezed], 5)),
        ]

    def _in_state(self, squeezed: str) -> bool:
        if len(squeezed) <= 40:
            return squeezed in self.state
        middle = len(squeezed) // 2
        return squeezed[:30] in self.state or squeezed[middle : middle + 30] in self.state

    def _place(self, i: int, before: float) -> list[float]:
        block = self.blocks[i]
        place, like = block.place, self.likes[i]
        at = self._marks_at(place)
        shares, up, half, to_best = [], 0, _FAR, _FAR
        for up, ancestor in enumerate(block.ancestors()):
            share = self.under[ancestor] / self.total
            if up < 4:
                shares.append(share)
            if ancestor is self.best:
                to_best = min(up, to_best)
            if share >= 0.5 and half == _FAR:
                half = min(up, _FAR)
        shares += [1.0] * (4 - len(shares))
        n = len(self.blocks)
        count = self.like_count[like]
        return [
            *(float(place.tag == t) for t in _TAGS),
            *(float(min(place.depth - depth, _FAR)) if depth >= 0 else float(_FAR) for depth in at),
            float(min(place.depth, 40)),
            float(to_best),
            *shares,
            float(half),
            self.like_chars[like] / self.total,
            math.log1p(count),
            self.like_links[like] / count,
            i / n,
            math.copysign(math.log1p(abs(i - self.head)), i - self.head) if self.head >= 0 else -9.0,
            before / self.total,
            (self.total - before - self.prose[i]) / self.total,
            self.under[place] / self.total,
            *map(float, self.page.opened.get(block, (_FAR, _FAR))),
            float(block in self.page.loose),
        ]

    def _near(self, text: list[float], i: int) -> list[float]:
        return [text[0], text[3], text[8], float(self.blocks[i].tag in _HEADINGS), 0.0, text[19]]

    def _marks_at(self, place: Place) -> tuple[int, ...]:
        """For each mark the depth of the nearest ancestor that has it, -1 for none."""
        known = self.marks_at.get(place)
        if known is not None:
            return known
        chain: list[Place] = []
        current: Place | None = place
        while current is not None and current not in self.marks_at:
            chain.append(current)
            current = current.parent
        at = self.marks_at[current] if current is not None else (-1,) * len(groups())
        for one in reversed(chain):
            found = groups_of(one.tag, one.names) if one.tag not in ("html", "body") else ()
            if found:
                changed = list(at)
                for m in found:
                    changed[m] = one.depth
                at = tuple(changed)
            self.marks_at[one] = at
        return at

    def _weigh_places(self) -> Place | None:
        """Sums prose under each place; gives the place whose own paragraphs weigh most, as readability does."""
        worth: Counter[Place] = Counter()
        for block, weight in zip(self.blocks, self.prose, strict=True):
            if not weight:
                continue
            for up, place in enumerate(block.ancestors()):
                self.under[place] += weight  # type: ignore[assignment]
                if 1 <= up <= 3:
                    worth[place] += weight / up  # type: ignore[assignment]
        return max(worth, key=lambda p: worth[p], default=None)

    def _headline_index(self) -> int:
        """The block that is the headline: the h1 most like it, else any heading or block that is."""
        best, at = 0.3, -1
        for i, block in enumerate(self.blocks):
            if len(block.text) > 300 or not self.headline:
                continue
            kinds = frozenset(_WORD.findall(block.text.casefold()))
            score = len(kinds & self.headline) / (len(kinds | self.headline) or 1)
            score += 0.3 * (block.tag == "h1") + 0.1 * (block.tag in ("h2", "h3"))
            if score > best:
                best, at = score, i
        return at


def squeeze(text: str) -> str:
    """Letters and digits alone, without case: what two copies of a text have in common."""
    return "".join(_WORD.findall(text.casefold()))


def _likeness(block: Block) -> object:
    """Blocks of one page that are built alike: tag and names of the element and its parent."""
    place, parent = block.place, block.place.parent
    return (place.tag, place.names, parent.tag if parent else "", parent.names if parent else "")
