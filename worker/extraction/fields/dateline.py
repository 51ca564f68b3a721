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

from worker.extraction.text import agencies
from worker.extraction.text.person_names import words


@dataclass(frozen=True, slots=True)
class Dateline:
    """The dateline of an article."""

    place: str | None  #: as printed: "HANOI, Vietnam"; None if there is only an agency
    agency: str | None  #: as it is stored: "AP"; None if absent or unknown
    rest: str  #: the paragraph after the dateline


_LONGEST = 100  #: characters up to the dash, at most

_UPPER = r"[^\W\d_a-zß-ÿ]"
_WORD = (
    rf"(?:(?:{_UPPER}[^\W\d_]{{0,2}}\.)+|{_UPPER}[^\W\d_]*(?:['’-][^\W\d_]+)*)"  # "ST.", "S.D.", "Coeur", "O'Fallon"
)
_STATE = rf"(?:(?:{_UPPER}\.)+|{_UPPER}[^\W\d_]{{1,4}}\.|{_WORD}(?: {_WORD}){{0,2}})"
_SMALL = r"(?:of|the|de|del|la|las|los|le|les|sur|am|an|der|im|bei|do|da|di|du|el|al|upon|en|St\.)"
_PLACE = rf"{_WORD}(?:(?: |(?<=\.)-)(?:(?:{_SMALL}) )*{_WORD}){{0,4}}"
_DATE = r"(?:\d{1,2}\.? ?(?:de )?[^\W\d_]{3,10}\.?|[^\W\d_]{3,9}\.? \d{1,2})(?:[ ,]+(?:de )?\d{4})?"
_DASH = r"(?:\s*(?:--+|[—–―]|\.\s?[-–—])\s*|\s+-\s+)"
_SHAPE = re.compile(
    rf"^(?P<place>{_PLACE}(?:\s?/\s?{_PLACE})*(?:, (?!{_DATE}){_STATE})?)?"
    rf"(?:,\s*(?P<date>{_DATE}))?"
    rf"\s*(?:[(/](?P<agency>[^()/]{{2,40}}(?:/[^()/]{{2,20}})?)[)/]\.?)?"
    rf"(?:,\s*{_DATE})?"
    rf"(?P<end>{_DASH}|:\s+|\.\s+|\s+)",
)

_PIPED = re.compile(
    rf"(?P<place>{_UPPER}{{3,}}(?:[ /-]{_UPPER}{{2,}}){{0,3}}) (?P<agency>[a-zß-ÿ][a-zß-ÿ/-]{{1,20}}) \|\s*(?=\S)"
)
_EAST_ASIAN = (
    re.compile(r"[【\[](?P<place>[^\W\d]{2,12})[=＝・](?P<agency>[^】\]]{2,20})[】\]]\s*"),
    re.compile(r"[(\[（](?P<place>[가-힣]{2,8})[=＝](?P<agency>[^)\]）]{2,20})[)\]）]\s*(?:[^=＝]{2,20}[=＝]\s*)?"),
    re.compile(
        r"[（(]?(?P<agency>\w{2,4}社)(?P<place>[\u4e00-\u9fff]{2,8}?)(?:\d{1,2}月)?\d{1,2}日[电電讯訊][）)]?\s*"
    ),
)


def parse(paragraph: str) -> Dateline | None:
    """Return the dateline at the beginning of a paragraph, or None."""
    paragraph = " ".join(paragraph[: _LONGEST * 3].split()) if len(paragraph) < _LONGEST * 3 else paragraph.strip()
    if (found := _before_bar(paragraph) or _east_asian(paragraph)) is not None:
        return found
    match = _SHAPE.match(paragraph[:_LONGEST])
    if not match or not (match["place"] or match["agency"]):
        return None
    rest = paragraph[match.end() :]
    agency = _agency(match["agency"])
    if match["place"] is None and agency is not None and (after := _after_agency(rest, agency)) is not None:
        return after
    if not _is_plausible(match["place"], match["agency"], agency, match["end"], rest, dated=bool(match["date"])):
        return None
    place = match["place"]
    if agency is None and place and (last := _agency(place.rpartition(" ")[2])) is not None and " " in place:
        place, agency = place.rpartition(" ")[0], last  # "HELSINKI AFP – "
    return Dateline(place=place, agency=agency.name if agency else None, rest=rest)


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
    for pattern in _EAST_ASIAN:
        if match := pattern.match(paragraph):
            agency = _agency(match["agency"])
            return Dateline(place=match["place"], agency=agency.name if agency else None, rest=paragraph[match.end() :])
    return None


def _is_plausible(
    place: str | None, printed: str | None, agency: agencies.Agency | None, end: str, rest: str, *, dated: bool
) -> bool:
    dash = bool(end.strip()) and end.strip() not in (":", ".")
    if not _begins_sentence(rest) or (place and _is_not_a_place(place)):
        return False
    if place is None or agency is not None:
        return agency is not None and (dash or bool(place and (place.isupper() or end in (" ", ": "))))
    if printed is not None:
        return dash and (_is_in_capitals(place) or len(printed.split()) <= 4)
    return _is_plausible_alone(place, end, dash=dash, dated=dated)


def _is_plausible_alone(place: str, end: str, *, dash: bool, dated: bool) -> bool:
    """Return True if the place is plausible without brackets after it.

    "A – ", "KFT – " and "ISBN: " are subjects: datelines do not have such short towns.
    """
    if len(place) < 4:
        return False
    if _is_in_capitals(place):
        return dash or end == ". " or (end == ": " and _may_have_colon(place))
    return dash and (dated or (len(place.split()) <= 3 and not end.startswith(".")))


def _begins_sentence(rest: str) -> bool:
    opening = rest.lstrip("„“\"'«»‘’¿¡([ \u00a0")
    return bool(opening) and (opening[0].isupper() or opening[0].isdigit() or not opening[0].isascii())


def _is_in_capitals(place: str) -> bool:
    """Return True if the town is in capitals. The part after a comma need not be: "SANTA LUCINDA, Calif."."""
    town = re.split(r",|/", place, maxsplit=1)[0]
    letters = [w for w in town.split() if w.casefold() not in words("particles")]
    return bool(letters) and all(w.isupper() for w in letters) and len(town) > 2


def _may_have_colon(place: str) -> bool:
    """Return True if a colon may follow: "BHOPAL:" and "NEW DELHI:" are places, "FACT CHECK:" is a kicker."""
    first, *more = place.casefold().split()
    return not more or first in words("place_openers")


def _is_not_a_place(place: str) -> bool:
    folded = place.casefold()
    is_address = re.search(r"[^\W\d_]{4}\.[^\W\d_]", place)
    return bool(is_address) or folded in words("not_places") or folded.split()[0] in words("not_places")


def _agency(printed: str | None) -> agencies.Agency | None:
    """Return the news agency in the brackets, also if a regional office follows: "(dpa/lni)"."""
    for part in re.split(r"[/,;]", printed or ""):
        if (found := agencies.find(part)) is not None and found.is_wire:
            return found
    return None
