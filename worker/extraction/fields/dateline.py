"""The dateline at the beginning of an article: its place, and the agency.

    WASHINGTON (AP) — ...    SEOUL – ...    BERLIN (dpa) - ...    LIMA, 23 jun (EFE).- ...
    QUARRY BEND, Tenn. (WKHL) -- ...        MÜNCHEN. Der ...      Rennes (AFP) – ...
    (Reuters) - ...          BERLIN dpa | ...    МОСКВА, 24 ноября. /ТАСС/. ...    (ANSA) - ROMA, 24 NOV - ...
    By X, AP: not a dateline

A place has one to four words, each with a capital, and perhaps a state or a country after a comma. In capitals, any
dash or a full stop may follow it. In ordinary case, an agency in brackets or a dash must follow. A sentence must come
next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from worker.extraction import word_tables
from worker.extraction.fields import dateline_east_asian
from worker.extraction.text import agencies, text_size
from worker.extraction.text.person_names import words


@dataclass(frozen=True, slots=True)
class Dateline:
    """The dateline of an article."""

    place: str | None  #: as printed: "HANOI, Vietnam"; None if there is only an agency
    agency: str | None  #: as it is stored: "AP"; None if absent or unknown
    rest: str  #: the paragraph after the dateline


_LONGEST = 100  #: characters up to the dash, at most
_SHORTEST = 4  #: letters of a place, at least
_SIGN = 5  #: letters of an agency's sign, at most
_BAR_WORDS = 2  #: words of a place before a bar, at most
_STATE_LETTERS = 2  #: letters of a state's abbreviation

_UPPER = r"[^\W\d_a-zß-ÿ]"
_WORD = (  # "ST.", "S.D.", "Coeur", "O'Fallon", "d'Alene", "'s-Hertogenbosch"
    rf"(?:(?:{_UPPER}[^\W\d_]{{0,2}}\.)+|(?:[dl]['’]|['’]s-)?{_UPPER}[^\W\d_]*(?:['’-][^\W\d_]+)*)"
)
_STATE = rf"(?:(?:{_UPPER}\.)+|{_UPPER}[^\W\d_]{{1,4}}\.|{_WORD}(?: {_WORD}){{0,2}})"
_SMALL = r"(?:of|the|de|del|la|las|los|le|les|sur|am|an|der|im|bei|do|da|di|du|el|al|upon|en|St\.)"
_PLACE = rf"{_WORD}(?:(?: |(?<=\.)-)(?:(?:{_SMALL}) )*{_WORD}){{0,4}}"
_MONTH = r"[^\W\d_]{3,10}\.?"
_DATE = (  # "24 November", "Nov. 24, 2026", "2026. november 24., kedd", "24.11.2026"
    rf"(?:\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|\d{{4}}\. {_MONTH} \d{{1,2}}\.(?:, [^\W\d_]{{3,12}})?"
    rf"|(?:\d{{1,2}}\.? ?(?:de )?{_MONTH}|[^\W\d_]{{3,10}}\.? \d{{1,2}}\.?)(?:[ ,]+(?:de )?\d{{4}})?)"
)
_DASH = r"(?:\s*(?:--+|[—–―]|\.\s?[-–—])\s*|\s+-\s+)"
_OUTLET = r"[^\W\d_][\w-]*\.[A-Za-z]{2,4}(?:\.[A-Za-z]{2})?"  # "KOMPAS.com"
_PLACES = rf"(?P<place>{_PLACE}(?:\s?/\s?{_PLACE})*(?:, (?!{_DATE}){_STATE})?)"
_SHAPE = re.compile(
    rf"^{_PLACES}?"
    rf"(?:,\s*(?P<date>{_DATE})|\s(?P<date_before_agency>{_DATE})(?=\s*\())?"
    rf"\s*(?:[(/](?P<agency>[^()/]{{2,40}}(?:/[^()/]{{2,20}})?)[)/]\.?)?"
    rf"(?:,\s*{_DATE})?"
    rf"(?P<end>{_DASH}|:\s+|\.\s+|\s+\|\s+|\s+)",
)
#: A dateline with the agency or the outlet outside of brackets: "Accra, Nov. 24, GNA – ", "TEMPO.CO, Jakarta - ".
_NAMED = re.compile(
    rf"^(?:(?P<outlet>{_OUTLET}), )?{_PLACES}(?:(?:,|\.) (?P<date>{_DATE}))?"
    rf"(?:\.?,? (?:[-–—] )?(?P<agency>{_OUTLET}|[^\W\d_]+(?: [^\W\d_]+)?))?(?P<end>{_DASH}|[:.]\s+|\s+)"
)
#: A dateline in a script without capitals whose vowel signs are not letters in Python: "नई दिल्ली: ".
_CASELESS_WORD = r"[\u0600-\u06ff\u0900-\u0dff]{2,}"
_CASELESS = re.compile(
    rf"^(?P<place>{_CASELESS_WORD}(?: {_CASELESS_WORD})?)(?:, (?P<date>\d{{1,2}} {_CASELESS_WORD}))?"
    rf"\s*(?:[(/](?P<agency>[^()/]{{2,30}})[)/])?(?P<end>\s*[-–—:]\s+|\s+)"
)
_CORRESPONDENT = re.compile(
    r"^(?:\w+ )*(?:corrispondente|inviat[oa]|corresponsal|correspondant|envoyée? spéciale?) ", re.I
)

_HAS_DIGIT = re.compile(r"\d")
_PIPED = re.compile(
    rf"(?P<place>{_UPPER}{{3,}}(?:[ /-]{_UPPER}{{2,}}){{0,3}}) (?P<agency>[a-zß-ÿ][a-zß-ÿ/-]{{1,20}}) \|\s*(?=\S)"
)


def parse(paragraph: str) -> Dateline | None:
    """Return the dateline at the beginning of a paragraph, or None."""
    paragraph = " ".join(paragraph[: _LONGEST * 3].split()) if len(paragraph) < _LONGEST * 3 else paragraph.strip()
    for find in (_before_bar, _east_asian, _with_outlet, _caseless):
        if (found := find(paragraph)) is not None:
            return found
    match = _SHAPE.match(paragraph[:_LONGEST])
    if not match or not (match["place"] or match["agency"]):
        return None
    rest = paragraph[match.end() :]
    agency = _agency(match["agency"])
    if match["place"] is None and agency is not None and (after := _after_agency(rest, agency)) is not None:
        return after
    dated = bool(match["date"] or match["date_before_agency"])
    if not _is_plausible(match["place"], match["agency"], agency, match["end"], rest, dated=dated):
        return None
    place = match["place"]
    if agency is None and place and (last := _agency(place.rpartition(" ")[2])) is not None and " " in place:
        place, agency = place.rpartition(" ")[0], last  # "HELSINKI AFP – "
    place = _CORRESPONDENT.sub("", place) if place else None
    return Dateline(place=place, agency=agency.name if agency else None, rest=rest)


def parse_place(text: str) -> Dateline | None:
    """Return the dateline in the text of an element that is set apart for it: "Berlin", "HANOI, Vietnam (AP)"."""
    found = parse(f"{text.rstrip(' .,;:|/-–—')} — A sentence")
    return found if found and found.place and not _HAS_DIGIT.search(found.place) else None


def _with_outlet(paragraph: str) -> Dateline | None:
    """Return a dateline with an agency or an outlet outside of brackets, which must be known or a host."""
    match = _NAMED.match(paragraph[:_LONGEST])
    if not match:
        return None
    place, named, rest = match["place"], match["agency"], paragraph[match.end() :]
    town, _, state = place.partition(", ")
    if not (match["outlet"] or named) and state and _is_outlet(state):
        place, named = town, state  # "Jakarta, CNN Indonesia -- "
    agency = _agency(named)
    is_known = agency is not None or match["outlet"] or (named and _is_outlet(named))
    if not is_known or _is_not_a_place(place) or len(place) < _SHORTEST or not _begins_sentence(rest):
        return None
    return Dateline(place=place, agency=agency.name if agency else None, rest=rest)


def _is_outlet(name: str) -> bool:
    """Return True for a host, or for an abbreviation with a word: "KOMPAS.com", "CNN Indonesia"."""
    first, _, more = name.partition(" ")
    is_abbreviation = bool(more) and first.isupper() and len(first) > _STATE_LETTERS and not more.isupper()
    return re.fullmatch(_OUTLET, name) is not None or is_abbreviation


def _caseless(paragraph: str) -> Dateline | None:
    """Return a dateline in an Indian script, Arabic or Persian: "नई दिल्ली: ", "मुंबई, 24 नवंबर (भाषा) "."""
    match = _CASELESS.match(paragraph[:_LONGEST])
    if not match or len(match["place"]) < _SHORTEST or _is_not_a_place(match["place"]):
        return None
    if not (match["end"].strip() or (match["date"] and match["agency"])):
        return None
    agency = _agency(match["agency"])
    return Dateline(place=match["place"], agency=agency.name if agency else None, rest=paragraph[match.end() :])


def _after_agency(rest: str, agency: agencies.Agency) -> Dateline | None:
    """Return a dateline with the place and a date after the agency: "(ANSA) - ROMA, 24 NOV - Il …"."""
    match = _SHAPE.match(rest[:_LONGEST])
    if not match or not match["place"] or not match["date"]:
        return None
    after = rest[match.end() :]
    is_plausible = _is_plausible(match["place"], match["agency"], None, match["end"], after, dated=True)
    return Dateline(place=match["place"], agency=agency.name, rest=after) if is_plausible else None


def _before_bar(paragraph: str) -> Dateline | None:
    """Return a dateline of a town in capitals, an agency in small letters and a bar: "BERLIN dpa | Die …"."""
    match = _PIPED.match(paragraph)
    if not match:
        return None
    agency = _agency(match["agency"])
    return Dateline(place=match["place"], agency=agency.name if agency else None, rest=paragraph[match.end() :])


def _east_asian(paragraph: str) -> Dateline | None:
    """Return an East Asian dateline: "【東京=山田太郎】", "(서울=연합뉴스) 김철수 기자 = ", "新华社北京11月24日电"."""
    if not text_size.is_cjk(paragraph[:_LONGEST]):
        return None
    for pattern in dateline_east_asian.PATTERNS:
        if (match := pattern.match(paragraph)) and match["place"] not in _words("not_places"):
            agency = _agency(match["agency"])
            return Dateline(place=match["place"], agency=agency.name if agency else None, rest=paragraph[match.end() :])
    return None


def _is_plausible(
    place: str | None, printed: str | None, agency: agencies.Agency | None, end: str, rest: str, *, dated: bool
) -> bool:
    dash = bool(end.strip()) and end.strip() not in (":", ".", "|")
    if not _begins_sentence(rest) or (place and _is_not_a_place(place)):
        return False
    if place is None or agency is not None:
        return agency is not None and (dash or bool(place and (place.isupper() or end in (" ", ": "))))
    if printed is not None:
        if not dash:
            return dated or _is_short_sign(printed, capitals=is_in_capitals(place))
        return is_in_capitals(place) or len(printed.split()) <= 4
    return _is_plausible_alone(place, end, dash=dash, dated=dated)


def _is_short_sign(printed: str, *, capitals: bool) -> bool:
    """Return True if the text in brackets resembles an agency's sign: "(WKHL)" after capitals, "(sda)"."""
    return printed.isalpha() and len(printed) <= _SIGN and (printed.islower() or (capitals and printed.isupper()))


def _is_plausible_alone(place: str, end: str, *, dash: bool, dated: bool) -> bool:
    """Return True if the place is plausible without brackets after it.

    "A – ", "KFT – " and "ISBN: " are subjects: datelines do not have such short towns.
    """
    if len(place) < _SHORTEST:
        return False
    if is_in_capitals(place):
        is_bar = "|" in end and place.count(" ") < _BAR_WORDS
        return dash or end == ". " or is_bar or (end == ": " and _may_have_colon(place))
    if end == ": ":
        return (
            " " in place and _may_have_colon(place) and place.split(maxsplit=1)[0].casefold() not in words("particles")
        )
    return dash and (dated or (len(place.split()) <= 3 and not end.startswith(".") and not place.startswith("The ")))


def _begins_sentence(rest: str) -> bool:
    opening = rest.lstrip("„“\"'«»‘’¿¡([ \u00a0")
    return bool(opening) and (opening[0].isupper() or opening[0].isdigit() or not opening[0].isascii())


def is_in_capitals(place: str) -> bool:
    """Return True if the town is in capitals. The part after a comma need not be: "SANTA LUCINDA, Calif."."""
    town = re.split(r",|/", place, maxsplit=1)[0]
    letters = [w for w in town.split() if w.casefold() not in words("particles")]
    return bool(letters) and all(w.isupper() for w in letters) and len(town) > 2


def _may_have_colon(place: str) -> bool:
    """Return True if a colon may follow: "BHOPAL:" and "NEW DELHI:" are places, "FACT CHECK:" is a kicker."""
    first, *more = place.casefold().split()
    return not more or first in _words("place_openers")


def _is_not_a_place(place: str) -> bool:
    folded = place.casefold()
    is_address = re.search(r"[^\W\d_]{4}\.[^\W\d_]", place)
    return bool(is_address) or folded in _words("not_places") or folded.split()[0] in _words("not_places")


def _words(kind: str) -> frozenset[str]:
    return word_tables.words("fields", kind)


def _agency(printed: str | None) -> agencies.Agency | None:
    """Return the news agency in the brackets, also if a regional office follows: "(dpa/lni)"."""
    for part in re.split(r"[/,;]", printed or ""):
        if (found := agencies.find(part)) is not None and found.is_wire:
            return found
    return None
