"""What a host repeats on page after page is furniture, however much it looks like prose."""

from __future__ import annotations

import json
import random
from collections import Counter

from tests.support.paths import PROJECT
from worker import extraction

GOLDEN = PROJECT / "tests" / "golden"
BOILERPLATE = "The Ostervik Post has told the islands what happens on the mainland since 1891, and the other way round."
CASES = (json.loads(path.read_text("utf-8")) for path in sorted(GOLDEN.glob("*/expected.json")))
STORIES = {case["headline"]: case["article_body"] for case in CASES if len(case.get("article_body", ())) > 4}
BODIES = list(STORIES.values())


def _page(body: list[str]) -> bytes:
    paragraphs = "".join(f"<p>{text}</p>" for text in (*body, BOILERPLATE))
    return f"<html><body><article><h1>{body[0][:40]}</h1><div>{paragraphs}</div></article></body></html>".encode()


def _memory(pages: list[bytes]) -> extraction.HostBoilerplate:
    shown = [
        extraction.fingerprints(v.block.text for v in extraction.explain(p, "https://o.example/").verdicts)
        for p in pages
    ]
    return extraction.HostBoilerplate(pages=len(pages), seen=Counter(print_ for page in shown for print_ in page))


def test_what_the_host_repeats_is_left_out_and_the_story_is_not() -> None:
    *earlier, last = [_page(body) for body in BODIES]
    without = extraction.read(last, "https://o.example/last").article_body
    knowing = extraction.read(last, "https://o.example/last", boilerplate=_memory(earlier)).article_body
    assert BOILERPLATE in without
    assert BOILERPLATE not in knowing
    assert knowing.splitlines() == [text for text in without.splitlines() if text != BOILERPLATE]


def test_the_verdict_says_so() -> None:
    *earlier, last = [_page(body) for body in BODIES]
    verdicts = extraction.explain(last, "https://o.example/last", boilerplate=_memory(earlier)).verdicts
    assert [v.reason for v in verdicts if v.block.text == BOILERPLATE] == ["boilerplate: on 100% of this host's pages"]


def test_few_pages_prove_nothing() -> None:
    pages = [_page(body) for body in BODIES]
    article = extraction.read(pages[0], "https://o.example/1", boilerplate=_memory(pages[1:4]))
    assert BOILERPLATE in article.article_body


def test_a_story_on_two_pages_is_no_furniture() -> None:
    pages = [_page(body) for body in BODIES]
    memory = _memory([*pages[1:], pages[0], pages[0]])
    assert extraction.read(pages[0], "https://o.example/1", boilerplate=memory).article_body.count("\n") >= 3


def _report(number: int) -> bytes:
    """One of the reports that differ in their figures alone: of quakes, results, prices."""
    figures = random.Random(number).randint
    paragraphs = (
        f"A magnitude {figures(30, 60) / 10} earthquake was reported at {figures(1, 12)}:{figures(10, 59)} on Tuesday, "
        f"according to the tremor service of the islands, which measures the sea bed with {figures(40, 90)} stations.",
        f"It lay {figures(2, 40)} miles from the nearest village at a depth of {figures(2, 20)} miles, and "
        f"{figures(2, 400)} people told the service within the first hour that they had felt it.",
        f"In the last ten days there have been {figures(1, 12)} quakes of magnitude 3 or more nearby, and "
        f"{figures(100, 300)} in the last year, more than in any of the {figures(3, 9)} years before.",
    )
    text = "".join(f"<p>{p}</p>" for p in paragraphs)
    return f"<html><body><article><h1>Quake number {number}</h1>{text}</article></body></html>".encode()


def test_reports_that_differ_in_figures_alone_keep_their_text() -> None:
    reports = [_report(n) for n in range(30)]
    without = extraction.read(reports[0], "https://o.example/0")
    knowing = extraction.read(reports[0], "https://o.example/0", boilerplate=_memory(reports[1:]))
    assert without.word_count > 50
    assert knowing == without


def test_a_story_that_stands_on_every_page_stays() -> None:
    """Alike to the letter: print, mobile and regional editions of one story, or stories of a template."""
    story = _page(BODIES[0])
    knowing = extraction.read(story, "https://o.example/0", boilerplate=_memory([story] * 10))
    assert knowing.article_body.splitlines()[: len(BODIES[0])] == BODIES[0]


def test_digits_and_case_do_not_hide_a_block() -> None:
    assert extraction.fingerprint("12 Comments") == extraction.fingerprint("7  comments")
    assert extraction.fingerprint("12 Comments") != extraction.fingerprint("12 letters")
