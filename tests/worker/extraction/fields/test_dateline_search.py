"""The dateline of an article, wherever its first lines print it."""

from __future__ import annotations

import pytest

from worker import extraction

_SENTENCES = (
    "A storm that stalled over the plain left more than 90,000 homes without power on Sunday, the state utility said.",
    "Crews from three provinces are on their way, though some villages could wait until Thursday for their lights.",
    "Schools in the lower valley stay shut on Monday, and the board decides at noon whether classes resume on Tuesday.",
)
_REST = "".join(f"<p>{s}</p>" for s in _SENTENCES[1:])


def dateline(body: str, headline: str = "Storm leaves homes dark") -> str | None:
    page = (
        f"<html><head><title>{headline}</title></head><body><article><h1>{headline}</h1>{body}{_REST}</article></body>"
    )
    return extraction.read(page.encode(), "https://www.cape.example/n/4bQ8").dateline


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (f"<p>CAPE VARDEN, Norrland (NPS) — {_SENTENCES[0]}</p>", "CAPE VARDEN, Norrland"),
        (f"<p>Homes are dark all over the plain.</p><p>CAPE VARDEN — {_SENTENCES[0]}</p>", "CAPE VARDEN"),
        (
            f"<div class=d><span>CAPE VARDEN, Norrland</span> <span>(NPS)</span> &mdash; </div><p>{_SENTENCES[0]}</p>",
            "CAPE VARDEN, Norrland",
        ),
        (f"<p class=ortsmarke>Cape Varden -</p><p>{_SENTENCES[0]}</p>", "Cape Varden"),
        (f"<p><strong>CAPE VARDEN</strong> – {_SENTENCES[0]}</p>", "CAPE VARDEN"),
        (f'<p><span class="article__location">Cape Varden.</span> {_SENTENCES[0]}</p>', "Cape Varden"),
        (f'<p><span class="dateline">Cape Varden, Norrland</span> {_SENTENCES[0]}</p>', "Cape Varden, Norrland"),
    ],
)
def test_finds_datelines(body: str, place: str) -> None:
    assert dateline(body) == place


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{_SENTENCES[0]}</p>",
        f"<p class=kicker>STORM.</p><p>{_SENTENCES[0]}</p>",
        f'<p class="dateline">Nov. 22, 2026</p><p>{_SENTENCES[0]}</p>',
        f'<div class="author-location">Cape Varden</div><p>{_SENTENCES[0]}</p>',
        f"<p><b>POWER</b> is back in some villages. {_SENTENCES[0]}</p>",
        f"<p>{_SENTENCES[0]}</p><p>{_SENTENCES[0]}</p><p>Volunteers – {_SENTENCES[1]}</p>",
    ],
)
def test_finds_none_where_the_page_has_none(body: str) -> None:
    assert dateline(body) is None


def test_subject_of_the_headline_is_not_a_place() -> None:
    assert dateline(f"<p>Norrland Power – {_SENTENCES[0]}</p>", "Norrland Power repairs its lines") is None


def test_name_of_the_site_is_not_a_place() -> None:
    assert dateline(f'<meta property="og:site_name" content="Cape Herald"><p>CAPE HERALD – {_SENTENCES[0]}</p>') is None
