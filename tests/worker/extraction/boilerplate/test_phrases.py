"""The table of boilerplate phrases: its order, its syntax, and its effect on prose."""

from __future__ import annotations

import tomllib
from collections import Counter

import pytest

from tests.support.paths import PROJECT
from worker.errors import BadInput
from worker.extraction.boilerplate import phrases

TABLE = tomllib.loads((PROJECT / "worker" / "extraction" / "tables" / "boilerplate_phrases.toml").read_text("utf-8"))


def test_lists_are_sorted_without_repeats() -> None:
    for reason, by_language in TABLE.items():
        for language, entries in by_language.items():
            assert entries == sorted(entries), (reason, language)
            assert [p for p, n in Counter(entries).items() if n > 1] == []


def test_major_languages_have_the_common_reasons() -> None:
    for reason in ("ad", "comment", "consent", "newsletter", "promo", "share", "subscription", "tags", "opens"):
        assert {"en", "de", "fr", "es", "pt", "it", "nl"} <= TABLE[reason].keys(), reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Skip to main content", "navigation"),
        ("Read more: Two bakers, one oven", "promo"),
        ("READ MORE", "promo"),
        ("Recommended Videos", "opens"),
        ("34º", "weather"),
        ("Partly Cloudy icon", "weather"),
        ("1 / 14", "gallery"),
        ("Comments (12)", "comment"),
        ("© 2024 Ostervik Post", "copyright"),
        ("- Anzeige -", "ad"),
        ("Lesen Sie auch: Zwei Bäcker, ein Ofen", "promo"),
        ("À lire aussi : deux boulangers", "promo"),
        ("Lee también: Dos panaderos", "promo"),
        ("Leia também: Dois padeiros", "promo"),
        ("Leggi anche: Due fornai", "promo"),
        ("Lees ook: Twee bakkers", "promo"),
        ("This slideshow requires JavaScript.", "gallery"),
        ("Jetzt Newsletter abonnieren!", "newsletter"),
    ],
)
def test_boilerplate_is_found(text: str, reason: str) -> None:
    found = phrases.boilerplate_phrases().find(text)
    assert found is not None
    assert found.reason == reason


@pytest.mark.parametrize(
    "text",
    [
        "More than two hundred people came to the pier.",
        "Share prices rose on Monday.",
        "Next year the ferry will have a new engine.",
        "Tagged with a tracker, the bear crossed the border twice.",
        "Photos showed the pier after the storm.",
        "Breaking with a long custom, the council voted in public.",
        "In this article of the treaty, the border is a river.",
        "Live music was heard from the boat.",
        "He watched the sea.",
    ],
)
def test_prose_does_not_match(text: str) -> None:
    found = phrases.boilerplate_phrases().find(text)
    assert found is None or found.is_ambiguous


def test_phrase_syntax() -> None:
    table = phrases.PhraseTable([("custom", "our (man|woman) in *"), ("custom", "# (new )?letters")])
    assert table.find("Our woman in Ostervik") is not None
    assert table.find("12 new letters") is not None
    assert table.find("12 old letters") is None
    assert table.find("They met our man in Ostervik") is None


def test_phrase_with_an_open_parenthesis_is_rejected() -> None:
    with pytest.raises(BadInput, match=r"'\(a\|b' is not valid"):
        phrases.PhraseTable([("promo", "(a|b")])
