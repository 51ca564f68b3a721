"""Recall per kind on generated pages, and the kinds of plain text."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.pages.page_kinds import KINDS, LANGUAGES, pages
from worker import extraction
from worker.model.records import Kind

EACH = 21  # pages of a kind: each language three times


@pytest.fixture(scope="module")
def kind_counts() -> Counter[tuple[str, str]]:
    return Counter((kind, extraction.read(page, url).kind.value) for kind, url, page in pages(EACH))


def test_enough_pages(kind_counts: Counter[tuple[str, str]]) -> None:
    assert sum(kind_counts.values()) == EACH * len(KINDS) >= 100
    assert EACH % len(LANGUAGES) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_most_pages_of_each_kind_are_recognised(kind: str, kind_counts: Counter[tuple[str, str]]) -> None:
    wrong = {found: n for (wanted, found), n in kind_counts.items() if wanted == kind and found != kind}
    assert kind_counts[kind, kind] >= 0.95 * EACH, wrong


def test_pages_without_an_article_have_no_body() -> None:
    for kind, url, page in pages(len(LANGUAGES)):
        article = extraction.read(page, url)
        if not Kind(kind).is_article:
            assert article.article_body == ""


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (("Page not found", "What you are looking for has been moved, or it was never here."), Kind.ERROR),
        (
            (
                "Your privacy choices",
                "We and our 301 partners store and/or access information on a device.",
                "We use cookies to show you ads that fit.",
                "Accept all",
                "Reject all",
            ),
            Kind.CONSENT,
        ),
    ],
)
def test_kinds_of_plain_text(lines: tuple[str, ...], kind: Kind) -> None:
    assert extraction.read_text("\n".join(lines), "https://paper.example/x").kind is kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("nuomones/3/2235273/tiltas", Kind.OPINION),
        ("ledare/bron", Kind.OPINION),
        ("мнения/мост", Kind.OPINION),
        ("社説/橋", Kind.OPINION),
        ("yazarlar/kopru", Kind.OPINION),
    ],
)
def test_words_of_the_path_in_many_languages(path: str, kind: Kind) -> None:
    page = (
        "<title>x</title><article><h1>The bridge that nobody surveyed</h1>"
        "<p>The council voted six to three on Tuesday to close the old bridge, after divers found two weak piers.</p>"
        "<p>Hauliers said that the detour through Castle Orrin adds 35 minutes to each trip and costs the quarry.</p>"
        "<p>Repairs begin in May and last until the autumn, which depends on the river and on a grant.</p></article>"
    )
    assert extraction.read(page.encode(), f"https://www.valley.example/{path}").kind is kind


@pytest.mark.parametrize(
    "sentence",
    [
        "“Subscribe to continue reading was the sentence our readers hated most,” said the editor, Noor Whitlock.",
        "The county tells subscribers to log in on Monday, and only those who do will keep reading the paper for free.",
    ],
)
def test_a_story_about_a_paywall_has_none(sentence: str) -> None:
    more = "".join(
        f"<p>Reader number {i} of the Herald told the town hall on Monday that the plan is overdue.</p>"
        for i in range(4)
    )
    page = f"<html><body><main><h1>Why the Herald drops its paywall</h1><p>{sentence}</p>{more}</main></body></html>"
    assert extraction.read(page.encode(), "https://www.valley.example/n/4bQ8").kind is Kind.ARTICLE
