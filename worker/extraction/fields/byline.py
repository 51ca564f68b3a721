"""Bylines: the names of people, and of organisations, in a printed line.

"By Colm Hennigan and Yesenia Cantero, Associated Press"   two people, one agency
"Von Friederike Lampe (dpa)"                               one person, one agency
"Redaktion hessenschau.de", "ORF.at"                       an organisation
"박준석 기자", "Elena Oberholzer (obe)", "Jane Doe | Political Editor"   one person each
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from worker.extraction.text import agencies
from worker.extraction.text.date_parser import parse as parse_date
from worker.extraction.text.normalize import name_key
from worker.extraction.text.person_names import is_person, tidy, words


@dataclass(frozen=True, slots=True)
class Byline:
    """The names of a byline."""

    people: tuple[str, ...] = ()
    agency: str | None = None  #: as it is stored: "AP"
    printed: tuple[str, ...] = ()  #: all names, organisations as printed, each once, in order


MAX_BYLINE = 400  #: characters; a longer text is not a byline

_LONGEST_LINE = 120  #: characters of a block that is a byline, at most
_OPENED = re.compile(r"(?:(?:written |reported |story )?by|von|par|por|door|af|av|oleh|di)\s*:?\s+(?=\S)", re.I)
_CUT = re.compile(r"\s*(?:[;|\n•·‧＆&/／、]|\s[–—-]\s|,(?!\s*(?:Jr|Sr|II|III|Ph\.?D|M\.?D)\b))\s*", re.I)
_BRACKETS = re.compile(r"\s*[(\[（]([^()\[\]（）]{0,60})[)\]）]")
_CONTACT = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|(?<!\w)@\w+")
_ROLE_TAIL = re.compile(r"\s+(?:기자|특파원|논설위원|기자입니다|記者|记者)\s*(?:외 \d+명)?$")
_ROLE_HEAD = re.compile(r"^(?:本[報报])?(?:特[約约派])?(?:記者|记者|特派員|特派员)[:：\s]*(?=[\u3400-\u9fff])")
_DATELINE_ENDINGS = ("報導", "报道", "报导", "報道")  # "台北報導": reported from Taipei
_NOT_A_NAME = re.compile(r"\d|[{}<>\\=_#\"“”„%€$]|^\W*$")
_PHOTO_CREDIT = re.compile(
    r"\W*(?:foto|photo|bild|image|picture|illustration|grafik|credit|©)\w*\s*(?:[:©]|by\b|von\b)", re.I
)
#: Plain text may join a name and the next word: "Von Friederike LampeVeröffentlicht".
_JOINED_WORDS = re.compile(
    r"(?<=[a-zß-ÿ])(?=(?:Published|Posted|Updated|Veröffentlicht|Aktualisiert|Publié|Publicado|Pubblicato)\b)"
)
_PLACE = re.compile(r"\s(?:in|aus|from)\s[A-ZÀ-Þ][\w .-]+$")
_UPDATED = re.compile(
    r"\b(?:updated|published|posted|aktualisiert|veröffentlicht|publié|publicado|actualizado|pubblicato|min read|"
    r"lesezeit)\b.*",
    re.I,
)
#: "Text: Anna Berg Foto: Per Ström", "Written by Jane Roe Edited by John Doe": the following names are not authors.
_OTHER_CREDITS = re.compile(
    r"(?<=[^\s&])(?<!and)(?<!und)(?<!et)(?<!och)(?<! y)\W+(?:"
    r"(?:fotos?|photos?|bild(?:er)?|illustrations?|grafik|graphics?|video|redigering|redigerare)\s*:|"
    r"(?:edited|editing|translated|photographs?|photography|photos|illustrated|fact[- ]checked|reviewed)\s+by\b).*",
    re.I | re.S,
)


def parse(text: str, publisher: str | None = None) -> Byline:
    """Return the names of one printed byline. Never raises an error."""
    return combine([text], publisher)


def combine(names: Iterable[str], publisher: str | None = None) -> Byline:
    """Return the names of several bylines, each person once.

    `publisher` is a name that is never taken for a person.
    """
    return _combined(tuple(names), publisher)


@lru_cache(maxsize=4096)
def _combined(names: tuple[str, ...], publisher: str | None) -> Byline:
    people: dict[str, str] = {}
    printed: dict[str, str] = {}
    agency: str | None = None
    for part in (p for n in names for p in parts(n)):
        agency_found = agencies.find(part)
        if agency_found is not None:
            agency = agency or (agency_found.name if agency_found.is_wire else None)
            printed.setdefault(part.casefold(), part)
        elif is_person(part) and not _is_publisher(part, publisher):
            people.setdefault(_key(part), tidy(part))
            printed.setdefault(_key(part), tidy(part))
        elif _is_organisation(part):
            printed.setdefault(part.casefold(), part)
    return Byline(people=tuple(people.values()), agency=agency, printed=tuple(printed.values()))


def is_credit_line(text: str) -> bool:
    """Return True if a line is a photo credit: "Foto: dpa"."""
    return bool(_PHOTO_CREDIT.match(text))


def is_byline(text: str) -> bool:
    """Return True if a line is a byline and nothing else, perhaps with a date: "3.5.2024 | Von Anna Roe"."""
    if len(text) > _LONGEST_LINE:
        return False
    pieces = [p for p in re.split(r"\s*[|·•]\s*", text) if p]
    opened_piece = next((p for p in pieces if _OPENED.match(p)), None)
    if opened_piece is None or any(p != opened_piece and parse_date(p) is None for p in pieces):
        return False
    found = parse(opened_piece)
    return bool(found.people) and len(found.printed) <= len(found.people) + (found.agency is not None)


def parts(text: str) -> list[str]:
    """Return the names in a byline, without "By", roles, URLs and e-mail addresses."""
    text = _JOINED_WORDS.sub(" ", text[:MAX_BYLINE])
    text = _OTHER_CREDITS.sub("", _UPDATED.sub("", _CONTACT.sub(" ", text)))
    text = " ".join(text.split()).strip(" .,;:-–—|/•·")
    bracketed = [b for b in _BRACKETS.findall(text) if agencies.find(b) is not None]
    text = _opening().sub("", _BRACKETS.sub(" ", text)).strip()
    cut = [p for piece in _CUT.split(text) for p in _joined().split(piece)]
    return [p for c in [*cut, *bracketed] if (p := _clean_name(c))]


def _clean_name(part: str) -> str:
    part = _opening().sub("", _without_east_asian_role(part.strip(" .,;:-–—|/•·*‚'’\"")))
    part = re.sub(r"\s+", " ", part).strip(" :")
    folded = part.casefold()
    if (
        not part
        or folded in words("byline_roles")
        or len(part) > 60
        or part.endswith(_DATELINE_ENDINGS)
        or _is_role(part)
    ):
        return ""
    return _without_role(part)


def _without_east_asian_role(part: str) -> str:
    return _ROLE_HEAD.sub("", _ROLE_TAIL.sub("", part))


def _is_role(part: str) -> bool:
    """Return True for a role without a name: "Senior Political Correspondent"."""
    return (
        _roles()[1].search(part) is not None
        and not is_person(_roles()[1].sub("", part))
        and agencies.find(part) is None
    )


def _without_role(part: str) -> str:
    """Return the name alone: "Political Editor Jane Doe", "Jane Doe Staff Writer", "Jane Doe in Washington"."""
    part = _PLACE.sub("", part)
    for pattern in _roles():
        shorter = pattern.sub("", part).strip(" ,:-–")
        if shorter != part and is_person(shorter):
            return shorter
    return part


def _is_organisation(part: str) -> bool:
    """Return True for an organisation that may be an author: "ORF.at", "BR24 Redaktion", "Le Monde".

    A sentence or a role is not one.
    """
    if _NOT_A_NAME.search(re.sub(r"(?<=[A-Za-z])\d+", "", part)) and agencies.find(part) is None:
        return False
    tokens = part.split()
    return len(tokens) <= 5 and (len(part) > 2 or part.isupper()) and not part.casefold().endswith((" min", " uhr"))


def _is_publisher(part: str, publisher: str | None) -> bool:
    return bool(publisher) and name_key(part) in name_key(publisher or "")


def _key(name: str) -> str:
    return name_key(tidy(name))


@cache
def _opening() -> re.Pattern[str]:
    """Return the pattern of "By", "Von", "Text:" and the like, with or without a colon."""
    openers = "|".join(re.escape(w) for w in sorted(words("byline_openers"), key=len, reverse=True))
    return re.compile(rf"^(?:(?:{openers})(?:\s*:\s*|\s+))+(?=\S)", re.I)


@cache
def _joined() -> re.Pattern[str]:
    """Return the pattern of "and", "und", "y" between names; "e" and "i" count only before a capital."""
    joined = "|".join(re.escape(w) for w in sorted(words("conjunctions"), key=len, reverse=True))
    return re.compile(rf"\s+(?:{joined}|{joined.upper()}|with|mit|avec|con|for|For|FOR|für|pour)\s+(?=[^\W\d_a-zß-ÿ])")


@cache
def _roles() -> tuple[re.Pattern[str], ...]:
    roles = "|".join(re.escape(w) for w in sorted(words("byline_roles"), key=len, reverse=True))
    return re.compile(rf"^(?:{roles})\s+", re.I), re.compile(rf"\s+(?:{roles})$", re.I)
