"""Fields of an article in plain text, by the shape of its lines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages.article_pages import PLAIN_BODY as BODY
from tests.support.pages.article_pages import PLAIN_NAVIGATION as NAV
from tests.support.pages.article_pages import TITLE
from worker.extraction.plain_text.line_fields import LineFields, extract_line_fields


def read(*lines: str, day_first: bool | None = None) -> LineFields:
    return extract_line_fields([*NAV, *lines, *BODY, "Most Read", "Jury deadlocks in Gilroy case"], day_first=day_first)


def _published(found: LineFields) -> datetime:
    assert found.published is not None
    return found.published.value


def _modified(found: LineFields) -> datetime:
    assert found.modified is not None
    return found.modified.value


def test_reads_the_head_of_an_article() -> None:
    found = read("Local News", TITLE, "By Jane Roe and Tom Doe, Associated Press", "Published: 2:55 PM, May 6, 2024")
    assert (found.headline, found.section) == (TITLE, "Local News")
    assert (found.byline.people, found.byline.agency) == (("Jane Roe", "Tom Doe"), "AP")
    assert _published(found) == datetime(2024, 5, 6, 14, 55, tzinfo=UTC)


def test_reads_author_and_dates_in_one_line() -> None:
    line = "Von Jane RoeVeröffentlicht: 6. Mai 2024, 12:35 Uhr Aktualisiert: 7. Mai 2024, 08:35 Uhr"
    found = read("Startseite / Lokales", TITLE, line)
    assert (found.section, found.byline.people) == ("Lokales", ("Jane Roe",))
    assert (_published(found).day, _modified(found).day) == (6, 7)


def test_agency_in_a_date_line_is_not_a_credit() -> None:
    found = read(TITLE, "Europa Press | Publicado: 03/08/2014 11:16", day_first=True)
    assert (found.headline, _published(found).month, found.images) == (TITLE, 8, ())


def test_language_decides_the_order_of_day_and_month() -> None:
    english = ("The council said that it would have to wait for the outcome of the vote. " * 4).strip()
    german = ("Der Rat hat am Montag beschlossen, dass er mit dem Umbau der Brücke noch wartet. " * 4).strip()
    for prose, month in ((english, 3), (german, 8)):
        found = extract_line_fields([TITLE, "Published: 03/08/2014 11:16", prose, prose])
        assert _published(found).month == month


def test_page_title_identifies_the_headline() -> None:
    found = extract_line_fields([f"{TITLE} | Larkin Ledger", *NAV, TITLE, "A deck without an end", *BODY])
    assert found.headline == TITLE


def test_captions_end_with_their_credit() -> None:
    found = read(TITLE, "By Jane Roe", "Biscuit rests in a trailer on Monday. (AP Photo/Jon Smith)")
    assert [(i.caption, i.creator, i.agency) for i in found.images] == [
        ("Biscuit rests in a trailer on Monday.", ("Jon Smith",), "AP")
    ]


def test_credit_in_a_line_of_its_own_belongs_to_the_adjacent_caption() -> None:
    found = read(TITLE, "AP Photo/Jon Smith", "Biscuit rests in a trailer outside a car wash.", "By Jane Roe")
    assert [(i.caption, i.creator) for i in found.images] == [
        ("Biscuit rests in a trailer outside a car wash.", ("Jon Smith",))
    ]
    assert found.headline == TITLE


def test_reads_the_slides_of_a_gallery() -> None:
    slides = ["1 / 2", "Biscuit rests in a trailer on Monday.", "Jon Smith/Click Orrin"]
    slides += [
        "2 / 2",
        "A latch rusts in the grass on Monday.",
        "Copyright 2024 The Associated Press. All rights reserved",
    ]
    found = read(TITLE, "By Jane Roe", *slides, "3 / 3")
    assert [(i.creator, i.agency) for i in found.images] == [(("Jon Smith",), None), ((), "AP")]


def test_reads_an_agency_article_with_photo_credits() -> None:
    found = extract_line_fields(
        [
            "Skip to main content",
            "34º",
            TITLE,
            "1 / 14",
            "AFP",
            "From left, an envoy and a minister in Seoul, June 21, 2021. (Jung Yeon-je/Pool Photo via AP)",
            *BODY,
        ]
    )
    assert found.headline == TITLE
    assert [i.creator for i in found.images] == [("Jung Yeon-je",)]
    assert {3, 4, 5} <= found.used


def test_paragraphs_are_not_fields() -> None:
    lines = [*NAV, TITLE, "By Jane Roe", *BODY]
    assert {lines[i] for i in extract_line_fields(lines).used} == {TITLE, "By Jane Roe"}


def test_copyright_notice_is_not_a_credit() -> None:
    assert read(TITLE, "By Jane Roe", "© Larkin Ledger 2024. Alle Rechte vorbehalten.").images == ()


def test_no_lines_have_no_fields() -> None:
    assert extract_line_fields([]) == LineFields()


@given(
    st.lists(
        st.text(min_size=1, max_size=60) | st.sampled_from(["1 / 3", "AFP", TITLE, "By Jane Roe", *BODY]), max_size=15
    )
)
def test_any_lines_are_read_without_an_error(lines: list[str]) -> None:
    found = extract_line_fields(lines)
    assert all(0 <= i < len(lines) for i in found.used)


def test_reads_scripts_without_spaces_between_words() -> None:
    title, caption = "最後の木橋、月曜に再開へ", "橋の板を取り替える作業員＝2024年3月18日、山田太郎撮影"
    body = "市は月曜、三か月にわたる修理を終え、川にかかる最後の木橋を歩行者に再び開放すると発表した。"
    found = extract_line_fields(["ホーム", "ニュース", "ログイン", title, "2024年3月19日 8時30分", caption, body])
    assert (found.headline, _published(found).day) == (title, 19)
    assert [(i.caption, i.creator) for i in found.images] == [
        ("橋の板を取り替える作業員＝2024年3月18日", ("山田太郎",))
    ]


@pytest.mark.parametrize(
    ("lines", "people"),
    [
        (("By Jane Roe",), ("Jane Roe",)),
        (("By", "Jane Roe and Tom Doe"), ("Jane Roe", "Tom Doe")),
        (("Author:", "Jane Roe", "May 6, 2024"), ("Jane Roe",)),
        (("Jane Roe", "Associated Press", "Published: May 6, 2024"), ("Jane Roe",)),
        (("Jane Roe", "Staff Writer", "May 6, 2024"), ("Jane Roe",)),
        (("Jane Roe", "Published: May 6, 2024"), ("Jane Roe",)),
        (("May 6, 2024", "Jane Roe"), ("Jane Roe",)),
        (("Jane Roe · May 6, 2024",), ("Jane Roe",)),
        (("May 6, 2024 | Jane Roe",), ("Jane Roe",)),
        (("Posted on May 6, 2024 by Jane Roe",), ("Jane Roe",)),
        (("Skrevet av Kari Nordby", "6. mai 2024"), ("Kari Nordby",)),
        (("Penulis: Rina Wulandari Editor: Bayu Hartono", "06/05/2024"), ("Rina Wulandari",)),
        (("Автор: Мария Седова", "6 мая 2024"), ("Мария Седова",)),
        (("Autor: Hanna Wierzba", "6 maja 2024"), ("Hanna Wierzba",)),
        (("Text: Anna Berg Foto: Per Ström", "6 maj 2024"), ("Anna Berg",)),
        (("記者王小五／台北報導", "2024-05-06"), ("王小五",)),
        (("홍길동 기자", "2024.05.06"), ("홍길동",)),
        (("来源：河谷日报 记者 罗晓兰", "2024-05-06"), ("罗晓兰",)),
        (("Local News", "May 6, 2024"), ()),
        (("Published: May 6, 2024",), ()),
    ],
)
def test_bylines_below_the_headline(lines: tuple[str, ...], people: tuple[str, ...]) -> None:
    assert read("Home", TITLE, *lines).byline.people == people


def test_agency_below_the_name_is_the_agency() -> None:
    assert read("Home", TITLE, "Jane Roe", "Associated Press", "Published: May 6, 2024").byline.agency == "AP"


@pytest.mark.parametrize(
    "line",
    [
        "Güncelleme: 07.05.2024 09:40 - Yayınlanma: 06.05.2024 21:57",
        "Обновлено 7 мая 2024, 09:40. Опубликовано 6 мая 2024, 21:57",
        "发布时间：2024年5月6日 21:57 更新时间：2024年5月7日 09:40",
    ],
)
def test_both_dates_of_one_line_in_any_language(line: str) -> None:
    fields = read("Home", TITLE, line)
    assert fields.published and fields.modified
    assert (fields.published.value.day, fields.modified.value.day) == (6, 7)


@pytest.mark.parametrize(
    "lines",
    [
        ("Redacción | María Lago", "23 de noviembre de 2026 - 09:10"),
        ("María Lago, corresponsal", "23 de noviembre de 2026 - 09:10"),
    ],
)
def test_names_and_long_dates_are_no_headline(lines: tuple[str, ...]) -> None:
    found = read("Home", TITLE, *lines)
    assert (found.headline, found.byline.people, _published(found).day) == (TITLE, ("María Lago",), 23)
