"""Highlights are the same as those of a simple search, at a cost that does not grow with the query."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from worker.search.highlighting import END, FRAGMENTS, START, highlights, names_match
from worker.search.query_parser import Phrase, Word, parse
from worker.search.stemming import stem
from worker.search.tokenizer import fold, terms, words

VOCABULARY = ("flood", "floods", "Flooding", "storm", "stormy", "river", "bank", "café", "by-election", "election", "x")
QUERIES = (*VOCABULARY, "flo*", "storm-r*", '"river bank"', '"flood storm river"', "bank-flood", "caf*", "水")


def matched(text: str, query: str) -> set[int]:
    """Return the numbers of the words that match the query, comparing each part with each position."""
    found = words(text)
    on: set[int] = set()
    for node in parse(query).node.nodes:
        assert isinstance(node, Word | Phrase)
        wanted = terms(node.text)
        for i in range(len(found) - len(wanted) + 1):
            row = [surface for _, surface in found[i : i + len(wanted)]]
            exact = [fold(surface) for surface in row]
            is_begun = isinstance(node, Word) and node.is_prefix
            same = exact == wanted or (is_begun and exact[:-1] == wanted[:-1] and exact[-1].startswith(wanted[-1]))
            if isinstance(node, Word) and not is_begun and len(wanted) == 1:
                same = same or stem("en", row[0]) == stem("en", node.text)
            on |= set(range(i, i + len(wanted))) if same else set()
    return on


def marked(headline: str) -> set[int]:
    """Return the numbers of the words between marks."""
    plain = headline.replace(START, "").replace(END, "")
    spans, at = [], 0
    for part in headline.split(START):
        inside, end, rest = part.partition(END)
        if end:
            spans.append((at, at + len(inside)))
        at += len(inside) + len(rest)
    return {n for n, (i, s) in enumerate(words(plain)) if any(a <= i and i + len(s) <= b for a, b in spans)}


@given(st.lists(st.sampled_from(VOCABULARY), max_size=12), st.lists(st.sampled_from(QUERIES), min_size=1, max_size=6))
def test_all_matches_are_marked_and_nothing_else(text: list[str], asked: list[str]) -> None:
    headline, query = ", ".join(text), " ".join(asked)
    shown = highlights(parse(query).node, "all", "en", {"headline": (headline,)}).get("headline", ("",))[0]
    assert marked(shown) == matched(headline, query)
    assert shown.replace(START, "").replace(END, "") == (headline if matched(headline, query) else "")


@given(st.lists(st.sampled_from(VOCABULARY), max_size=200), st.lists(st.sampled_from(QUERIES), min_size=1, max_size=4))
def test_fragments_mark_all_that_they_show(text: list[str], asked: list[str]) -> None:
    body, query = ", ".join(text), " ".join(asked)
    fragments = highlights(parse(query).node, "all", "en", {"article_body": (body,)}).get("article_body", ())
    assert bool(fragments) == bool(matched(body, query)) and len(fragments) <= FRAGMENTS
    alone = [word for word in parse(query).node.nodes if isinstance(word, Word) and not word.is_prefix]
    for fragment in fragments:
        plain = fragment.replace(START, "").replace(END, "")
        assert plain in body
        single = {n for n, (_, s) in enumerate(words(plain)) if fold(s) in {w.text.lower() for w in alone}}
        assert single <= marked(fragment)


def test_names_match_only_with_a_word_of_the_query() -> None:
    names = {"author": ["Nell Carrow"], "keywords": ["floods"]}
    assert names_match(parse("storm carrow").node, "all", names)
    assert not names_match(parse("storm flood").node, "all", names)
    assert not names_match(parse("carrow").node, "body", names)


def test_many_words_in_a_long_text_are_highlighted_fast() -> None:
    body = " ".join(f"word{n % 977} storm harbour" for n in range(9000))
    node = parse(" OR ".join(["storm", "harbour", "sto*", *(f"word{n}" for n in range(50))])).node
    began = time.process_time()
    fragments = highlights(node, "all", "en", {"article_body": (body,)})["article_body"]
    assert len(fragments) == FRAGMENTS
    assert time.process_time() - began < 0.5
