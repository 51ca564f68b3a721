"""What a host repeats on page after page is furniture, however much it looks like prose."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from worker import reading

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
BOILERPLATE = "The Ostervik Post has told the islands what happens on the mainland since 1891, and the other way round."
CASES = (json.loads(path.read_text("utf-8")) for path in sorted(GOLDEN.glob("*/expected.json")))
STORIES = {case["headline"]: case["article_body"] for case in CASES if len(case.get("article_body", ())) > 4}
BODIES = list(STORIES.values())


def _page(body: list[str]) -> bytes:
    paragraphs = "".join(f"<p>{text}</p>" for text in (*body, BOILERPLATE))
    return f"<html><body><article><h1>{body[0][:40]}</h1><div>{paragraphs}</div></article></body></html>".encode()


def _memory(pages: list[bytes]) -> reading.Furniture:
    shown = [
        reading.fingerprints(v.block.text for v in reading.explain(p, "https://o.example/").verdicts) for p in pages
    ]
    return reading.Furniture(pages=len(pages), seen=Counter(print_ for page in shown for print_ in page))


def test_what_the_host_repeats_is_left_out_and_the_story_is_not() -> None:
    *earlier, last = [_page(body) for body in BODIES]
    without = reading.read(last, "https://o.example/last").article_body
    knowing = reading.read(last, "https://o.example/last", furniture=_memory(earlier)).article_body
    assert BOILERPLATE in without
    assert BOILERPLATE not in knowing
    assert knowing.splitlines() == [text for text in without.splitlines() if text != BOILERPLATE]


def test_the_verdict_says_so() -> None:
    *earlier, last = [_page(body) for body in BODIES]
    verdicts = reading.explain(last, "https://o.example/last", furniture=_memory(earlier)).verdicts
    assert [v.reason for v in verdicts if v.block.text == BOILERPLATE] == ["furniture: on 100% of this host's pages"]


def test_few_pages_prove_nothing() -> None:
    pages = [_page(body) for body in BODIES]
    article = reading.read(pages[0], "https://o.example/1", furniture=_memory(pages[1:4]))
    assert BOILERPLATE in article.article_body


def test_a_story_on_two_pages_is_no_furniture() -> None:
    pages = [_page(body) for body in BODIES]
    memory = _memory([*pages[1:], pages[0], pages[0]])
    assert reading.read(pages[0], "https://o.example/1", furniture=memory).article_body.count("\n") >= 3


def test_digits_and_case_do_not_hide_a_block() -> None:
    assert reading.fingerprint("12 Comments") == reading.fingerprint("7  comments")
    assert reading.fingerprint("12 Comments") != reading.fingerprint("12 letters")
