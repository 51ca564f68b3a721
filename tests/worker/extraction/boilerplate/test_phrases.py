"""The table of noise phrases: its order, its language, and what it must leave alone."""

from __future__ import annotations

import tomllib
from collections import Counter

import pytest

from tests.support.paths import PROJECT
from worker.extraction.boilerplate import phrases as noise

TABLE = tomllib.loads((PROJECT / "worker" / "extraction" / "tables" / "boilerplate_phrases.toml").read_text("utf-8"))


def test_lists_are_sorted_and_hold_nothing_twice() -> None:
    for reason, by_language in TABLE.items():
        for language, phrases in by_language.items():
            assert phrases == sorted(phrases), (reason, language)
            assert [p for p, n in Counter(phrases).items() if n > 1] == []


def test_every_language_has_the_common_reasons() -> None:
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
def test_furniture_is_found(text: str, reason: str) -> None:
    found = noise.boilerplate_phrases().find(text)
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
def test_prose_is_left_alone(text: str) -> None:
    found = noise.boilerplate_phrases().find(text)
    assert found is None or found.is_ambiguous


def test_phrases_of_users() -> None:
    phrases = noise.PhraseTable([("mine", "our (man|woman) in *"), ("mine", "# (new )?letters")])
    assert phrases.find("Our woman in Ostervik") is not None
    assert phrases.find("12 new letters") is not None
    assert phrases.find("12 old letters") is None
    assert phrases.find("They met our man in Ostervik") is None
