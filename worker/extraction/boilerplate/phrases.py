"""Phrases that are boilerplate on every site: tables/boilerplate_phrases.toml, matched against whole blocks.

A block is compared only with phrases that share a word with it, so that the table can grow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from worker.errors import BadInput
from worker.extraction import word_tables
from worker.extraction.text import text_size

_FOLD = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("–—‐‑−", "-"),
        **dict.fromkeys('()[]"“”„‟«»…（）【】［］「」『』〈〉《》', None),
        "\xa0": " ",
    }
)
_FOLDED = re.compile(r'[`()\[\]"]')  # characters of ASCII that `_FOLD` changes
_EDGES = " \t•·▶►▸»›→*+>|-–—:;.,!?\ufe0f、。，！？：；؟،؛।」』】"
_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+")
_WORD = re.compile(r"\w+")
_DASHES = str.maketrans(dict.fromkeys("–—‐‑−", "-"))
_PIECES = {"*": ".*", "#": r"[\d.,]+", "(": "(?:", ")": ")", ")?": ")?", "|": "|"}
_TOKENS = re.compile(r"\*|#|\(|\)\?|\)|\||[^*#()|]+")
_WHOLE_WORD = re.compile(r"(?<![\w#(|])\w+(?![\w*#)|])")
_WORD_START = re.compile(r"(?<![\w#(|])\w{4,}(?=\*)")
_START = 4  # letters by which words are found if a phrase has only their beginning

_CACHED = 20_000  #: blocks whose phrase is cached

#: Longer blocks are left to the model, since prose may contain such words.
MAX_WORDS = 40


@dataclass(frozen=True, slots=True)
class BoilerplatePhrase:
    """A phrase, compiled."""

    reason: str
    text: str  #: as written in the table
    pattern: re.Pattern[str]
    is_ambiguous: bool  #: begins with `*`: it may also occur in prose


class PhraseTable:
    """A table of phrases, prepared for matching."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._by_word: dict[str, list[BoilerplatePhrase]] = {}
        self._by_start: dict[str, list[BoilerplatePhrase]] = {}
        self._unkeyed: list[BoilerplatePhrase] = []
        self._find_cached = lru_cache(maxsize=_CACHED)(self._find)  # a site's menus are the same on all pages
        for reason, text in phrases:
            self._add(BoilerplatePhrase(reason, text, _compile(text), text.startswith("*")))
        self._other, self._latin, self._cjk = (_any(p for p in self._unkeyed if _script(p.text) == n) for n in range(3))

    def find(self, text: str) -> BoilerplatePhrase | None:
        """Return the first phrase that matches the whole block; unambiguous phrases come first."""
        return self._find_cached(text) if text.count(" ") <= MAX_WORDS else None

    def _find(self, text: str) -> BoilerplatePhrase | None:
        if not text.isascii() and text_size.words(text) > MAX_WORDS + 1:
            return None
        folded = normalize(text)
        found = None
        for phrase in self._candidates(folded):
            if phrase.pattern.fullmatch(folded):
                if not phrase.is_ambiguous:
                    return phrase
                found = found or phrase
        return found

    def _candidates(self, folded: str) -> list[BoilerplatePhrase]:
        found: list[BoilerplatePhrase] = []
        by_word, by_start = self._by_word, self._by_start
        for word in _WORD.findall(folded):
            if word in by_word:
                found += by_word[word]
            if (start := word[:_START]) in by_start:
                found += by_start[start]
        return found + self._unkeyed if self._matches_unkeyed(folded) else found

    def _matches_unkeyed(self, folded: str) -> bool:
        """Return True if one of the phrases that have no key word matches."""
        if self._other.fullmatch(folded):
            return True
        if folded.isascii():
            return False
        if self._latin.fullmatch(folded):
            return True
        return text_size.is_cjk(folded) and self._cjk.fullmatch(folded) is not None

    def _add(self, phrase: BoilerplatePhrase) -> None:
        word, start = _keys(phrase.text)
        if word:
            self._by_word.setdefault(word, []).append(phrase)
        elif start:
            self._by_start.setdefault(start[:_START], []).append(phrase)
        else:
            self._unkeyed.append(phrase)


def _script(text: str) -> int:
    """Return 0 for ASCII, 2 if the text has Chinese, Japanese or Korean, else 1."""
    return 0 if text.isascii() else 1 + text_size.is_cjk(text)


def _any(phrases: Iterable[BoilerplatePhrase]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p.pattern.pattern})" for p in phrases) or r"(?!)", re.DOTALL)


@cache
def boilerplate_phrases() -> PhraseTable:
    """Return the phrases of tables/boilerplate_phrases.toml."""
    return PhraseTable(flatten(word_tables.load("boilerplate_phrases")))


def flatten(groups: Mapping[str, Mapping[str, Iterable[str]]]) -> Iterable[tuple[str, str]]:
    """Yield (reason, phrase) for each entry of reason -> language -> phrases."""
    for reason, by_language in groups.items():
        for phrases in by_language.values():
            yield from ((reason, phrase) for phrase in phrases)


def normalize(text: str) -> str:
    """Return a block in the form that phrases are matched against: lower case, without brackets, quotes and emoji.

    Signs at its ends are removed too.
    """
    is_ascii = text.isascii()
    folded = (text if is_ascii else _EMOJI.sub(" ", text)).casefold()
    if not is_ascii or _FOLDED.search(folded):
        folded = folded.translate(_FOLD)
    return " ".join(folded.split()).strip(_EDGES)


def _compile(phrase: str) -> re.Pattern[str]:
    """Return a phrase as a pattern. Raises `BadInput` if its parentheses do not match.

    `tags: *` matches "Tags" and "Tags: a, b"; `tags *` also matches "Tags a, b". A word after `*` must be whole.
    """
    folded, tail = _tail(phrase.casefold().translate(_DASHES).strip("- "))
    pieces = [_PIECES.get(token) or re.escape(token) for token in _TOKENS.findall(folded)]
    try:
        return re.compile(re.sub(r"\.\*(?=\w|\(\?:\w)", r".*\\b", "".join(pieces)) + tail, re.DOTALL)
    except re.error:
        problem = f"The boilerplate phrase {phrase!r} is not valid."
        raise BadInput(f"{problem} Close each parenthesis, as in (a|b) or (a)?") from None


def _tail(phrase: str) -> tuple[str, str]:
    for end, tail in ((": *", r"(?:\s*:.*)?"), (":*", r"(?:\s*:.*)?"), (" *", r"(?:\s.*)?"), (".", ""), (":", "")):
        if phrase.endswith(end):
            return phrase.removesuffix(end), tail
    return phrase, ""


def _keys(phrase: str) -> tuple[str | None, str | None]:
    """Return the longest whole word of a phrase, and its longest word that is given by its beginning."""
    without_groups = re.sub(r"\([^)]*\)\??", "|", phrase.casefold())
    whole: str | None = max(_WHOLE_WORD.findall(without_groups), key=len, default=None)
    start: str | None = max(_WORD_START.findall(without_groups), key=len, default=None)
    return whole, start
