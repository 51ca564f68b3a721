"""The fields of a story in text without markup, by the shape of its lines."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from worker.extraction.plain_text.line_fields import LineFields, extract_line_fields

TITLE = "Goat found asleep in car wash"
STORY = [
    "A goat that slipped out of a petting farm was found Monday asleep in a car wash, police in Fort Ansley said.",
    "The animal, which is called Biscuit, had been missing since Saturday, when a latch broke during a feeding.",
]
NAV = ["Skip to content", "Weather", "Traffic", "Sign In"]


def read(*lines, **more):
    return extract_line_fields([*NAV, *lines, *STORY, "Most Read", "Jury deadlocks in Gilroy case"], **more)


def test_the_head_of_a_story():
    found = read("Local News", TITLE, "By Jane Roe and Tom Doe, Associated Press", "Published: 2:55 PM, May 6, 2024")
    assert (found.headline, found.section) == (TITLE, "Local News")
    assert (found.byline.people, found.byline.agency) == (("Jane Roe", "Tom Doe"), "AP")
    assert found.published.value == datetime(2024, 5, 6, 14, 55, tzinfo=UTC)


def test_one_line_of_author_and_dates():
    line = "Von Jane RoeVeröffentlicht: 6. Mai 2024, 12:35 Uhr Aktualisiert: 7. Mai 2024, 08:35 Uhr"
    found = read("Startseite / Lokales", TITLE, line)
    assert (found.section, found.byline.people) == ("Lokales", ("Jane Roe",))
    assert (found.published.value.day, found.modified.value.day) == (6, 7)


def test_an_agency_in_a_line_of_dates_is_no_credit():
    found = read(TITLE, "Europa Press | Publicado: 03/08/2014 11:16", day_first=True)
    assert (found.headline, found.published.value.month, found.images) == (TITLE, 8, ())


def test_the_language_settles_the_order_of_day_and_month():
    english = ("The council said that it would have to wait for the outcome of the vote. " * 4).strip()
    german = ("Der Rat hat am Montag beschlossen, dass er mit dem Umbau der Brücke noch wartet. " * 4).strip()
    for story, month in ((english, 3), (german, 8)):
        found = extract_line_fields([TITLE, "Published: 03/08/2014 11:16", story, story])
        assert found.published.value.month == month


def test_the_pages_title_names_the_headline():
    found = extract_line_fields([f"{TITLE} | Larkin Ledger", *NAV, TITLE, "A deck without an end", *STORY])
    assert found.headline == TITLE


def test_captions_end_with_their_credit():
    found = read(TITLE, "By Jane Roe", "Biscuit rests in a trailer on Monday. (AP Photo/Jon Smith)")
    assert [(i.caption, i.creator, i.agency) for i in found.images] == [
        ("Biscuit rests in a trailer on Monday.", ("Jon Smith",), "AP")
    ]


def test_a_credit_of_its_own_line_belongs_to_the_caption_beside_it():
    found = read(TITLE, "AP Photo/Jon Smith", "Biscuit rests in a trailer outside a car wash.", "By Jane Roe")
    assert [(i.caption, i.creator) for i in found.images] == [
        ("Biscuit rests in a trailer outside a car wash.", ("Jon Smith",))
    ]
    assert found.headline == TITLE


def test_a_gallerys_slides():
    slides = ["1 / 2", "Biscuit rests in a trailer on Monday.", "Jon Smith/Click Orrin"]
    slides += [
        "2 / 2",
        "A latch lies in the grass on Monday.",
        "Copyright 2024 The Associated Press. All rights reserved",
    ]
    found = read(TITLE, "By Jane Roe", *slides, "3 / 3")
    assert [(i.creator, i.agency) for i in found.images] == [(("Jon Smith",), None), ((), "AP")]


def test_the_seed_of_a_wire_story():
    found = extract_line_fields(
        [
            "Skip to main content",
            "34º",
            TITLE,
            "1 / 14",
            "AFP",
            "From left, an envoy and a minister in Seoul, June 21, 2021. (Jung Yeon-je/Pool Photo via AP)",
            *STORY,
        ]
    )
    assert found.headline == TITLE
    assert [i.creator for i in found.images] == [("Jung Yeon-je",)]
    assert {3, 4, 5} <= found.taken


def test_paragraphs_are_not_taken():
    lines = [*NAV, TITLE, "By Jane Roe", *STORY]
    assert {lines[i] for i in extract_line_fields(lines).taken} == {TITLE, "By Jane Roe"}


def test_a_notice_of_copyright_is_no_credit():
    assert read(TITLE, "By Jane Roe", "© Larkin Ledger 2024. Alle Rechte vorbehalten.").images == ()


def test_nothing_in_nothing():
    assert extract_line_fields([]) == LineFields()


@given(
    st.lists(
        st.text(min_size=1, max_size=60) | st.sampled_from(["1 / 3", "AFP", TITLE, "By Jane Roe", *STORY]), max_size=15
    )
)
def test_any_lines_are_read_without_an_error(lines):
    found = extract_line_fields(lines)
    assert all(0 <= i < len(lines) for i in found.taken)


def test_scripts_that_put_no_space_between_words():
    title, caption = "最後の木橋、月曜に再開へ", "橋の板を取り替える作業員＝2024年3月18日、山田太郎撮影"
    body = "市は月曜、三か月にわたる修理を終え、川にかかる最後の木橋を歩行者に再び開放すると発表した。"
    found = extract_line_fields(["ホーム", "ニュース", "ログイン", title, "2024年3月19日 8時30分", caption, body])
    assert (found.headline, found.published.value.day) == (title, 19)
    assert [(i.caption, i.creator) for i in found.images] == [
        ("橋の板を取り替える作業員＝2024年3月18日", ("山田太郎",))
    ]
