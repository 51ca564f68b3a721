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

from worker.extraction import word_tables
from worker.extraction.fields import byline_words
from worker.extraction.text import agencies
from worker.extraction.text.date_parser import parse as parse_date
from worker.extraction.text.normalize import name_key
from worker.extraction.text.person_names import is_person, tidy


@dataclass(frozen=True, slots=True)
class Byline:
    """The names of a byline."""

    people: tuple[str, ...] = ()
    agency: str | None = None  #: as it is stored: "AP"
    printed: tuple[str, ...] = ()  #: all names, organisations as printed, each once, in order


MAX_BYLINE = 400  #: characters; a longer text is not a byline

_LONGEST_LINE = 160  #: characters of a line that is a byline, at most
_LONGEST_NAME = 60  #: characters of one name, at most
_CUT = re.compile(r"\s*(?:[;|\n•·‧＆&/／、▪●]|\s[–—-]\s|,(?!\s*(?:Jr|Sr|II|III|Ph\.?D|M\.?D)\b))\s*", re.I)
_SHORTEST = 8  #: characters of a name with a role, at least
_ROLE_PIECES = re.compile(r"\s*[,|·•‧▪●]\s*")
_PIECES = re.compile(r"\s*[|·•‧▪●]\s*|\s+[–—-]\s+")  #: "3.5.2024 | Von Anna Roe"
_BRACKETS = re.compile(r"\s*[(\[（【]([^()\[\]（）【】]{0,60})[)\]）】]")
_CONTACT = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|(?<!\w)@\w+")
_ROLE_TAIL = re.compile(
    r"(?:(?<=[\uac00-\ud7af])\s+(?:[\uac00-\ud7af]{1,6}\s*)?(?:기자|특파원|논설위원|위원|기자입니다|통신원|인턴)|"
    r"(?<=[\u3040-\u9fff])\s*(?:記者|记者|特派員|特派员|編集委員|論説委員))\s*(?:외 \d+명)?(?:\s*=)?$"
)
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
    r"\b(?:updated|published(?!\s+by)|posted on|aktualisiert|veröffentlicht am|publié le|publicado el|actualizado|"
    r"pubblicato il|min read|lesezeit)\b.*",
    re.I,
)
#: "Posted on March 3, 2020 by Jane Roe", "20 minutes ago by Jane Roe".
_LATE_OPENER = re.compile(r"\s(?i:by|von|par|por|door|av|af|di|da)\s+(?=[^\W\d_a-zß-ÿ])")
#: "… the end. (Jane Roe)", "— Jane Roe".
_SIGNED = re.compile(r"[.!?。！？”」»]\s*[(（【\[]([^()（）【】\[\]]{2,40})[)）】\]]$")
_DASHED = re.compile(r"[–—]\s*([^–—]{3,40})")
_AROUND_DATE = re.compile(
    r"[|–,:-]|\d+|posted|published|updated|written|on|at|ago|in|am|um|vor|hace|il|le|el|the|min(?:ute)?s?|h(?:ou)?rs?|"
    r"days?|uhr|minuten|stunden|tagen|horas|minutos|días|publicado|publié|pubblicato|veröffentlicht"
)
_WORDS_BEFORE = 4  #: words before a late "by", besides the date, at most: "20 minutes ago"
_EAST_ASIAN_ROLE = re.compile("기자|특파원|위원|통신원|記者|记者|特派|委員")
_CAPITAL_AND = re.compile(r"\s[EYIИ]\s")
_SURNAME_FIRST = re.compile(r"([^\W\d_][\w'’-]+),\s+([^\W\d_][\w'’-]+)(\s+[A-Z]\.?)?")  #: "Roe, Jane M."
_EDGES = " .,;:-–—|/•·*‚'’\"_=["


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
        if people and _is_place(part):
            continue
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


def _is_place(part: str) -> bool:
    """Return True for a place after a name: "Jane Roe, New York"."""
    first, *more = part.casefold().split()
    return len(more) == 1 and first in word_tables.words("fields", "place_openers")


def is_credit_line(text: str) -> bool:
    """Return True if a line is a photo credit: "Foto: dpa"."""
    return bool(_PHOTO_CREDIT.match(text))


def is_byline(text: str) -> bool:
    """Return True if a line is a byline and nothing else, perhaps with a date: "3.5.2024 | Von Anna Roe"."""
    if len(text) > _LONGEST_LINE:
        return False
    pieces = [p for p in _PIECES.split(text.lstrip(_EDGES)) if p]
    opened = next((p for p in pieces if is_opened(p)), None)
    if opened is None:
        return False
    found = parse(opened)
    others = [name for name in found.printed if name not in found.people and agencies.find(name) is None]
    if not found.people or len(others) > 1 or any(name[:1].islower() for name in others):
        return False
    return all(p == opened or parse_date(p) is not None or _is_name_or_role(p) for p in pieces)


def is_opened(text: str) -> bool:
    """Return True if a text begins like a byline ("By …", "Posted on March 3 by …"), or ends like one ("… 기자")."""
    if byline_words.is_opened(text) or _from_late_opener(text) != text:
        return True
    return _EAST_ASIAN_ROLE.search(text) is not None and _ROLE_TAIL.search(_CONTACT.sub("", text).strip()) is not None


def has_role(text: str) -> bool:
    """Return True if a line names people, and a role behind a comma or bar: "Jane Roe, Harbour correspondent"."""
    if not _SHORTEST < len(text) <= _LONGEST_LINE or text.endswith((".", ":", "?", "!")):
        return False
    pieces = _ROLE_PIECES.split(text)
    if len(pieces) < 2 or not any(byline_words.is_role(p) or byline_words.ends_with_role(p) for p in pieces[1:]):
        return False
    found = parse(text)
    return bool(found.people) and found.people == found.printed and is_person(pieces[0])


def signature(text: str, publisher: str | None = None) -> Byline:
    """Return the names that sign an article, in a line of their own or in brackets after its last sentence."""
    if len(text) <= _LONGEST_LINE and is_byline(text):
        return parse(text, publisher)
    match = _SIGNED.search(text[-_LONGEST_NAME:]) or _BRACKETS.fullmatch(text) or _DASHED.fullmatch(text)
    found = parse(match[1], publisher) if match else Byline()
    return found if len(found.people) == len(found.printed) else Byline()


def _is_name_or_role(piece: str) -> bool:
    return byline_words.is_role(piece) or is_person(piece) or agencies.find(piece) is not None or not parts(piece)


def parts(text: str) -> list[str]:
    """Return the names in a byline, without "By", roles, URLs and e-mail addresses."""
    text = _JOINED_WORDS.sub(" ", _CONTACT.sub(" ", text[:MAX_BYLINE]))
    text = byline_words.writers(_UPDATED.sub("", _from_late_opener(" ".join(text.split()))))
    text = byline_words.without_dates(_unwrapped(text)).strip(_EDGES)
    bracketed = [b for b in _BRACKETS.findall(text) if agencies.find(b) is not None]
    text = byline_words.without_opener(_BRACKETS.sub(" ", text).strip())
    if (turned := _SURNAME_FIRST.fullmatch(text)) and turned[2].casefold() in word_tables.words("names", "given"):
        text = f"{turned[2]}{turned[3] or ''} {turned[1]}"
    pieces = (tidy(p) if p.isupper() and _CAPITAL_AND.search(p) else p for p in _CUT.split(text))
    cut = [p for piece in pieces for p in _joined().split(f" {piece}")]
    return [p for c in [*cut, *bracketed] if (p := _clean_name(c))]


def _unwrapped(text: str) -> str:
    """Return the text in brackets if nothing is outside of them."""
    match = _BRACKETS.fullmatch(text)
    return match[1] if match else text


def _from_late_opener(text: str) -> str:
    """Return the part after "by" if what precedes it is a date, or says that the article was published."""
    for match in _LATE_OPENER.finditer(text[:_LONGEST_LINE]):
        before = byline_words.without_dates(text[: match.start()]).casefold().split()
        is_dated = any(c.isdigit() for c in text[: match.start()]) or before[:1] in (["posted"], ["published"])
        if is_dated and len(before) <= _WORDS_BEFORE and all(map(_AROUND_DATE.fullmatch, before)):
            return text[match.end() :]
    return text


def _clean_name(part: str) -> str:
    if byline_words.is_role(part.strip(_EDGES)):
        return ""
    part = byline_words.without_opener(_ROLE_TAIL.sub("", part.strip(_EDGES)))
    part = re.sub(r"\s+", " ", _doubled(_without_tail(part))).strip(_EDGES)
    if (
        not part
        or len(part) > _LONGEST_NAME
        or byline_words.is_role(part)
        or byline_words.is_opener(part)
        or part.casefold() in byline_words.words("not_names")
        or part in word_tables.load("dates")["zones"]
        or part.endswith(_DATELINE_ENDINGS)
        or _is_role(part)
    ):
        return ""
    return _without_role(part)


def _without_tail(part: str) -> str:
    """Return the name without the words after it, unless that leaves no name: "The Mail on Sunday"."""
    shorter = byline_words.without_tail(part)
    return shorter if is_person(shorter) or is_person(_without_role(shorter)) else part


def _doubled(part: str) -> str:
    """Return "Jane Roe" for "Jane Roe Jane Roe", which a portrait's text and the name give together."""
    tokens = part.split()
    half = len(tokens) // 2
    return " ".join(tokens[:half]) if half and tokens[:half] == tokens[half:] else part


def _is_role(part: str) -> bool:
    """Return True for a role without a name: "Senior Political Correspondent"."""
    return (
        byline_words.ends_with_role(part)
        and not any(map(is_person, byline_words.without_role(part)))
        and agencies.find(part) is None
        and not part.casefold().endswith(" staff")  # "Ledger Staff" is an organisation
    )


def _without_role(part: str) -> str:
    """Return the name alone: "Political Editor Jane Doe", "Jane Doe Staff Writer", "Jane Doe in Washington"."""
    part = _PLACE.sub("", part)
    return next((shorter for shorter in byline_words.without_role(part) if is_person(shorter)), part)


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
def _joined() -> re.Pattern[str]:
    """Return the pattern of "and", "und", "y" between names, before a capital."""
    table = word_tables.words("credits", "conjunctions")
    cased = (f for w in table for f in (w, w.upper(), w.title()) if len(w) > 1 or f == w)
    every = {*cased, *byline_words.words("conjunctions")}
    joined = "|".join(re.escape(w) for w in sorted(every, key=len, reverse=True))
    return re.compile(rf"\s+(?:{joined}|with|mit|avec|con|for|For|FOR|für|pour)\s+(?=[^\W\d_a-zß-ÿ])")
