"""Fields chosen among their sources, with provenance and rivals."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.pages.article_pages import BODY, PARAGRAPHS, TITLE, URL, page, script
from worker.extraction.embedded.collect import collect_page_data
from worker.extraction.fields.extract import Fields, find_fields
from worker.extraction.html.tree import parse
from worker.extraction.text.language_id import identify


def fields(
    head: str = "", body: str = BODY, *, title: str = TITLE, h1: str | None = None, latest: datetime | None = None
) -> Fields:
    tree = page(head, body, title=title, h1=h1)
    return find_fields(tree, collect_page_data(tree), PARAGRAPHS, latest)


def ld(**node: object) -> str:
    return script(json.dumps({"@type": "NewsArticle", "headline": TITLE} | node))


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


# -- headline ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [f"{TITLE} | Larkin Ledger", f"{TITLE} - Larkin Ledger", f"Larkin Ledger: {TITLE}", f"{TITLE} « Larkin", TITLE],
)
def test_headline_lacks_the_name_of_the_site(title: str) -> None:
    head = meta("og:site_name", "Larkin Ledger") + meta("og:title", title)
    expected = title if title.startswith("Larkin Ledger:") else TITLE
    assert fields(head, h1="").headline == expected


def test_other_candidates_of_the_headline_are_kept() -> None:
    found = fields(ld(headline="Goat found") + meta("og:title", "Biscuit the goat was found"))
    assert found.headline == "Goat found"
    source = found.provenance["headline"]
    assert (source.source, source.rule) == ("json-ld", "NewsArticle.headline")
    assert ("meta:og:title", "Biscuit the goat was found") in source.rivals
    assert ("dom:h1", TITLE) in source.rivals


def test_permanent_name_of_a_live_blog_is_not_its_headline() -> None:
    head = script(json.dumps({"@type": "LiveBlogPosting", "headline": "Goat LIVE"})) + meta("og:title", TITLE)
    assert fields(head).headline == TITLE


def test_h1_of_the_site_is_not_the_headline() -> None:
    assert fields(body=f"<h1>{TITLE}</h1>{BODY}", h1="The paper of Fort Ansley and around").headline == TITLE


def test_additions_of_a_title_are_removed() -> None:
    assert fields(meta("og:title", f"{TITLE}-Local")).headline == TITLE


# -- authors ----------------------------------------------------------------------------------------------------------


def test_separates_people_and_agency() -> None:
    found = fields(body=f"<p class=byline>By Jane Roe and Tom Doe, Associated Press</p>{BODY}")
    assert (found.author, found.agency) == (("Jane Roe", "Tom Doe"), "AP")
    assert found.byline == ("Jane Roe", "Tom Doe")


def test_organisation_is_the_byline_without_a_person() -> None:
    found = fields(ld(author={"@type": "Organization", "name": "Larkin Ledger"}))
    assert (found.author, found.byline) == ((), ("Larkin Ledger",))


def test_person_on_the_page_comes_before_an_organisation_in_the_data() -> None:
    head = ld(author={"@type": "Organization", "name": "Larkin Ledger"})
    found = fields(head, body=f"<div class=meta><span>By Jane Roe</span> <span>May 6, 2024</span></div>{BODY}")
    assert found.author == ("Jane Roe",)
    assert found.provenance["author"].rivals == (("json-ld:NewsArticle.author", "Larkin Ledger"),)


@pytest.mark.parametrize(
    "line",
    [
        "<span class=author><span>Jane Roe</span><span>Tom Doe</span></span>",
        "<a rel=author href=/jane>Jane Roe</a>",
        "<p>Von Jane Roe</p>",
        "<div><span>Jane Roe |</span><span>06.05.2024</span></div>",
    ],
)
def test_reads_bylines_in_all_markup(line: str) -> None:
    assert fields(body=line + BODY).author[0] == "Jane Roe"


@pytest.mark.parametrize(
    "line",
    [
        "<figure><img src=/a.jpg><figcaption class=byline>Foto: Jane Roe</figcaption></figure>",
        "<div class=author-bio><p>Jane Roe</p></div>",
        f"<p class=author>{TITLE}</p>",
    ],
)
def test_photographers_biographies_and_headlines_are_not_authors(line: str) -> None:
    assert fields(body=line + BODY).author == ()


# -- dates ------------------------------------------------------------------------------------------------------------


def test_dates_are_aware_and_have_source_and_precision() -> None:
    found = fields(ld(datePublished="2024-05-06T10:00:00-07:00", dateModified="2024-05-07T10:00:00-07:00"))
    assert found.date_published == datetime(2024, 5, 6, 17, tzinfo=UTC)
    assert found.date_modified == datetime(2024, 5, 7, 17, tzinfo=UTC)
    assert found.date_precision == "second"
    assert found.provenance["date_published"].source == "json-ld"


def test_day_is_refined_by_a_candidate_of_that_day() -> None:
    found = fields(ld(datePublished="2024-05-06") + meta("article:published_time", "2024-05-06T10:00:00-07:00"))
    assert (found.date_published, found.date_precision) == (datetime(2024, 5, 6, 17, tzinfo=UTC), "second")
    assert "article:published_time" in found.provenance["date_published"].rule


def test_date_without_a_zone_takes_that_of_a_candidate_or_utc() -> None:
    found = fields(
        ld(datePublished="2024-05-06T10:00:00") + meta("article:published_time", "2024-05-06T10:00:00-07:00")
    )
    assert found.date_published == datetime(2024, 5, 6, 17, tzinfo=UTC)
    found = fields(ld(datePublished="2024-05-06T10:00:00"))
    assert found.date_published == datetime(2024, 5, 6, 10, tzinfo=UTC)
    assert "zone assumed: UTC" in found.provenance["date_published"].rule


def test_date_in_the_future_becomes_a_rival() -> None:
    head = ld(datePublished="2031-01-01T00:00:00Z") + meta("article:published_time", "2024-05-06T10:00:00Z")
    found = fields(head, latest=datetime(2024, 5, 8, tzinfo=UTC))
    assert found.date_published == datetime(2024, 5, 6, 10, tzinfo=UTC)
    assert any("in the future" in who for who, _ in found.provenance["date_published"].rivals)
    assert fields(ld(datePublished="2031-01-01"), latest=datetime(2024, 5, 8, tzinfo=UTC)).date_published is None


def test_reads_printed_dates_of_publication_and_change() -> None:
    line = "<p class=dates>Published: May 6, 2024 10:00 AM PDT</p><p class=dates>Updated: May 7, 2024 11:00 AM PDT</p>"
    found = fields(body=line + BODY)
    assert found.date_published == datetime(2024, 5, 6, 17, tzinfo=UTC)
    assert found.date_modified == datetime(2024, 5, 7, 18, tzinfo=UTC)


def test_date_in_the_footer_is_ignored() -> None:
    found = fields(body=f"{BODY}</article></main><footer><time datetime=2026-11-24>Today</time></footer>")
    assert found.date_published is None


def test_change_before_the_publication_is_dropped() -> None:
    found = fields(ld(datePublished="2024-05-06T10:00:00Z", dateModified="2020-01-01T10:00:00Z"))
    assert found.date_modified is None


# -- section, dateline, and the rest ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "before"),
    [
        (ld(articleSection="Local"), ""),
        (meta("article:section", "Local"), ""),
        ("", "<div class=breadcrumb><a href=/>Home</a> <a href=/local>Local</a></div>"),
        ("", "<span class=kicker>Local</span>"),
        ("", "<p class=section-label><a href=/local>Local</a></p>"),
        ("", ""),
    ],
)
def test_reads_the_section_from_all_sources(head: str, before: str) -> None:
    assert fields(head, body=f"{before}<h1>{TITLE}</h1>{BODY}", h1="").article_section == "Local"


@pytest.mark.parametrize("label", ["Sponsored Content", "Skip to main content", "12 Comments", "Jane Roe", "Home"])
def test_other_labels_are_not_sections(label: str) -> None:
    body = f"<p class=author>By Jane Roe</p><div class=category><span>{label}</span></div><h1>{TITLE}</h1>{BODY}"
    assert fields(body=body, h1="").article_section != label


def test_reads_dateline_and_agency() -> None:
    found = fields()
    assert (found.dateline, found.agency) == ("FORT ANSLEY, Calif.", "AP")
    assert found.provenance["dateline"].rule == "paragraph 1"


def test_canonical_url_is_absolute_and_not_hostile() -> None:
    assert fields('<link rel="canonical" href="/news/goat">').canonical_url == "https://www.larkin.example/news/goat"
    hostile = '<link rel="canonical" href="javascript:alert(1)">' + meta("og:url", "https://www.larkin.example/b")
    assert fields(hostile).canonical_url == "https://www.larkin.example/b"


def test_reads_keywords_publisher_and_description() -> None:
    head = ld(keywords=["goats", "Fort Ansley"], publisher={"name": "Larkin Ledger"}) + meta(
        "og:description", "A goat."
    )
    found = fields(head)
    assert (found.keywords, found.publisher, found.description) == (
        ("goats", "Fort Ansley"),
        "Larkin Ledger",
        "A goat.",
    )


def test_host_is_the_publisher_if_the_page_names_none() -> None:
    assert fields(title="Goat found").publisher == "Larkin Ledger"
    assert (
        find_fields(parse("<p>x</p>", URL), collect_page_data(parse("<p>x</p>", URL)), ()).publisher == "larkin.example"
    )


LANGUAGES = {
    "en": "The council voted on Monday to build a new school, and the mayor said that it was about time.",
    "de": "Der Stadtrat hat am Montag beschlossen, eine neue Schule zu bauen, und das ist auch gut so.",
    "fr": "Le conseil municipal a voté lundi la construction d'une école, ce qui est une bonne chose pour la ville.",
    "es": "El pleno municipal aprobó este lunes la construcción de una escuela, que es lo que pedían los vecinos.",
    "it": "Il consiglio comunale ha approvato lunedì la costruzione di una scuola, che è una buona notizia per tutti.",
    "pt": "A câmara municipal aprovou na segunda-feira a construção de uma escola, o que não é pouco para a cidade.",
    "nl": "De gemeenteraad heeft maandag besloten een nieuwe school te bouwen, en dat is niet te vroeg voor de stad.",
    "sv": "Kommunen beslutade på måndagen att bygga en ny skola, och det är inte en dag för tidigt.",
    "pl": "Rada miasta zdecydowała w poniedziałek o budowie nowej szkoły, co nie jest złą wiadomością dla miasta.",
    "tr": "Belediye meclisi pazartesi günü yeni bir okul için karar aldı ve bu çok iyi bir haber oldu.",
    "ru": "Городской совет в понедельник решил построить новую школу, и это хорошая новость для города.",
    "ja": "市議会は月曜日に新しい学校の建設を決めた。",
    "ko": "시의회는 월요일 새 학교를 짓기로 결정했다.",
    "zh": "市议会星期一决定建一所新学校。",
}


@pytest.mark.parametrize(("code", "text"), LANGUAGES.items())
def test_text_decides_the_language(code: str, text: str) -> None:
    assert identify(text, "en")[0] == code
    assert identify(text, None)[0] == code


def test_tag_decides_the_language_of_a_short_text() -> None:
    assert identify("Biscuit", "de-AT") == ("de", 0.0)
    assert identify("", None) == (None, 0.0)


# -- hostile pages ----------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        "<h1>",
        "</h1>",
        "<time datetime=x>",
        "<p class=byline>By ",
        "<div class=breadcrumb>",
        "<a rel=author href=//[>",
        "<meta property=og:title content='| - |'>",
        "<link rel=canonical href='http://[::1'>",
        "</div>",
        "<base href=//>",
        '<script type=application/ld+json>{"@type":[1],"headline":{},"author":[[null]]}</script>',
        "<meta property=article:published_time content='9999-99-99T99:99:99+99:99'>",
        "<title>—</title>",
        "\u202e",
        "&#0;",
    ]
)


@settings(max_examples=200)
@given(st.lists(PIECES | st.text(max_size=15), max_size=16), st.text(max_size=80))
def test_any_page_is_read_without_an_error(pieces: list[str], paragraph: str) -> None:
    tree = parse("<p>x" + "".join(pieces), URL)
    find_fields(tree, collect_page_data(tree), (paragraph,), datetime(2024, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("url", ["", "x", "http://[", "http:///", "https://a.example/" + "a/" * 3000])
def test_any_url_is_tolerated(url: str) -> None:
    tree = parse(f"<h1>{TITLE}</h1>{BODY}<a href=/x><img src=/y></a>", url)
    assert find_fields(tree, collect_page_data(tree), PARAGRAPHS).headline == TITLE
