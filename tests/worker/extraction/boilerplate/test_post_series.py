"""Comments and teasers beside a story are recognised by their structure; the parts of the story are not."""

from __future__ import annotations

import pytest

from worker.extraction.boilerplate.post_series import find_series
from worker.extraction.html.blocks import split
from worker.extraction.html.tree import parse

STORY = [
    "The mill by the weir has been sold to a baker from the coast, and the wheel will turn again before winter.",
    "The council had tried for nine years to find a buyer who would keep the building and its wheel as they are.",
    "He means to grind rye for the bakers of the valley, and to open the old granary for school classes in spring.",
    "The price was not named, but the roof alone will cost as much as a new house, the town's architect said.",
]
OPINIONS = [
    "I used to play there as a child, and I hope that the new owner lets the children of the valley in again.",
    "Nine years! The council could have had it for a song, had anyone there looked at the roof in good time.",
    "Rye is all very well, but who is going to buy flour at that price when the shop sells it for a third?",
    "Let us wait and see whether the river still has enough water in August to turn anything at all.",
]
TEASERS = [
    "The harbour board says that fuel has become too dear, and that the last boat will leave an hour earlier.",
    "Its slate roof leaked for two years before the county found the money, and some of the books are lost.",
    "Growers had asked for more time, and the vote was put off until the new year by a show of hands.",
    "Some three hundred people came to the corn exchange to hear them, and gave more than was asked for.",
]


def _dropped(beside: str, story: str | None = None) -> set[str]:
    text = story or "<div class='kx'>" + "".join(f"<p>{p}</p>" for p in STORY) + "</div>"
    blocks = split(parse(f"<body><main><h1>Old mill is sold</h1>{text}{beside}</main></body>", ""))
    kept = [b for b in blocks if b.prose]
    return {b.text for b in find_series(blocks, kept, "Old mill is sold")}


@pytest.mark.parametrize("reply", ["Reply", "Antworten", "Répondre", "Responder", "Rispondi", "Ответить", "回复"])
def test_posts_with_a_button_to_reply_are_comments(reply: str) -> None:
    posts = "".join(
        f"<li id='c{n}' class='c{n} k'><b>Anna R.</b><p>{text}</p><span>{reply}</span></li>"
        for n, text in enumerate(OPINIONS)
    )
    assert _dropped(f"<ol>{posts}</ol>") == set(OPINIONS)


@pytest.mark.parametrize("heading", ["4 Comments", "34 responses to “Old mill is sold”", "Kommentare", "Комментарии"])
def test_posts_below_a_count_of_comments_are_comments(heading: str) -> None:
    posts = "".join(f"<div><div>Anna R.</div><div>{text}</div></div>" for text in OPINIONS)
    assert _dropped(f"<section><h2>{heading}</h2><div>{posts}</div></section>") == set(OPINIONS)


@pytest.mark.parametrize("tag", ["li", "div", "section"])
def test_teasers_that_print_a_paragraph_are_dropped(tag: str) -> None:
    inline = "".join(f"<{tag}><a href='/n/{n}'>What else happened today</a> {t}</{tag}>" for n, t in enumerate(TEASERS))
    apart = "".join(
        f"<{tag}><h3><a href='/n/{n}'>More of the day</a></h3><p>{t}</p></{tag}>" for n, t in enumerate(TEASERS)
    )
    assert len(_dropped(f"<div><div>{inline}</div></div>")) == len(TEASERS)
    assert _dropped(f"<div><div>{apart}</div></div>") == set(TEASERS)


def test_teasers_above_the_headline_are_dropped() -> None:
    items = "".join(f"<li><a href='/n/{n}'>What else happened today</a> {t}</li>" for n, t in enumerate(TEASERS * 3))
    text = "<div>" + "".join(f"<p>{p}</p>" for p in STORY) + "</div>"
    blocks = split(parse(f"<body><div><ul>{items}</ul></div><h1>Old mill is sold</h1>{text}</body>", ""))
    found = find_series(blocks, [b for b in blocks if b.prose], "Old mill is sold")
    assert {b.text for b in blocks if b.prose} - {b.text for b in found} == set(STORY)


@pytest.mark.parametrize(
    "rest",
    [
        "".join(f"<p>{text}</p>" for text in OPINIONS),
        "".join(f"<div class='para'>{text}</div>" for text in OPINIONS),
        "".join(f"<section><h2>Part {n} of the report</h2><p>{text}</p></section>" for n, text in enumerate(OPINIONS)),
        "<ul>" + "".join(f"<li>{text}</li>" for text in OPINIONS) + "</ul>",
        "".join(f"<div class='grid-{n}'><div><p>{text}</p></div></div>" for n, text in enumerate(OPINIONS)),
    ],
)
def test_parts_of_the_story_stay(rest: str) -> None:
    assert not _dropped(rest)


def test_posts_of_a_live_blog_stay() -> None:
    posts = "".join(
        f"<div class='post'><a href='#p{n}'>1{n}:05</a><h2>What we know so far</h2><p>{text}</p></div>"
        for n, text in enumerate(OPINIONS * 3)
    )
    assert not _dropped(f"<div>{posts}</div>", f"<p>{STORY[0]}</p>")


def test_the_result_is_the_same_each_time() -> None:
    posts = "".join(f"<li><b>Anna R.</b><p>{text}</p><span>Reply</span></li>" for text in OPINIONS)
    assert _dropped(f"<ol>{posts}</ol>") == _dropped(f"<ol>{posts}</ol>")
