"""Words around the names in a byline: openers ("By", "Text:"), labels of others ("Editor:"), roles, and days.

The words of all languages are in tables/bylines.toml.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from worker.extraction import word_tables

#: What separates a label from a name: a colon, or a sign that East Asian bylines have.
_SIGNS = r"\s*[:：︰●▪＝=｜丨/／]\s*"
_LABELLED = re.compile(r"[:：︰●▪＝=｜丨/／]|記者|记者|撰文|採訪|采写|\b(?:by|von|par|por|di|av|af)\b", re.I)
_SIGN = re.compile(r"[^\W\d]\s*[:：︰●▪＝=｜丨／]|記者|记者|撰文|採訪|采写")
_SEPARATOR = re.compile(r"\s*[|·•]\s*")
_CASELESS = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_WORD = re.compile(r"[^\W\d_]+")
#: "ByTravis Roe": an element's end was lost.
_GLUED = re.compile(r"(?:By|Von|Par|Por|Af|Av|Door)(?=[A-ZÀ-Þ][a-zß-ÿ]+\s[A-ZÀ-Þ])")
_MONTH_SIZE = 3  #: letters of a month's name, at least


def words(kind: str) -> frozenset[str]:
    """Return one list of tables/bylines.toml, casefolded."""
    return word_tables.words("bylines", kind)


def without_opener(text: str) -> str:
    """Return the text without the words that open a byline: "By", "Text und Fotos:", "Written by"."""
    match = _opener().match(text) if _may_open(text) else _GLUED.match(text)
    return text[match.end() :] if match else text


def is_opened(text: str) -> bool:
    """Return True if the text begins with the words that open a byline, and goes on."""
    return (_opener() if _may_open(text) else _GLUED).match(text) is not None


def is_opener(text: str) -> bool:
    """Return True if the text is one opener and nothing else: "By", "Autor:"."""
    bare = text.strip(" :：|·•-–—").casefold()
    return 0 < len(bare) < 40 and (bare in words("openers") or bare in words("careful_openers"))


def has_writer(text: str) -> bool:
    """Return True if a line has the label of a writer, perhaps after another: "Source: Herald, Author: Jane Roe"."""
    return _SIGN.search(text) is not None and any(m["writer"] is not None for m in _marks(text))


def has_label(text: str) -> bool:
    """Return True if a line has the label of another than the writer: "Text: Jane Roe, Photos: Tom Doe"."""
    return any(m["writer"] is None for m in _marks(text))


def writers(text: str) -> str:
    """Return the part of a byline that names its writers.

    What follows the label of another ("Photos: …", "Edited by …") is left out, up to the next label of a writer.
    """
    opened = len(text) - len(without_opener(text))
    marks = _marks(text, opened)
    if not marks:
        return text
    kept = [text[: marks[0].start()]] if opened or marks[0]["writer"] is None else []
    for mark, end in zip(marks, [m.start() for m in marks[1:]] + [len(text)], strict=True):
        value = text[mark.end() : end]
        kept += [value] if mark["writer"] is not None else filter(is_opened, _SEPARATOR.split(value)[1:])
    return " | ".join(k for k in kept if k.strip())


@lru_cache(maxsize=2048)
def _marks(text: str, start: int = 0) -> tuple[re.Match[str], ...]:
    """Return the labels in a line. Cached, because elements in each other have the same text."""
    return tuple(_labels().finditer(text, start)) if _LABELLED.search(text, start) else ()


def without_role(part: str) -> tuple[str, ...]:
    """Return the text without a role at its beginning, and without one at its end, if it has one there."""
    before, after = _roles()
    found = (before.sub("", part), after.sub("", part))
    return tuple(f.strip(" ,:-–") for f in found if f != part)


def is_role(part: str) -> bool:
    """Return True if the text is a role and nothing else: "Senior Political Correspondent"."""
    folded = part.casefold().strip(" .,")
    return folded in words("roles") or any(folded == w for w in ("and", "und"))


def ends_with_role(part: str) -> bool:
    """Return True if a role is at the end of the text."""
    return _roles()[1].search(part) is not None


def without_tail(part: str) -> str:
    """Return the name without interface words and dates after it: "Jane Roe Follow", "Jane Roe Monday"."""
    return _date_tail().sub("", _tails().sub("", part))


def without_dates(text: str) -> str:
    """Return the text with a bar in place of each date: "Nov 24, 2026", "3. Mai 2024, 17:03 Uhr", "24.11.2026"."""
    return _dates().sub(" | ", text) if re.search(r"\d", text) else text


@lru_cache(maxsize=8192)
def _may_open(text: str) -> bool:
    """Return True if the first word, or the first letter in scripts without spaces, begins an opener."""
    first = _WORD.search(text[:40])
    if first is None or first.start() > 1:
        return False
    return first[0].casefold() in _first_words() or first[0][0] in _first_letters()


@cache
def _first_words() -> frozenset[str]:
    every = words("openers") | words("careful_openers")
    return frozenset(m[0] for w in every | words("others") if (m := _WORD.search(w)))


@cache
def _first_letters() -> frozenset[str]:
    return frozenset(w[0] for w in words("openers") | words("others") if re.match(_CASELESS, w))


def _any_of(*kinds: str) -> str:
    every = {w for k in kinds for w in words(k)}
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(every, key=len, reverse=True))


@cache
def _opener() -> re.Pattern[str]:
    """Return the pattern of openers at the beginning of a text.

    Two may be joined: "Text und Fotos:". Without a colon, a space has to follow; after "記者" and the like nothing.
    """
    caseless = r"(?:本[報报])?(?:特[約约派])?(?:記者|记者|特派員|特派员)\s*(?=[\u3400-\u9fff\uac00-\ud7af])"
    careful = _any_of("careful_openers")
    return re.compile(
        rf"\W?(?:(?i:{_joined_openers()}(?:{_SIGNS}|\s+))|(?:{careful})(?:{_SIGNS}|\s+)|(?i:(?:{careful}){_SIGNS})|"
        rf"{caseless})+(?=\S)"
    )


@cache
def _joined_openers() -> str:
    """Return the pattern of one opener, perhaps joined to others: "Text und Fotos", "Foto og tekst"."""
    conjunctions = "|".join(map(re.escape, sorted(word_tables.words("credits", "conjunctions"))))
    joined = rf"\s*(?:/|,|\+|&|·|・|\b(?:{conjunctions})\b)\s*"
    other, opener = _any_of("others"), _any_of("openers")
    return rf"(?:(?:{other}){joined})?(?:{opener})(?:{joined}(?:{opener}|{other}))*"


@cache
def _labels() -> re.Pattern[str]:
    """Return the pattern of labels in a line, which have a colon ("Text:"), or end with "by" ("edited by")."""
    phrases = [w for w in words("others") if w.endswith((" by", " von", " par", " por", " di", " av", " af"))]
    spaced = "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(phrases, key=len, reverse=True))
    return re.compile(
        rf"(?<!\w)(?:(?P<writer>{_joined_openers()}{_SIGNS}|(?:記者|记者|撰文|採訪|采写)\s+)|"
        rf"(?:and\s+|und\s+)?(?:{_any_of('others')}){_SIGNS}|(?:{spaced})\s+(?=\S))",
        re.I,
    )


@cache
def _roles() -> tuple[re.Pattern[str], re.Pattern[str]]:
    roles = _any_of("roles")
    return re.compile(rf"^(?:{roles})\s+", re.I), re.compile(rf"\s+(?:{roles})$", re.I)


@cache
def _tails() -> re.Pattern[str]:
    return re.compile(rf"\s+(?:{_any_of('tails')})(?:\s+[^\W\d_]*)?\W*$", re.I)


#: Words between a name and a date.
_BEFORE_DATE = r"(?:on|at|am|um|le|el|il|em|den|op|dne|dnia|в|w|pada|,|-|–)"
_CLOCK = (
    r"(?:,?\s*(?:\w{1,4}\s+)?\d{1,2}[:.h]\d{2}(?::\d{2})?"
    r"(?:\s*(?:Uhr|uur|h|[ap]\.?\s?m\b\.?))?(?:\s+[A-Z]{2,4}\b)?)?"
)


@cache
def _date_tail() -> re.Pattern[str]:
    """Return the pattern of the rest of a date after a name: "on March 3", "Monday"."""
    date = rf"(?:\d|(?:{_months()})\.?\s+\d|(?:{_any_of('weekdays')})\b)"
    return re.compile(rf"[\s,]+(?:{_BEFORE_DATE}\s+)*{date}.*$", re.I)


@cache
def _dates() -> re.Pattern[str]:
    weekday, month = rf"(?:(?:{_any_of('weekdays')})\b\.?,?\s+)?", rf"(?:{_months()})\b\.?"
    day_first = rf"\d{{1,2}}(?:\.|st|nd|rd|th|er)?\s+(?:de\s+)?{month}"
    month_first = rf"{month}\s+\d{{1,2}}(?:st|nd|rd|th)?\b"
    year = r"(?:,?\s*(?:de\s+)?\d{4})?"
    digits = r"\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\d{4}[-./年]\s?\d{1,2}[-./月]\s?\d{1,2}日?"
    date = rf"{weekday}(?:(?:{day_first}|{month_first}){year}|{digits})"
    return re.compile(rf"(?:(?<!\w)|(?-i:(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])))(?:{_BEFORE_DATE}\s+)?{date}(?!\w){_CLOCK}", re.I)


@cache
def _months() -> str:
    months = {m for names in word_tables.load("dates")["months"].values() for m in names if len(m) >= _MONTH_SIZE}
    return "|".join(re.escape(m) for m in sorted(months, key=len, reverse=True))
