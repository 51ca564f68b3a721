"""Blocks that a host repeats on its pages are boilerplate, even if they look like prose."""

from __future__ import annotations

import json
import random
from collections import Counter

from tests.support.paths import PROJECT
from worker import extraction

GOLDEN = PROJECT / "tests" / "golden"
BOILERPLATE = "The Ostervik Post has reported to the islands on the mainland since 1891, and the other way round."
CASES = (json.loads(path.read_text("utf-8")) for path in sorted(GOLDEN.glob("*/expected.json")))
BODIES_BY_HEADLINE = {case["headline"]: case["article_body"] for case in CASES if len(case.get("article_body", ())) > 4}
BODIES = list(BODIES_BY_HEADLINE.values())


def _page(body: list[str]) -> bytes:
    paragraphs = "".join(f"<p>{text}</p>" for text in (*body, BOILERPLATE))
    return f"<html><body><article><h1>{body[0][:40]}</h1><div>{paragraphs}</div></article></body></html>".encode()


def _host_boilerplate(pages: list[bytes]) -> extraction.HostBoilerplate:
    shown = [
        extraction.fingerprints(v.block.text for v in extraction.explain(p, "https://o.example/").verdicts)
        for p in pages
    ]
    return extraction.HostBoilerplate(pages=len(pages), seen=Counter(print_ for page in shown for print_ in page))


def test_repeated_blocks_are_dropped_and_the_article_stays() -> None:
    *earlier, last = [_page(body) for body in BODIES]
    without = extraction.read(last, "https://o.example/last").article_body
    knowing = extraction.read(last, "https://o.example/last", boilerplate=_host_boilerplate(earlier)).article_body
    assert BOILERPLATE in without
    assert BOILERPLATE not in knowing
    assert knowing.splitlines() == [text for text in without.splitlines() if text != BOILERPLATE]


def test_verdict_names_the_share_of_pages() -> None:
    *earlier, last = [_page(body) for body in BODIES]
    verdicts = extraction.explain(last, "https://o.example/last", boilerplate=_host_boilerplate(earlier)).verdicts
    assert [v.reason for v in verdicts if v.block.text == BOILERPLATE] == ["boilerplate: on 100% of this host's pages"]


def test_few_pages_are_not_enough() -> None:
    pages = [_page(body) for body in BODIES]
    article = extraction.read(pages[0], "https://o.example/1", boilerplate=_host_boilerplate(pages[1:4]))
    assert BOILERPLATE in article.article_body


def test_article_on_two_pages_is_not_boilerplate() -> None:
    pages = [_page(body) for body in BODIES]
    known = _host_boilerplate([*pages[1:], pages[0], pages[0]])
    assert extraction.read(pages[0], "https://o.example/1", boilerplate=known).article_body.count("\n") >= 3


def _report(number: int) -> bytes:
    """Return a report that differs from others only in its figures, as on quakes, results or prices."""
    figures = random.Random(number).randint
    paragraphs = (
        f"A magnitude {figures(30, 60) / 10} earthquake was reported at {figures(1, 12)}:{figures(10, 59)} on Tuesday, "
        f"according to the tremor service of the islands, which measures the sea bed with {figures(40, 90)} stations.",
        f"Its centre was {figures(2, 40)} miles from the nearest village at a depth of {figures(2, 20)} miles, and "
        f"{figures(2, 400)} people reported to the service within the first hour that they had felt it.",
        f"In the last ten days there have been {figures(1, 12)} quakes of magnitude 3 or more nearby, and "
        f"{figures(100, 300)} in the last year, more than in any of the {figures(3, 9)} years before.",
    )
    text = "".join(f"<p>{p}</p>" for p in paragraphs)
    return f"<html><body><article><h1>Quake number {number}</h1>{text}</article></body></html>".encode()


def test_reports_that_differ_only_in_figures_keep_their_text() -> None:
    reports = [_report(n) for n in range(30)]
    without = extraction.read(reports[0], "https://o.example/0")
    knowing = extraction.read(reports[0], "https://o.example/0", boilerplate=_host_boilerplate(reports[1:]))
    assert without.word_count > 50
    assert knowing == without


def test_article_on_all_pages_stays() -> None:
    """Print, mobile and regional editions of one article are identical, and so are articles of one template."""
    page = _page(BODIES[0])
    knowing = extraction.read(page, "https://o.example/0", boilerplate=_host_boilerplate([page] * 10))
    assert knowing.article_body.splitlines()[: len(BODIES[0])] == BODIES[0]


def test_fingerprint_ignores_digits_and_case() -> None:
    assert extraction.fingerprint("12 Comments") == extraction.fingerprint("7  comments")
    assert extraction.fingerprint("12 Comments") != extraction.fingerprint("12 letters")
