"""The dateline at the beginning of an article: place, agency, and the text after it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extraction.fields import dateline

DATELINES = [
    ("WASHINGTON (AP) — The Senate voted", "WASHINGTON", "AP", "The Senate voted"),
    ("SEOUL – The envoy said", "SEOUL", None, "The envoy said"),
    ("BERLIN (dpa) - Der Rat hat", "BERLIN", "dpa", "Der Rat hat"),
    ("DÜSSELDORF (dpa/lni) - Der Rat hat", "DÜSSELDORF", "dpa", "Der Rat hat"),
    ("LIMA, 23 jun (EFE).- El pleno aprobó", "LIMA", "EFE", "El pleno aprobó"),
    ("SANTA LUCINDA, Calif. (AP) -- About 637 nurses", "SANTA LUCINDA, Calif.", "AP", "About 637 nurses"),
    ("GILROY JUNCTION, N.C. – Officials began", "GILROY JUNCTION, N.C.", None, "Officials began"),
    ("ST. LOUIS (AP) — A man waits", "ST. LOUIS", "AP", "A man waits"),
    ("MÜNCHEN. Der Betrieb will", "MÜNCHEN", None, "Der Betrieb will"),
    ("Rennes (AFP) – La montée", "Rennes", "AFP", "La montée"),
    ("Rennes – Le conseil", "Rennes", None, "Le conseil"),
    ("KATHMANDU, April 25 (Reuters) - Nepal's", "KATHMANDU", "Reuters", "Nepal's"),
    ("BEIRUT/THE HAGUE, March 7 (Reuters) - An army", "BEIRUT/THE HAGUE", "Reuters", "An army"),
    ("QUARRY BEND, Tenn. (WKHL) — A storm", "QUARRY BEND, Tenn.", None, "A storm"),
    ("NEW DELHI: Their dream", "NEW DELHI", None, "Their dream"),
    ("(Reuters) - The bank said", None, "Reuters", "The bank said"),
    ("BERLIN dpa | Der Rat hat", "BERLIN", "dpa", "Der Rat hat"),
    ("HAMBURG taz | Der Rat hat", "HAMBURG", None, "Der Rat hat"),
    ("HELSINKI AFP – The council", "HELSINKI", "AFP", "The council"),
    ("Oslo (NTB): Regjeringen vil", "Oslo", "NTB", "Regjeringen vil"),
    ("МОСКВА, 24 ноября. /ТАСС/. Совет решил", "МОСКВА", "TASS", "Совет решил"),
    ("(ANSA) - ROMA, 24 NOV - Il consiglio", "ROMA", "ANSA", "Il consiglio"),
    ("القاهرة (رويترز) - قال المجلس", "القاهرة", "Reuters", "قال المجلس"),
    ("【東京=山田太郎】政府は", "東京", None, "政府は"),
    ("(서울=연합뉴스) 김철수 기자 = 정부는", "서울", "Yonhap", "정부는"),
    ("新华社北京11月24日电 国家", "北京", "Xinhua", "国家"),
]

OTHER_PARAGRAPHS = [
    "",
    "The Senate voted on Monday — and lost.",
    "Monday — The council met.",
    "However — The council met.",
    "US envoy — A man said",
    "A - The first letter",
    "FACT CHECK: The claim is false",
    "By Jane Roe, AP",
    "Bielefeld. Der Mann",
    "BREAKING: The claim",
    "WASHINGTON (AP) —",
    "“WE WON,” he said — The crowd",
]


@pytest.mark.parametrize(("paragraph", "place", "agency", "rest"), DATELINES)
def test_reads_place_and_agency(paragraph: str, place: str | None, agency: str | None, rest: str) -> None:
    assert dateline.parse(paragraph) == dateline.Dateline(place, agency, rest)


@pytest.mark.parametrize("paragraph", OTHER_PARAGRAPHS)
def test_other_paragraphs_have_no_dateline(paragraph: str) -> None:
    assert dateline.parse(paragraph) is None


PLACES = st.sampled_from(["LIMA", "HANOI, Vietnam", "HARLOW SPRINGS, Texas", "SÃO PAULO", "KÖLN"])
AGENCIES = st.sampled_from(["AP", "AFP", "Reuters", "dpa", "EFE", "ANSA"])
DASHES = st.sampled_from([" — ", " – ", " -- ", " - "])


@given(place=PLACES, agency=AGENCIES, dash=DASHES)
def test_reads_all_places_with_all_agencies_and_dashes(place: str, agency: str, dash: str) -> None:
    found = dateline.parse(f"{place} ({agency}){dash}Something happened on Monday.")
    assert found == dateline.Dateline(place, agency, "Something happened on Monday.")


@given(st.text(max_size=300))
def test_any_paragraph_is_read_without_an_error(paragraph: str) -> None:
    found = dateline.parse(paragraph)
    assert found is None or found.rest in " ".join(paragraph.split())


def test_many_hyphens_are_read_in_time() -> None:
    started = time.process_time()
    assert dateline.parse("A-" * 60) is None
    assert time.process_time() - started < 2
