"""Text that a page says twice is read once; refrains and quoted letters stay."""

from __future__ import annotations

import pytest

from worker.extraction.boilerplate.repeated_text import find_repeats
from worker.extraction.html.blocks import split
from worker.extraction.html.tree import parse

LEAD = "The mill by the weir has been sold to a baker from the coast, and the wheel will turn again before winter."
QUOTE = "“We shall grind rye here, nothing but rye, for as long as the river lets us,” said the baker on Tuesday."
REST = "The council had tried for nine years to find a buyer who would keep the building and its wheel as they are."


def _left(html: str, headline: str = "") -> list[str]:
    blocks = split(parse(html, ""))
    repeats = find_repeats(blocks, headline)
    return [b.text for b in blocks if b not in repeats]


def test_a_story_printed_twice_is_read_once() -> None:
    story = f"<div><p>{LEAD}</p><p>{QUOTE}</p><p>{REST}</p></div>"
    assert _left(f"<div class='mobile'>{story}</div><div class='desktop'>{story}</div>") == [LEAD, QUOTE, REST]


def test_the_copy_among_more_text_stays() -> None:
    html = f"<header><div><p>{LEAD}</p></div></header><div><p>{LEAD}</p><p>{QUOTE}</p><p>{REST}</p></div>"
    blocks = split(parse(html, ""))
    assert [b.index for b in find_repeats(blocks, "")] == [0]


def test_a_refrain_stays() -> None:
    assert _left(f"<div><p>{LEAD}</p><p>{QUOTE}</p><p>{LEAD}</p></div>") == [LEAD, QUOTE, LEAD]


@pytest.mark.parametrize("end", ["…", " ...", " […]", "… »"])
def test_a_cut_copy_of_the_lead_goes(end: str) -> None:
    html = f"<ul><li>{LEAD[:60]}{end}</li></ul><div><p>{LEAD}</p><p>{REST}</p></div>"
    assert _left(html) == [LEAD, REST]


def test_a_teaser_with_the_headline_goes() -> None:
    html = f"<li>Old mill is sold at last {LEAD[:70]}</li><div><p>{LEAD}</p><p>{REST}</p></div>"
    assert _left(html, "Old mill is sold at last") == [LEAD, REST]


@pytest.mark.parametrize(
    "quote",
    [
        "<blockquote><p>“Nothing but rye, for as long as the river lets us.”</p></blockquote>",
        "<blockquote class='x'><p>We shall grind rye here</p><cite>Olga Brandt, baker</cite></blockquote>",
        "<aside class='pullquote'>The council tried nine years to find a buyer</aside>",
        "<div class='article__pull-quote'><span>The wheel will turn again before winter</span></div>",
    ],
)
def test_pull_quotes_go_with_their_signatures(quote: str) -> None:
    assert _left(f"<div><p>{LEAD}</p><p>{QUOTE}</p>{quote}<p>{REST}</p></div>") == [LEAD, QUOTE, REST]


@pytest.mark.parametrize("name", ["", "pullquote"])
def test_a_quote_with_words_of_its_own_stays(name: str) -> None:
    letter = "Nobody at the town hall answered my letters, wrote the last miller in a note to the paper."
    html = f"<div><p>{LEAD}</p><blockquote class='{name}'><p>{letter}</p></blockquote><p>{REST}</p></div>"
    assert letter in _left(html)


def test_cost_grows_with_the_page_only() -> None:
    html = "".join(f"<blockquote>Quote {n} of the long list …</blockquote><p>{LEAD} {n}</p>" for n in range(1500))
    assert len(_left(html)) > 1000
