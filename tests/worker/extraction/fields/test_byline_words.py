"""The words of bylines: each entry of the table does what its list says."""

from __future__ import annotations

import pytest

from worker.extraction import word_tables
from worker.extraction.fields import byline, byline_words

OPENERS = sorted({*byline_words.words("openers"), *byline_words.words("careful_openers")})
OTHERS = sorted(byline_words.words("others"))
ROLES = sorted(byline_words.words("roles"))
TAILS = sorted(byline_words.words("tails"))
NAME = "Ottilie Brandvold"


def test_lists_of_the_table_are_sorted_and_have_no_entry_twice() -> None:
    for name, entries in word_tables.load("bylines").items():
        assert entries == sorted(set(entries)), name


def test_no_word_opens_the_names_of_writers_and_of_others() -> None:
    assert not byline_words.words("openers") & byline_words.words("others")


@pytest.mark.parametrize("opener", OPENERS)
def test_every_opener_is_left_out_with_a_colon(opener: str) -> None:
    assert byline.parse(f"{opener}: {NAME}").people == (NAME,)
    assert byline_words.is_opener(f"{opener}:")


@pytest.mark.parametrize("opener", sorted(byline_words.words("openers")))
def test_every_opener_is_left_out_with_a_space(opener: str) -> None:
    assert byline.parse(f"{opener} {NAME}").people == (NAME,)


@pytest.mark.parametrize("other", OTHERS)
def test_names_of_others_are_left_out(other: str) -> None:
    assert byline.parse(f"Text: {NAME} {other}: Jorun Aldefeld").people == (NAME,)
    assert byline.parse(f"{other}: Jorun Aldefeld").people == ()


@pytest.mark.parametrize("role", ROLES)
def test_roles_are_not_names(role: str) -> None:
    assert byline.parse(f"{NAME}, {role}").people == (NAME,)
    assert byline.parse(role.title()).people == ()


@pytest.mark.parametrize("tail", TAILS)
def test_interface_words_after_a_name_are_left_out(tail: str) -> None:
    assert byline.parse(f"{NAME} {tail.capitalize()}").people == (NAME,)


@pytest.mark.parametrize(
    ("text", "writers"),
    [
        ("Text: Jane Roe Photos: Tom Doe", "Text: Jane Roe "),
        ("Photos: Tom Doe Text: Jane Roe", "Jane Roe"),
        ("Jane Roe, edited by Tom Doe", "Jane Roe, "),
        ("Jane Roe", "Jane Roe"),
        ("Source: Herald, Author: Jane Roe", "Jane Roe"),
    ],
)
def test_part_of_the_writers(text: str, writers: str) -> None:
    assert byline_words.writers(text) == writers


@pytest.mark.parametrize(
    "date",
    ["Nov 24, 2026", "24 November 2026", "24.11.2026, 17:03 Uhr", "24. nov. 2026", "2026-11-24", "2026年11月24日"],
)
def test_dates_are_left_out(date: str) -> None:
    assert byline.parse(f"{NAME} · {date}").printed == (NAME,)
    assert byline.parse(f"{date} – {NAME}").printed == (NAME,)


@pytest.mark.parametrize("text", ["Per Ström", "Text messages rise", "Byron Roe", "Vondra Roe", "Parker Roe"])
def test_names_that_only_resemble_an_opener(text: str) -> None:
    assert byline.parse(text).printed in ((text,), ("messages rise",))


@pytest.mark.parametrize("name", sorted(byline_words.words("not_names")))
def test_accounts_are_not_authors(name: str) -> None:
    assert byline.parse(name.title()).printed == ()


@pytest.mark.parametrize("conjunction", sorted(byline_words.words("conjunctions")))
def test_names_are_parted_in_all_languages(conjunction: str) -> None:
    assert byline.parse(f"{NAME} {conjunction} Jorun Aldefeld").people == (NAME, "Jorun Aldefeld")
