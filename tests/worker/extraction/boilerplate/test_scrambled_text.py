"""Encrypted paragraphs and dummy texts are not part of an article; ordinary text without function words is."""

from __future__ import annotations

import codecs

import pytest

from worker.extraction.boilerplate.scrambled_text import find_scrambled
from worker.extraction.html.blocks import split
from worker.extraction.html.tree import parse

FREE = {
    "en": "The mill by the weir has been sold to a baker from the coast, and the town is not sure what to make of it.",
    "de": "Die Mühle am Wehr ist an einen Bäcker von der Küste verkauft worden, und in der Stadt freut das nicht alle.",
    "ru": "Мельницу у плотины продали пекарю с побережья, и в городе пока не все рады тому, что теперь с ней будет.",
}
PAID = {
    "en": "He said that the wheel would turn again before the end of the year, and the flour would be sold in town.",
    "de": "Er sagte, dass sich das Rad noch in diesem Jahr drehen werde und dass er das Mehl in der Stadt verkaufe.",
    "ru": "Он сказал, что колесо снова закрутится ещё до конца года, а муку будут продавать в городе по цене помола.",
}


def _rot47(text: str) -> str:
    return "".join(chr(33 + (ord(c) + 14) % 94) if "!" <= c <= "~" else c for c in text)


def _shift_cyrillic(text: str) -> str:
    return "".join(chr(ord("а") + (ord(c) - ord("а") + 9) % 32) if "а" <= c <= "я" else c for c in text.lower())


def _scrambled(free: str, rest: str, name: str = "body") -> bool:
    rest = rest.replace("&", "&amp;").replace("<", "&lt;")
    blocks = split(parse(f'<p>{free}</p><div class="{name}"><p>{rest}</p></div>', ""))
    return blocks[-1] in find_scrambled(blocks)


@pytest.mark.parametrize(
    ("free", "rest"),
    [
        (FREE["en"], _rot47(PAID["en"])),
        (FREE["de"], _rot47(PAID["de"])),
        (FREE["en"], codecs.encode(PAID["en"], "rot13")),
        (FREE["de"], codecs.encode(PAID["de"], "rot13")),
        (FREE["ru"], _shift_cyrillic(PAID["ru"])),
        (FREE["en"], "TGFzdCBuaWdodCB0aGUgbWlsbCB3YXMgc29sZCB0byBhIGJha2VyIGZyb20gdGhlIGNvYXN0" * 3),
        (
            FREE["de"],
            "Lorem ipsum dolor sit amet, consetetur sadipscing elitr, sed diam nonumy eirmod tempor.",
        ),
    ],
)
def test_scrambled_text_is_found(free: str, rest: str) -> None:
    assert _scrambled(free, rest)


def test_an_element_named_so_needs_no_strange_letters() -> None:
    anagram = "Eh dsia taht eht leehw dluow nrut niaga erofeb eht dne fo eht raey."
    assert _scrambled(FREE["en"], anagram, "encrypted-text")
    assert not _scrambled(FREE["en"], PAID["en"], "encrypted-text")


@pytest.mark.parametrize("language", ["en", "de", "ru"])
@pytest.mark.parametrize("other", ["en", "de", "ru"])
def test_prose_is_not_scrambled(language: str, other: str) -> None:
    assert not _scrambled(FREE[language], PAID[other])


@pytest.mark.parametrize(
    "rest",
    [
        "Anna Lund, Berta Moe, Carl Ness, Dagny Ose, Erik Pram, Frida Quist, Gustav Rud, Hanna Sel, Ivar Tang.",
        "Umthetho omusha uzosiza abantu abahlala emakhaya ukuthola amanzi ahlanzekile nogesi ngaphambi kwehlobo.",
        "Mylly myytiin leipurille rannikolta, eikä kaupungissa vielä tiedetä, mitä siitä pitäisi ajatella.",
        "市議会は火曜日の夜、古い水車小屋を海辺の町のパン職人に売ることを賛成六、反対三で決めた。",
    ],
)
def test_names_and_other_languages_are_not_scrambled(rest: str) -> None:
    assert not _scrambled(FREE["en"], rest)


def test_a_page_without_ordinary_prose_has_no_scrambled_text() -> None:
    blocks = split(parse(f"<p>{codecs.encode(PAID['en'], 'rot13')}</p>", ""))
    assert not find_scrambled(blocks)
