"""The headline among what a page's sources make of it."""

from __future__ import annotations

import json
from html import escape

import pytest

from worker.extraction.candidates import choose
from worker.extraction.embedded.collect import collect_page_data
from worker.extraction.fields import headline
from worker.extraction.fields.extract import site_names
from worker.extraction.html.heading import find_heading
from worker.extraction.html.tree import parse, text_of

TITLE = "Old bridge at Brookmere closes to lorries above seven tonnes"
LONG = (
    "After nine days of flood and three surveys that called it sound, the old rail bridge at Brookmere is to be closed "
    "to every lorry above seven tonnes"
)


def read(
    *,
    title: str = "",
    og: str = "",
    ld: str = "",
    body: str = "",
    site: str = "The Brookmere Herald",
    host: str = "www.brookmereherald.example",
) -> str | None:
    """Return the headline of a page with these claims."""
    head = f"<title>{title}</title>" if title else ""
    head += f'<meta property="og:title" content="{escape(og)}">' if og else ""
    head += f'<meta property="og:site_name" content="{escape(site)}">' if site else ""
    if ld:
        data = {"@type": "NewsArticle", "headline": ld, "datePublished": "2026-11-24"}
        head += f'<script type="application/ld+json">{json.dumps(data)}</script>'
    tree = parse(f"<html><head>{head}</head><body>{body}<p>Text.</p></body></html>", f"https://{host}/news/4bQ8")
    data_of_page = collect_page_data(tree)
    return choose(headline.candidates(tree, data_of_page, site_names(tree, data_of_page)))[0]


@pytest.mark.parametrize(
    "title",
    [
        f"{TITLE} | The Brookmere Herald",
        f"{TITLE} - World - The Brookmere Herald",
        f"{TITLE} › The Brookmere Herald",
        f"{TITLE} » The Brookmere Herald - News from the valley",
        f"{TITLE} (The Brookmere Herald)",
        f"{TITLE} :: brookmereherald.example",
        f"The Brookmere Herald - {TITLE}",
        f"{TITLE} | Politics News | The Brookmere Herald",
        f"{TITLE} • The Brookmere Her…",
    ],
)
def test_additions_of_the_site(title: str) -> None:
    assert read(title=title, body=f"<h1>{TITLE}</h1>") == TITLE
    assert read(title=title, og=title, body=f"<h1>{TITLE}</h1>") == TITLE


@pytest.mark.parametrize(
    "title",
    [
        f"{TITLE} | The Brookmere Herald",
        f"{TITLE} » The Brookmere Herald - Home",
        f"{TITLE} | Politics | The Brookmere Herald",
        f"{TITLE} | Sport | The Brookmere Herald | News from the valley",
    ],
)
def test_additions_of_the_site_without_a_heading(title: str) -> None:
    assert read(title=title) == TITLE


def test_additions_to_chinese_titles() -> None:
    name = "旧铁路桥禁止七吨以上货车通行"
    for title in (f"{name}-谷川新闻网", f"{name}_谷川新闻", f"{name}｜谷川新闻网"):
        assert read(title=title, body=f"<h1>{name}</h1>", site="谷川新闻网") == name
        assert read(title=title, site="谷川新闻网") == name


def test_colons_and_dashes_of_a_headline_stay() -> None:
    for own in ("Bridge closure a message: county chief", "The last ferry - and what follows", "Haulier: “We go on”"):
        assert read(title=f"{own} | The Brookmere Herald", body=f"<h1>{own}</h1>") == own


@pytest.mark.parametrize("cut", [LONG[:60] + "…", LONG[:104] + "...", LONG[:104] + " ...", LONG[:110].rstrip()])
def test_cut_headlines(cut: str) -> None:
    assert read(ld=cut, title=f"{LONG} | The Brookmere Herald", body=f"<h1>{LONG}</h1>") == LONG
    assert read(og=cut, body=f"<h2>{LONG}</h2>") == LONG
    assert read(ld=cut, og=LONG[:70] + "…", body=f"<h1>{LONG.replace('nine', '<em>nine</em>')}</h1>") == LONG


def test_cut_headline_with_other_quotes() -> None:
    assert read(ld='"We go on", says the haulier of …', body="<h1>“We go on”, says the haulier of Stagg Hill</h1>") == (
        "“We go on”, says the haulier of Stagg Hill"
    )


def test_headline_that_ends_in_an_ellipsis_stays() -> None:
    assert (
        read(title="And then there were two …", body="<h1>And then there were two …</h1>")
        == "And then there were two …"
    )


def test_complete_headline_is_not_continued_by_a_subline() -> None:
    body = f"<h1>{TITLE} <small>Hauliers protest</small></h1>"
    assert read(ld=TITLE, og=TITLE, body=body) == TITLE


@pytest.mark.parametrize(
    "heading",
    [
        f"<h1><span class=kicker>World</span> {TITLE}</h1>",
        f"<h1><a href=/world>World</a> <span>{TITLE}</span></h1>",
        f"<h1><small>24 November 2026</small><br>{TITLE}</h1>",
        f"<h1><small>Traffic:</small><br>{TITLE}</h1>",
    ],
)
@pytest.mark.parametrize("separator", ["|", "«", "›"])
def test_kicker_in_the_heading(heading: str, separator: str) -> None:
    assert read(title=f"{TITLE} {separator} The Brookmere Herald", body=heading) == TITLE


def test_kicker_of_the_title_that_the_data_lack() -> None:
    assert read(title=f"World: {TITLE}", og=TITLE, body=f"<h1>World: {TITLE}</h1>") == TITLE
    assert read(title=f"{TITLE} | r/world", og=f"r/world - {TITLE}", body=f"<h1>{TITLE}</h1>", site="") == TITLE


def test_kicker_that_all_sources_have_stays() -> None:
    own = f"Brookmere: {TITLE}"
    assert read(title=own, og=own, ld=own, body=f"<h1>{TITLE}</h1>") == own


@pytest.mark.parametrize("spoilt", ["escenic", "news-detail-page", "Press releases"])
def test_claim_that_shares_no_word_with_heading_and_title(spoilt: str) -> None:
    assert read(ld=spoilt, title=f"{TITLE} | The Brookmere Herald", body=f"<h1>{TITLE}</h1>") == TITLE
    assert read(og=spoilt, title=f"{TITLE} | The Brookmere Herald", body=f"<h1>{TITLE}</h1>") == TITLE


def test_claim_in_other_words_is_kept() -> None:
    assert read(ld="Seven-tonne limit for the old bridge", title=TITLE, body=f"<h1>{TITLE}</h1>") == (
        "Seven-tonne limit for the old bridge"
    )


@pytest.mark.parametrize("other", ["The Brookmere Herald", "Menu", "Details", "World"])
def test_heading_of_something_else(other: str) -> None:
    assert read(title=f"{TITLE} | The Brookmere Herald", body=f"<h1>{other}</h1><h2>{TITLE}</h2>") == TITLE
    assert read(title=f"{TITLE} | The Brookmere Herald", body=f"<h1>{other}</h1>") == TITLE


@pytest.mark.parametrize("other", ["The Brookmere Herald", "Menu", "Most read in the valley"])
def test_heading_among_others(other: str) -> None:
    body = f"<h1 class=sr-only>{other}</h1><h1>{TITLE}</h1><h1>Subscribe now</h1>"
    title = f"{TITLE} | The Brookmere Herald"
    assert read(title=title, body=body) == TITLE
    tree = parse(f"<title>{title}</title><body>{body}", "https://www.brookmereherald.example/news/4bQ8")
    heading = find_heading(tree)
    assert heading is not None
    assert text_of(heading) == TITLE


def test_capitals_yield_to_another_spelling() -> None:
    assert read(og=TITLE.upper(), body=f"<h1>{TITLE}</h1>") == TITLE
    assert read(title=TITLE.upper(), body=f"<h1>{TITLE.upper()}</h1>") == TITLE.upper()


def test_entities_and_tags_that_are_escaped_twice() -> None:
    assert read(og="Haulier: &quot;We go on&quot; &amp; on", body="<h1>Detour</h1>") == 'Haulier: "We go on" & on'
    assert read(og="Crew of the <i>Marigold</i> is safe") == "Crew of the Marigold is safe"
    assert read(title="Fares < 3 crowns & more") == "Fares < 3 crowns & more"


def test_soft_hyphens_are_removed() -> None:
    assert read(body="<h1>Schwer\xadlast\xadverkehr ruht</h1>") == "Schwerlastverkehr ruht"


def test_headline_with_a_word_of_the_site() -> None:
    assert read(title="Herald of spring", body="<h1>Herald of spring</h1>") == "Herald of spring"
    assert read(og="Guitar 02/2026", body="<h1>Guitar 02/2026</h1>", site="GUITAR", host="guitar.example") == (
        "Guitar 02/2026"
    )


def test_og_site_name_that_repeats_the_headline() -> None:
    assert read(og=TITLE, site=TITLE, title=f"{TITLE} | Die Talpost", body=f"<h1>{TITLE}</h1>") == TITLE


def test_page_that_only_names_the_site() -> None:
    assert read(title="The Brookmere Herald", body="<h1>The Brookmere Herald</h1>") is None
