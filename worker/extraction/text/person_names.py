"""Recognition of person names, by rules of form and a table of words, since no list of names is complete.

A person's name has two to five words, each with a capital letter or a small particle ("Anne van der Meer"), and no
word of organisations ("Larkin Ledger", "Fire Rescue"). In East Asian scripts it has two to twelve letters; in other
scripts without capitals two to five words.
"""

from __future__ import annotations

import re
from functools import lru_cache

from worker.extraction import word_tables

#: Han, Kana, Hangul, Thai, Arabic, Hebrew, Devanagari and its neighbours: scripts without capitals.
_CASELESS_LETTERS = r"\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_CASELESS = re.compile(rf"^[{_CASELESS_LETTERS}][{_CASELESS_LETTERS}・･ ]*$")
_EAST_ASIAN = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_FOREIGN = re.compile(
    r"[\d@<>{}\[\]()|/\\=_#*+:;!?\"“”„«»%€$£©]|https?|www\.|\.(?:com|net|org|de|fr|uk|info|tv|es|it)\b|\w{3}\.(?-i:[a-z]{2,3})\b",
    re.I,
)
_SMALL_PREFIX = re.compile(r"^(?:d|l|dell|dall|al|el|ul|bin|ibn|ben|o|de|del|della|da|van|von)[-'’]", re.I)


def words(kind: str) -> frozenset[str]:
    """Return one list of tables/credits.toml, casefolded."""
    return word_tables.words("credits", kind)


@lru_cache(maxsize=16384)
def is_person(text: str) -> bool:
    """Return True if the whole text is one person's name."""
    text = text.strip()
    if not 2 <= len(text) <= 50 or _FOREIGN.search(text):
        return False
    if _CASELESS.match(text):
        return _has_caseless_form(text) and not any(w in text for w in words("organisations") if not w.isascii())
    return _has_name_form(text.split())


def _has_caseless_form(text: str) -> bool:
    """Return True if the text has the form of a name in a script without capitals.

    East Asian names are short, with or without a space; names of other scripts have two words or more.
    """
    if _EAST_ASIAN.search(text):
        return len(text.replace(" ", "")) <= 12
    return 2 <= len(text.split()) <= 5


def _has_name_form(tokens: list[str]) -> bool:
    folded = [t.strip(".,").casefold() for t in tokens]
    if not 2 <= len(tokens) <= 6 or folded[0] in words("articles") | words("conjunctions"):
        return False
    if any(f in words("organisations") for f in folded) or any(f in words("prepositions") for f in folded[1:-1]):
        return False
    capitals = [_is_capital(t) for t in tokens]
    small = [f in words("particles") for f in folded]
    if sum(capitals) < 2 or not capitals[-1] or not all(c or s for c, s in zip(capitals, small, strict=True)):
        return False
    return any(len(f) > 1 for f in folded) and not _is_title_of_office(folded)


def _is_title_of_office(folded: list[str]) -> bool:
    """Return True for "Leiterin der Abteilung": in a name, "der" comes only after another small word ("van der")."""
    return any(f == "der" and folded[i] not in words("particles") for i, f in enumerate(folded[1:]))


def _is_capital(token: str) -> bool:
    """Return True for "Smith", "J.", "McKay", "O'Neil", "d'Estray", "al-Rahman", "BAE"."""
    token = _SMALL_PREFIX.sub("", token) or token
    return token[0].isupper() and all(c.isalpha() or c in ".-'’`´·," for c in token)


def tidy(name: str) -> str:
    """Return the name with single spaces, and in ordinary case if it is all capitals or all lower case.

    Examples: "VIKTOR HEDLUND", "viktor hedlund".
    """
    name = " ".join(name.split()).strip(" .,;:-–—|/·•*")
    tokens = name.split()
    if len(tokens) > 1 and (name.isupper() or name.islower()):
        return " ".join(_cased(t) for t in tokens)
    return name


def _cased(token: str) -> str:
    if token.casefold() in words("particles"):
        return token.lower()
    cased = re.sub(r"[^\W\d_]+", lambda m: m[0][0].title() + m[0][1:].lower(), token)
    return re.sub(r"^(Mc|O['’])(\w)", lambda m: m[1] + m[2].upper(), cased)
