"""Other stories on the same page: an infinite scroll of articles, or further articles below the first one.

Each of them has a heading of its own, built like the page's headline, in a container of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.extraction.boilerplate.block_ranges import block_ranges
from worker.extraction.boilerplate.links import leads_elsewhere
from worker.extraction.fields import byline
from worker.extraction.html.blocks import Block, Container
from worker.extraction.text.normalize import name_key

_HEADINGS = ("h1", "h2", "h3")
_MIN_WORDS = 3  #: words of a headline
_MIN_PROSE = 250  #: letters of prose in a story, at least
_MAX_HEADINGS = 60  #: headings that are compared
_TOP = 6  #: blocks of a story that may hold its byline or date


def find_other_stories(blocks: Sequence[Block], headline: str) -> Mapping[Block, str]:
    """Return the blocks of other stories, if the page's own one has a container of its own."""
    headings = [b for b in blocks if b.tag in _HEADINGS and b.words >= _MIN_WORDS][:_MAX_HEADINGS]
    key = name_key(headline)
    same = [b for b in headings if key and _is_same(name_key(b.text), key)]
    own = min(same, key=lambda b: (b.tag, b.index), default=None)
    if own is None or len(headings) < 2:
        return {}
    ranges: Mapping[Container, tuple[int, int]] = {}
    found: dict[Block, str] = {}
    for heading in headings:
        if heading in found or (heading.tag != own.tag and not leads_elsewhere(heading)):
            continue
        if _is_same(name_key(heading.text), key):
            continue
        story, other = _apart(own, heading)
        if story is None or other is None or other is heading.container:
            continue
        ranges = ranges or block_ranges(blocks)
        content = blocks[slice(*ranges[other])]
        if (
            _begins(heading, content)
            and _is_signed(heading, other, content)
            and _begins(own, blocks[slice(*ranges[story])])
        ):
            found |= dict.fromkeys(content, "another story")
    return found


def _is_same(text: str, headline: str) -> bool:
    return text == headline or (len(text) > 20 and (text in headline or headline in text))


def _apart(own: Block, heading: Block) -> tuple[Container | None, Container | None]:
    """Return the outermost containers of two headings that are built alike and do not hold the other heading."""
    chains = list(own.ancestors())[::-1], list(heading.ancestors())[::-1]
    shared = sum(1 for one, other in zip(*chains, strict=False) if one is other)
    stories = {_build(container): container for container in reversed(chains[0][shared:])}
    for other in chains[1][shared:]:
        if (story := stories.get(_build(other))) is not None:
            return story, other
    return None, None


def _build(container: Container) -> tuple[str, str]:
    return container.tag, " ".join(container.names.split()[:1])


def _begins(heading: Block, blocks: Sequence[Block]) -> bool:
    """Return True if the blocks are prose that begins with the heading."""
    before = sum(block.prose for block in blocks if block.index < heading.index)
    return before == 0 and sum(block.prose for block in blocks) >= _MIN_PROSE


def _is_signed(heading: Block, container: Container, blocks: Sequence[Block]) -> bool:
    """Return True if a story has a sign of its own: <article>, a byline, a date or a link in its heading."""
    return (
        container.tag == "article"
        or leads_elsewhere(heading)
        or any(byline.is_byline(block.text) for block in blocks[:_TOP])
        or next(container.node.iter("time"), None) is not None
    )
