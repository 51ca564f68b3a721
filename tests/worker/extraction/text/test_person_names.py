"""Names of persons by their form, and agencies by the table."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.extraction.text import agencies
from worker.extraction.text.person_names import is_person, tidy

PEOPLE = [
    "Jung Yeon-je",
    "BART DEWAELE",
    "Anne van der Meer",
    "Ludovic d'Estray",
    "J. Stacevičiaus",
    "Lê Phương",
    "구현모",
]
PEOPLE += ["Андрей Колесников", "Victoria O’Regan", "Duy Linh Dinh", "Fouzia Van Der Fort", "Thibault d’Estray"]
OTHERS = [
    "The Larkin Ledger",
    "Hanoi Fire Rescue",
    "WKHL 6",
    "Le Monde",
    "Adam",
    "BBC News",
    "朝日新聞デジタル",
    "",
    "x" * 90,
]
OTHERS += ["jane@paper.example", "www.paper.example", "Und Grundschritt", "Der Spiegel", "Larkin Police Department"]


@pytest.mark.parametrize("name", PEOPLE)
def test_person_names(name: str) -> None:
    assert is_person(name)


@pytest.mark.parametrize("name", OTHERS)
def test_other_names(name: str) -> None:
    assert not is_person(name)


@pytest.mark.parametrize(
    ("printed", "tidied"),
    [
        ("HERVÉ MONTAIGU", "Hervé Montaigu"),
        ("viktor hedlund", "Viktor Hedlund"),
        ("IAN MCKAY", "Ian McKay"),
        ("ANNE VAN DER MEER", "Anne van der Meer"),
        ("Jane  Roe,", "Jane Roe"),
    ],
)
def test_names_get_ordinary_case(printed: str, tidied: str) -> None:
    assert tidy(printed) == tidied


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("AP Photo", "AP"),
        ("Copyright 2022 The Associated Press", "AP"),
        ("via REUTERS", "Reuters"),
        ("getty images", "Getty Images"),
        ("PA", "PA"),
        ("dpa", "dpa"),
        ("Agence France-Presse", "AFP"),
    ],
)
def test_agencies_have_several_spellings(part: str, name: str) -> None:
    assert agencies.find(part) == agencies.Agency(name, is_wire=name != "Getty Images")


@pytest.mark.parametrize("part", ["Pa", "Map", "Uni", "app", "Larkin Ledger", "", "AP is one of many words here"])
def test_short_spellings_match_only_in_their_case_and_alone(part: str) -> None:
    assert agencies.find(part) is None


def test_agencies_are_found_inside_a_line() -> None:
    found = agencies.mentioned("AP Photo Ahn Young-joon, distributed by Getty Images")
    assert [(a.name, spelling) for a, spelling in found] == [("AP", "AP Photo"), ("Getty Images", "Getty Images")]


@given(st.text(max_size=120))
@example("0 ß")
def test_any_text_is_read_without_an_error(text: str) -> None:
    is_person(text)
    agencies.find(text)
    assert tidy(text) == tidy(tidy(text))
