"""Separation of captions from credit lines, and their parts, in the forms that media use."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extraction.images import credit_line
from worker.extraction.images.credit_line import Credit

LINES = {
    "AP Photo/Ahn Young-joon": (("Ahn Young-joon",), "AP"),
    "(Jung Yeon-je/Pool Photo via AP)": (("Jung Yeon-je",), "AP"),
    "Photo by Mandel Ngan/AFP via Getty Images": (("Mandel Ngan",), "AFP"),
    "REUTERS/Tolga Erdemir": (("Tolga Erdemir",), "Reuters"),
    "Foto: dpa / Bernd Wüstneck": (("Bernd Wüstneck",), "dpa"),
    "Foto: Lena Svoboda/dpa/Archiv": (("Lena Svoboda",), "dpa"),
    "© Ludovic Maring / AFP": (("Ludovic Maring",), "AFP"),
    "Crédit photo : Sébastien Bozzoli/AFP": (("Sébastien Bozzoli",), "AFP"),
    "SN/APA/KEYSTONE/CYRIL ZINGARO": (("Cyril Zingaro",), "APA"),
    "picture alliance/dpa | Daniel Vogl": (("Daniel Vogl",), "dpa"),
    "Urs Flueeler (Keystone)": (("Urs Flueeler",), "Keystone"),
    "Anna Hall, Tom Ford and Lee Wu/AP": (("Anna Hall", "Tom Ford", "Lee Wu"), "AP"),
    "Kevin Mazur/Getty Images for Ithaca Records": (("Kevin Mazur",), "Getty Images"),
    "Copyright 2022 The Associated Press. All rights reserved.": ((), "AP"),
    "Getty Images": ((), "Getty Images"),
    "Anadolu via Getty Images": ((), "AA"),
    "Courtesy of the Larkin family": ((), None),
    "Hanoi Fire Rescue": ((), None),
    "Carla Menendez-Ruiz/WQBD FOX 31": (("Carla Menendez-Ruiz",), None),
    "L’Écho du Bocage - Fred Tanneaux": (("Fred Tanneaux",), None),
    "Aktion Deutschland Hilft/Roland Brockmann": (("Roland Brockmann",), None),
    "AP file": ((), "AP"),
    "연합뉴스": ((), "Yonhap"),
    "고영권 기자": (("고영권",), None),
    "Handout": ((), None),
    "Bildrechte: IMAGO/Max Muster": (("Max Muster",), "IMAGO"),
    "Photo by Jane Doe on Unsplash": (("Jane Doe",), "Unsplash"),
    "फोटो: पीटीआई": ((), "PTI"),
    "山田太郎撮影": (("山田太郎",), None),
    "Beeld ANP": ((), "ANP"),
    "Photo by Jane Doe / jane.doe@ledger.example": (("Jane Doe",), None),
}

SPLITS = [
    ("Un homme marche. JEAN DUPONT / AFP", "JEAN DUPONT / AFP"),
    ("A man walks. Credit...Jane Doe/The Ledger", "Jane Doe/The Ledger"),
    ("Un uomo cammina. (Ansa)", "Ansa"),
    ("夜間に着陸する旅客機＝2026年10月3日、山田太郎撮影", "山田太郎撮影"),
    ("Rain falls on Seoul, June 21, 2021. (Jung Yeon-je/Pool Photo via AP)", "Jung Yeon-je/Pool Photo via AP"),
    ("工人在木桥上更换木板。新华社记者 李华 摄", "新华社记者 李华 摄"),
    ("Der Rhein bei Köln. Foto: dpa / Bernd Wüstneck", "dpa / Bernd Wüstneck"),
    ("Ein Kran hebt den Anhänger auf die Straße. (Foto: Lena Svoboda/dpa)", "Lena Svoboda/dpa"),
    ("Des riverains manifestent à Rennes. © Lena Svoboda / AFP", "Lena Svoboda / AFP"),
    ("Firefighters rest after the blaze on Monday. AP Photo/Jon Smith", "AP Photo/Jon Smith"),
    ("Activists gather in Plymouth tonight (Image: Anadolu via Getty Images)", "Anadolu via Getty Images"),
    ("A minister speaks at a briefing, November 19, 2024. — Picture by Yusof Mat Isa", "Yusof Mat Isa"),
    ("Ein Markt am Morgen | Foto: Zvg.", "Zvg."),
    ("La policía en La Soledat / Lorenzo Marina", "Lorenzo Marina"),
    ("12일 서울 여의도에서 열린 회의. 뉴시스", "뉴시스"),
    ("순천시에서 열린 유세에서 인사하고 있다. 고영권 기자", "고영권 기자"),
    ("A pickup rests under an oak on April 16, 2024. REUTERS/Marcus Odum", "REUTERS/Marcus Odum"),
]

WHOLE_CAPTIONS = [
    "John F. Kennedy speaks in Dallas.",
    "Mario Draghi (PD) speaks to reporters",
    "So soll die Feuerwache aussehen (Visualisierung).",
    "The picture: a history of light",
    "From left: Ann Hall, Tom Ford (CDU/CSU) and Lee Wu in Berlin.",
    "Ghislaine Maxwell, 64",
    "The 5-2 vote (which no one expected) came at noon.",
]


@pytest.mark.parametrize(("line", "expected"), LINES.items())
def test_reads_photographer_and_agency(line: str, expected: tuple[tuple[str, ...], str | None]) -> None:
    found = credit_line.read(line)
    assert (found.creators, found.agency) == expected


@pytest.mark.parametrize(("text", "credit"), SPLITS)
def test_separates_the_credit_from_the_caption(text: str, credit: str) -> None:
    found = credit_line.parse(text)
    assert found.credit_text == credit
    assert found.caption == text[: len(found.caption or "")]
    assert credit not in (found.caption or "")


@pytest.mark.parametrize("text", WHOLE_CAPTIONS)
def test_keeps_a_caption_without_a_credit(text: str) -> None:
    assert credit_line.parse(text) == Credit(caption=text)


def test_publisher_is_not_a_photographer() -> None:
    line = "Lena Svoboda/Click Orrin"
    assert credit_line.read(line, "Click Orrin").creators == ("Lena Svoboda",)
    assert credit_line.read("Click Orrin/Lena Svoboda", "Click Orrin").creators == ("Lena Svoboda",)


def test_labels_for_screen_readers_are_dropped() -> None:
    assert credit_line.parse("Image caption Scooter on a stage").caption == "Scooter on a stage"
    assert credit_line.read("Image source, Getty Images").credit_text == "Getty Images"


NAMES = st.sampled_from(["Dita Alangari", "Jung Yeon-je", "Sébastien Bozzoli", "Anne van der Meer", "Zoë O'Neil"])
AGENCIES = st.sampled_from(["AP", "AFP", "Reuters", "dpa", "Getty Images", "EFE", "Keystone", "NTB"])
CAPTIONS = st.sampled_from(["A dog waits at the gate.", "Ein Hund wartet am Tor.", "Un chien attend, lundi, à Rennes."])
SHAPES = st.sampled_from(
    [
        "{caption} ({name}/{agency})",
        "{caption} (Photo by {name}/{agency})",
        "{caption} (Foto: {name} / {agency})",
        "{caption} Foto: {agency}/{name}",
        "{caption} © {name} / {agency}",
        "{caption} {name}/{agency}",
        "{caption} Photo: {name} via {agency}",
        "{caption} | {agency}/{name}",
    ]
)


@given(caption=CAPTIONS, name=NAMES, agency=AGENCIES, shape=SHAPES)
def test_reads_all_forms_with_all_names_and_agencies(caption: str, name: str, agency: str, shape: str) -> None:
    found = credit_line.parse(shape.format(caption=caption, name=name, agency=agency))
    assert (found.caption, found.creators, found.agency) == (caption, (name,), agency)


@given(st.text(max_size=400))
def test_any_text_is_read_without_an_error_and_nothing_is_invented(text: str) -> None:
    found = credit_line.parse(text)
    assert all(part in " ".join(text.split()) for part in (found.credit_text or "").split())
    assert (found.caption or "") in text
    assert len(found.credit_text or "") <= credit_line.MAX_CREDIT


@given(st.text(alphabet="()[]©:/|,.-– APdpaFoto\n", max_size=200))
def test_brackets_and_signs_in_any_order(text: str) -> None:
    credit_line.parse(text)
    credit_line.read(text)


def test_long_brackets_are_read_in_time() -> None:
    started = time.process_time()
    credit_line.parse("(" * 3000 + "a" * 3000 + ")" * 3000)
    credit_line.parse("Foto: " * 2000)
    credit_line.parse("A / B " * 3000)
    assert time.process_time() - started < 1.0


def test_caption_continues_after_its_credit() -> None:
    found = credit_line.parse("The mayor (Photo: Handout) speaks at the hall.")
    assert (found.caption, found.credit_text) == ("The mayor speaks at the hall.", "Handout")


def test_many_signs_are_read_in_time() -> None:
    started = time.process_time()
    credit_line.read("© " * 20000)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "line, expected",
    [
        ("Beeld ANP", "ANP"),
        ("Handout via REUTERS", "Handout via REUTERS"),
        ("Jane Doe, jane@ledger.example", "Jane Doe"),
    ],
)
def test_credit_text_lacks_labels_and_addresses(line: str, expected: str) -> None:
    assert credit_line.read(line).credit_text == expected


HOUSES = {
    "The bridge on Monday. Staff photo by Aldo Reyes": ("The bridge on Monday.", ("Aldo Reyes",)),
    "The bridge on Monday. Herald photo by Aldo Reyes": ("The bridge on Monday.", ("Aldo Reyes",)),
    "The bridge on Monday. Daily Ledger file photo by Aldo Reyes": ("The bridge on Monday.", ("Aldo Reyes",)),
    "The bridge on Monday. (Herald photo by Aldo Reyes)": ("The bridge on Monday.", ("Aldo Reyes",)),
    "The bridge on Monday. Photo courtesy of Port Lowell College": ("The bridge on Monday.", ()),
    "The bridge on Monday. Submitted photo": ("The bridge on Monday.", ()),
    "The bridge on Monday. (Contributed photo)": ("The bridge on Monday.", ()),
    "Die Brücke am Montag. Symbolbild": ("Die Brücke am Montag.", ()),
    "Le pont lundi matin. PHOTO ALDO REYES, LA VALLÉE": ("Le pont lundi matin.", ("Aldo Reyes",)),
    "Le pont lundi matin. Photo Aldo Reyes/La Vallée": ("Le pont lundi matin.", ("Aldo Reyes",)),
    "Le pont lundi matin. Photo prise par Luc Martin": ("Le pont lundi matin.", ("Luc Martin",)),
    "Broen mandag. Foto af Lars Jensen": ("Broen mandag.", ("Lars Jensen",)),
    "Bron i måndags. Foto av Erik Lindqvist": ("Bron i måndags.", ("Erik Lindqvist",)),
    "Jembatan itu. Foto oleh Budi Santoso": ("Jembatan itu.", ("Budi Santoso",)),
    "Міст у понеділок. Світлина: Іван Петренко": ("Міст у понеділок.", ("Іван Петренко",)),
    "Mostul de luni. Fotografie: Ion Popescu": ("Mostul de luni.", ("Ion Popescu",)),
}


@pytest.mark.parametrize(("text", "expected"), HOUSES.items(), ids=HOUSES.keys())
def test_reads_credits_of_the_house(text: str, expected: tuple[str, tuple[str, ...]]) -> None:
    found = credit_line.parse(text)
    assert (found.caption, found.creators) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The Herald photo archive moves to Port Lowell.",
        "(Symbolbild) Ein Hund wartet vor der Brücke in der Altstadt.",
        "He took the photo by the river. Nobody saw him.",
        "The photo Nils Corrigan took in May hangs in the hall of the mill.",
    ],
)
def test_words_of_house_credits_in_a_sentence_are_no_credit(text: str) -> None:
    assert credit_line.parse(text).credit_text is None


def test_a_label_with_a_slash_is_printed_and_read() -> None:
    found = credit_line.parse("Brúin á mánudag. FOTO/Aldo Reyes")
    assert (found.caption, found.credit_text, found.creators) == (
        "Brúin á mánudag.",
        "FOTO/Aldo Reyes",
        ("Aldo Reyes",),
    )
