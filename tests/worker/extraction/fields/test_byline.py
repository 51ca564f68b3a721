"""Bylines as printed, in several languages: people, the agency, and all names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extraction.fields import byline
from worker.extraction.fields.byline import Byline

BYLINES = [
    ("By Colm Hennigan and Yesenia Cantero, Associated Press", ("Colm Hennigan", "Yesenia Cantero"), "AP"),
    ("Von Friederike Lampe (dpa)", ("Friederike Lampe",), "dpa"),
    ("Par HERVÉ MONTAIGU", ("Hervé Montaigu",), None),
    ("Por Marta Cañete y Edu Luque", ("Marta Cañete", "Edu Luque"), None),
    ("Di Viviana Mazza e Marco Pizzorno", ("Viviana Mazza", "Marco Pizzorno"), None),
    ("Af Mark Sigetty og Trine Juncher", ("Mark Sigetty", "Trine Juncher"), None),
    ("박준석 기자 외 1명", ("박준석",), None),
    ("Jane Doe | Political Editor", ("Jane Doe",), None),
    ("Political Editor Jane Doe in Washington", ("Jane Doe",), None),
    ("Jane Doe jane.doe@paper.example", ("Jane Doe",), None),
    ("By Anne Hart Updated 3 hours ago", ("Anne Hart",), None),
    ("Elena Oberholzer (obe), Oliver Maksan (oma)", ("Elena Oberholzer", "Oliver Maksan"), None),
    ("STEVE PEOPLES, THOMAS BEAUMONT and AMY ROE", ("Steve Peoples", "Thomas Beaumont", "Amy Roe"), None),
    ("Jean Dupont (avec AFP)", ("Jean Dupont",), "AFP"),
    ("Text: Anna Berg Foto: Per Ström", ("Anna Berg",), None),
    ("Story and photos by Jane Doe", ("Jane Doe",), None),
    ("Written by Jane Doe Edited by John Roe", ("Jane Doe",), None),
    ("By Jane Doe For The Ledger", ("Jane Doe",), None),
    ("By Jane Doe, Senior Political Correspondent", ("Jane Doe",), None),
    ("Von unserem Korrespondenten Max Muster", ("Max Muster",), None),
    ("كتب: عبد الرحمن الراشد", ("عبد الرحمن الراشد",), None),
    ("राहुल श्रीवास्तव", ("राहुल श्रीवास्तव",), None),
    ("記者張三／台北報導", ("張三",), None),
    ("AFP", (), "AFP"),
    ("WKHL 6", (), None),
    ("https://social.example/paper", (), None),
    ("", (), None),
]


@pytest.mark.parametrize(("text", "people", "agency"), BYLINES)
def test_reads_people_and_agency(text: str, people: tuple[str, ...], agency: str | None) -> None:
    found = byline.parse(text)
    assert (found.people, found.agency) == (people, agency)


def test_all_names_are_kept_as_printed() -> None:
    assert byline.combine(["Felix Roe und Jörg Doe, dpa"]).printed == ("Felix Roe", "Jörg Doe", "dpa")
    assert byline.parse("Redaktion paper.example").printed == ("Redaktion paper.example",)


def test_spellings_of_a_person_are_merged() -> None:
    assert byline.combine(["JANE ROE", "Jane Roe", "By Jane Roe"]).people == ("Jane Roe",)


def test_publisher_is_not_a_person() -> None:
    assert byline.combine(["Click Orrin", "Jane Roe"], "Click Orrin").people == ("Jane Roe",)


def test_photo_credit_is_not_a_byline() -> None:
    assert byline.is_credit_line("Foto: dpa")
    assert not byline.is_credit_line("Von Jane Roe")


@pytest.mark.parametrize(
    ("text", "is_byline"),
    [
        ("By Tessa Lund", True),
        ("Datum: 24.11.2026, 17:03 Uhr | Von Nele Petersen, dpa", True),
        ("By Tuesday the water had gone.", False),
        ("Von Hamburg nach Kiel", False),
        ("Tessa Lund", False),
    ],
)
def test_recognises_a_block_that_is_a_byline(text: str, is_byline: bool) -> None:
    assert byline.is_byline(text) is is_byline


@given(st.text(max_size=500))
def test_any_line_is_read_without_an_error(text: str) -> None:
    found = byline.parse(text)
    assert isinstance(found, Byline)
    assert len(set(found.people)) == len(found.people)


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("Orla Finch, Harbour correspondent, and Tim Brask", ("Orla Finch", "Tim Brask")),
        ("Orla Finch, Staff Writer", ("Orla Finch",)),
        ("Lena Ruiz | Corresponsal", ("Lena Ruiz",)),
        ("Harbour Bridge, Reporter Says", ()),
        ("New bridge, editor resigns", ()),
        ("Orla Finch, Tim Brask", ()),
    ],
)
def test_names_with_a_role(line: str, people: tuple[str, ...]) -> None:
    assert byline.has_role(line) is bool(people)
    if people:
        assert byline.parse(line).people == people
