"""The wording of errors, consent walls, paywalls, login forms and live blogs, in all languages.

A phrase in full has too many forms. Each kind of wording has a few ideas instead ("page" and "missing"), each idea a
list of the words that express it, in tables/page_wording.toml. A text that expresses the ideas together is of the
kind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from worker.extraction import word_tables
from worker.extraction.boilerplate.phrases import PhraseTable
from worker.extraction.text import text_size

_APOSTROPHES = str.maketrans({**dict.fromkeys("’‘`´′", "'"), "ı": "i", "\xa0": " ", "\u200c": " "})
_MAX_CHARS = 600  #: characters of a text that are examined
_MAX_ERROR_WORDS = 14  #: words of a title that reports an error, at most
_MAX_OFFER = 400  #: characters of a paywall's block, at most
_MANY_IDEAS = 3  #: ideas of consent that need no second sentence
#: Scripts whose words follow each other, or their articles and prepositions, without a space.
_NO_SPACES = rf"{text_size.CJK}\u0590-\u06ff\u0e00-\u0e7f\u1100-\u11ff\uac00-\ud7af"
_UNSPACED = re.compile(f"[{_NO_SPACES}]")
_START = rf"(?<![^\W{_NO_SPACES}])"
_CODE = re.compile(r"\b(?:40[0-9]|410|429|451|50[0-4])\b")
_MAX_CODE_WORDS = 4  #: words of a title with the number of an error, at most
_MAX_LOGIN_WORDS = 6


def fold_accents(text: str) -> str:
    """Return the beginning of a text in lower case, without accents, with plain apostrophes and single spaces."""
    text = text[:_MAX_CHARS]
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.casefold().translate(_APOSTROPHES).split())


@cache
def phrase_table(kind: str) -> PhraseTable:
    """Return the phrases of a table of tables/kinds.toml."""
    return PhraseTable((kind, phrase) for phrases in word_tables.load("kinds")[kind].values() for phrase in phrases)


def find_phrase(kind: str, texts: Sequence[str]) -> str | None:
    """Return the first phrase of a table that one of the texts matches, as a rule."""
    table = phrase_table(kind)
    return next((f"{kind}: {found.text}" for text in texts if text and (found := table.find(text))), None)


def reports_error(title: str) -> bool:
    """Return True if a title or a heading says that a page is missing: "Page not found"."""
    if text_size.words(title) > _MAX_ERROR_WORDS:
        return False
    folded = fold_accents(title)
    if _CODE.search(folded) and text_size.words(title) <= _MAX_CODE_WORDS and expresses(folded, "error", "error"):
        return True
    return bool(expresses(folded, "error", "missing") and expresses(folded, "error", "page"))


def names_login(title: str) -> bool:
    """Return True if a title or a heading is that of a login form."""
    return text_size.words(title) <= _MAX_LOGIN_WORDS and expresses(fold_accents(title), "login", "login")


def names_consent(title: str) -> bool:
    """Return True if a title or a heading is about cookies or privacy: "We respect your privacy"."""
    folded = fold_accents(title) if text_size.words(title) <= _MAX_ERROR_WORDS else ""
    return expresses(folded, "consent", "cookies") or expresses(folded, "consent", "data")


def names_live(title: str) -> bool:
    """Return True if a headline announces a live blog: "Storm live", "En direct : …"."""
    return expresses(fold_accents(title), "live", "live")


def consent_ideas(text: str) -> int:
    """Return how many ideas of consent a text expresses; 0 if it does not ask for consent at all."""
    folded = fold_accents(text)
    if not any(expresses(folded, "consent", idea) for idea in ("cookies", "consent")):
        return 0
    found = sum(expresses(folded, "consent", idea) for idea in word_tables.load("page_wording")["consent"])
    return found if found > 1 else 0


def asks_for_consent(texts: list[str]) -> bool:
    """Return True if two of the texts ask for consent, or one with many ideas."""
    ideas = [n for n in map(consent_ideas, texts) if n]
    return len(ideas) > 1 or any(n >= _MANY_IDEAS for n in ideas)


def sells_subscription(text: str) -> bool:
    """Return True if a short text offers the rest of the story to subscribers."""
    if len(text) > _MAX_OFFER:
        return False
    folded = fold_accents(text)
    if not expresses(folded, "paywall", "subscriber") or expresses(folded, "paywall", "no_paywall"):
        return False
    return expresses(folded, "paywall", "offer")


def expresses(folded: str, kind: str, idea: str) -> bool:
    """Return True if folded text has a word of an idea. A search for plain text comes first, since it is fast."""
    return any(word in folded and _bounded(entry).search(folded) for word, entry in _entries(kind, idea))


@cache
def _entries(kind: str, idea: str) -> tuple[tuple[str, str], ...]:
    """Return the words of an idea, folded, with their entries in the table."""
    return tuple((fold_accents(entry), entry) for entry in word_tables.load("page_wording")[kind][idea])


@cache
def _bounded(entry: str) -> re.Pattern[str]:
    """Return an entry of the table as a pattern that knows where words begin and end."""
    folded = re.escape(fold_accents(entry))
    if _UNSPACED.search(entry):
        return re.compile(folded)
    return re.compile(_START + folded + (r"(?!\w)" if entry.endswith(" ") else ""))
