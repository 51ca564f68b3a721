"""Blocks of the same structure are judged together, and lists follow the paragraph that introduces them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extraction.boilerplate.sibling_vote import vote
from worker.extraction.html.blocks import Block, split
from worker.extraction.html.tree import parse

THRESHOLD = 0.4


def _blocks(html: str) -> list[Block]:
    return split(parse(html, ""))


def test_a_doubtful_paragraph_follows_its_siblings() -> None:
    blocks = _blocks("<div>" + "<p>Here are some words of the story.</p>" * 5 + "</div>")
    odds = vote(blocks, dict(zip(blocks, [0.9, 0.9, 0.35, 0.9, 0.9], strict=True)), THRESHOLD)
    assert all(p > THRESHOLD for p in odds.values())
    odds = vote(blocks, dict(zip(blocks, [0.1, 0.1, 0.45, 0.1, 0.1], strict=True)), THRESHOLD)
    assert all(p < THRESHOLD for p in odds.values())


@pytest.mark.parametrize("intro", ["The dates to watch:", "今後の予定："])
@pytest.mark.parametrize("tag", ["ul", "ol"])
def test_items_follow_their_introduction(intro: str, tag: str) -> None:
    blocks = _blocks(f"<div><p>{intro}</p><{tag}><li>Talks on Monday.</li><li>A vote in May.</li></{tag}></div>")
    odds = vote(blocks, dict(zip(blocks, [0.8, 0.2, 0.15], strict=True)), THRESHOLD)
    assert all(p >= THRESHOLD for p in odds.values())
    odds = vote(blocks, dict(zip(blocks, [0.2, 0.2, 0.15], strict=True)), THRESHOLD)
    assert all(p < THRESHOLD for p in odds.values())


def test_lists_of_links_do_not_follow() -> None:
    blocks = _blocks("<div><p>See also:</p><ul><li><a href='/a'>One</a></li><li><a href='/b'>Two</a></li></ul></div>")
    odds = vote(blocks, dict(zip(blocks, [0.8, 0.2, 0.2], strict=True)), THRESHOLD)
    assert [p >= THRESHOLD for p in odds.values()] == [True, False, False]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_votes_are_probabilities_and_do_not_depend_on_the_run(values: list[float]) -> None:
    blocks = _blocks("<ul>" + "<li>Words of an item.</li>" * len(values) + "</ul>")
    probabilities = dict(zip(blocks, values, strict=True))
    first = vote(blocks, probabilities, THRESHOLD)
    assert first == vote(blocks, probabilities, THRESHOLD)
    assert all(0 <= p <= 1 for p in first.values())
