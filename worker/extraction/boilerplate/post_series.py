"""Series of posts beside the story: readers' comments, and teasers that print the beginning of other stories.

A series is recognised by its structure, not by its names: containers of the same build with kept prose, outside of the
element that holds the story. Comments have dates, buttons to reply, or a heading that counts them. Teasers begin with a
link to another page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from worker.extraction.boilerplate.block_ranges import block_ranges
from worker.extraction.boilerplate.links import leads_elsewhere
from worker.extraction.boilerplate.phrases import boilerplate_phrases
from worker.extraction.html.blocks import Block, Container
from worker.extraction.html.tree import text_of
from worker.extraction.text.normalize import comparison_key

_POSTS = 3  #: posts of a series, at least
_SAMPLE = 12  #: posts that are examined
_MIN_STORY = 250  #: letters of prose that the story needs outside of the series
_STORY_SHARE = 0.35  #: share of the heaviest element's prose that makes the first one after the headline the story
_MUCH_PROSE = 400  #: letters of prose that make it so in any case
_DATED_SHARE = 0.3  #: share of the kept prose outside of posts whose only sign is a date: a live blog has less
_HEADLINE_WORDS = 4  #: words of a teaser's headline, at least
_LABEL_WORDS = 12  #: words of a block that may be a date
_BEFORE = 4  #: blocks before a series that may count its comments
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_DIGIT = re.compile(r"\d")
_DATE = re.compile(r"\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d\d\b|\d{1,2}[./]\d{1,2}[./]\d{2,4}")


def find_series(blocks: Sequence[Block], kept: Sequence[Block], headline: str) -> Mapping[Block, str]:
    """Return the kept blocks that belong to a series of comments or teasers, with the reason."""
    prose = [b for b in kept if b.prose and b.container.parent is not None]
    story = _story_element(prose, _headline_position(blocks, headline))
    chain = _chain(story)
    candidates = _candidates(prose, chain, story)
    if not candidates:
        return {}
    ranges, total = block_ranges(blocks), sum(b.prose for b in prose)
    found: dict[Block, str] = {}
    for containers in candidates:
        posts = [blocks[slice(*ranges[container])] for container in containers]
        around = containers[0].parent
        first = posts[0][0].index if around is None or around in chain else ranges[around][0]
        outside = total - sum(b.prose for b in prose if any(_is_in(b, post) for post in posts))
        if outside >= _MIN_STORY and (reason := _reason(posts, blocks, first, outside / total)) is not None:
            found |= {b: reason for b in kept if any(_is_in(b, post) for post in posts)}
    return found


def _chain(story: Container | None) -> set[Container]:
    """Return the story's element and the elements around it."""
    chain = set()
    while story is not None:
        chain.add(story)
        story = story.parent
    return chain


def _is_in(block: Block, post: Sequence[Block]) -> bool:
    return post[0].index <= block.index <= post[-1].index


def _headline_position(blocks: Sequence[Block], headline: str) -> int:
    key = comparison_key(headline)
    same = (b.index for b in blocks if b.tag in ("h1", "h2", "h3") and key and comparison_key(b.text) == key)
    return next(same, -1)


def _story_element(prose: Sequence[Block], position: int) -> Container | None:
    """Return the element that holds the story: the first one after the headline with much of the kept prose."""
    weights: Counter[Container] = Counter()
    for block in prose:
        if block.container.parent is not None:
            weights[block.container.parent] += int(block.prose)
    if not weights:
        return None
    least = min(max(weights.values()) * _STORY_SHARE, _MUCH_PROSE)
    for block in prose:
        around = block.container.parent
        if block.index > position >= 0 and around is not None and weights[around] >= least:
            return around
    return max(weights, key=lambda c: weights[c])


def _candidates(prose: Sequence[Block], chain: set[Container], story: Container | None) -> list[Sequence[Container]]:
    """Return series of containers with kept prose: siblings of the same build, unlike any that holds the story."""
    series: dict[object, dict[Container, None]] = {}
    seen: set[Container] = set()
    for block in prose:
        container: Container | None = block.container
        while container is not None and container not in chain and container.parent is not story:
            if container in seen:
                break
            seen.add(container)
            for build in _builds(container):
                series.setdefault(build, {})[container] = None
            container = container.parent
    builds = {build for container in chain for build in _builds(container)}
    posts = (tuple(posts) for build, posts in series.items() if len(posts) >= _POSTS and build not in builds)
    return list(dict.fromkeys(posts))


def _builds(container: Container) -> set[object]:
    """Return the parent, the tag and a name of a container, for each name without digits (such as "comment-17")."""
    names = {name for name in container.names.split() if name.isascii() and not _DIGIT.search(name)}
    return {(container.parent, container.tag, name) for name in names or {""}}


def _reason(posts: Sequence[Sequence[Block]], blocks: Sequence[Block], first: int, share: float) -> str | None:
    """Return what a series is, unless it is the story.

    `first` is the position of its first block, `share` the share of the prose outside of it.
    """
    sample = posts[:_SAMPLE]
    if _count(sample, _is_teaser) * 3 >= len(sample) * 2:
        return "teasers of other stories"
    if _count(sample, _has_heading) * 3 >= len(sample):
        return None
    if _count(sample, _has_parts) * 3 < len(sample) * 2:
        return None
    before = blocks[max(first - _BEFORE, 0) : posts[0][0].index]
    if any(map(_is_about_comments, before)) or _count(sample, _has_reply) * 2 >= len(sample):
        return "comments of readers"
    if share >= _DATED_SHARE and _count(sample, _has_date) * 3 >= len(sample) * 2:
        return "dated posts beside the story"
    return None


def _count(posts: Sequence[Sequence[Block]], test: Callable[[Sequence[Block]], bool]) -> int:
    return sum(map(test, posts))


def _is_teaser(post: Sequence[Block]) -> bool:
    """Return True if a post begins with a headline that links to another page, and goes on with text."""
    first = post[0]
    if not first.links or not leads_elsewhere(first) or first.words < _HEADLINE_WORDS:
        return False
    if len(post) > 1 or first.link_chars * 10 >= len(first.text) * 8:
        return len(post) > 1 and first.link_chars * 10 >= len(first.text) * 8
    link = next((node for node in first.nodes if node.tag == "a"), None)
    text = text_of(link) if link is not None else ""
    return text.count(" ") + 1 >= _HEADLINE_WORDS and first.text.startswith(text)


def _has_heading(post: Sequence[Block]) -> bool:
    return any(block.tag in _HEADINGS for block in post)


def _has_parts(post: Sequence[Block]) -> bool:
    """Return True if a post is more than a paragraph: a comment has at least a name beside its text."""
    return len(post) > 1


def _has_reply(post: Sequence[Block]) -> bool:
    return any(map(_is_about_comments, post))


def _is_about_comments(block: Block) -> bool:
    found = boilerplate_phrases().find(block.text)
    return found is not None and found.reason == "comment" and not found.is_ambiguous


def _has_date(post: Sequence[Block]) -> bool:
    return any(b.words <= _LABEL_WORDS and _DATE.search(b.text) is not None for b in post)
