"""Separation of credit lines from captions, and their parts: photographer, agency.

    "... Seoul Monday, June 21, 2021. (Jung Yeon-je/Pool Photo via AP)"   a caption, and a credit in brackets
    "Der Rhein bei Köln. Foto: dpa / Bernd Wüstneck"                      a credit after a label
    "Firefighters rest © Getty Images"                                    a credit after a sign
    "REUTERS/Tolga Erdemir"                                               a credit alone

`parse` finds the credit in a text and reads it; `read` reads a line that is known to be a credit. A line is cut into
parts at slashes, commas, "via" and the like. Each part is an agency (tables/agencies.toml), a role ("Pool", "File",
tables/credits.toml), a person, or an organisation if it is none of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from worker.extraction import word_tables
from worker.extraction.images import credit_labels
from worker.extraction.text import agencies
from worker.extraction.text.person_names import is_person, tidy, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A credit, with the caption before it."""

    caption: str | None = None  #: the text before the credit
    credit_text: str | None = None  #: as printed, without brackets and label
    creators: tuple[str, ...] = ()
    agency: str | None = None


MAX_CREDIT = 200  #: characters; a longer text is not a credit line
_LONGEST_LINE = 500  #: the same with labels, signs and white space

_BRACKETED = re.compile(r"\s*[(\[（［]((?:[^()\[\]（）]|\([^()]{0,60}\)){2,160})[)\]）］]\s*[.。]?\s*$")
_SENTENCE_END = re.compile(r"(?<![\s./][A-Z])(?:[.!?…。](?:[\"'”’»“]|\s?\))?|[”»])\s+(?=\S)")
_SEPARATED = re.compile(r"\s+[|•·–—-]\s+|\s{2,}|\n+")
#: Labels for screen readers before a caption or a credit.
_HIDDEN = re.compile(r"^(?:image|media|video|photo)\s(?:caption|copyright|source|credit)\b[,:]?\s+(?=\S)", re.I)
_ROLE = re.compile(r"\s+(?:사진기자|인턴기자|기자|제공|記者|记者|摄|攝|撮影)$|(?<=[^\W\d_])(?:撮影|摄|攝)$")
_REPORTER = re.compile(r"^\S{0,10}(?:记者|記者)\s*(?=\S)")
#: "…旅客機＝2026年10月3日、山田太郎撮影", "…木板。新华社记者 李华 摄": the photographer comes last.
_TAKEN = re.compile(
    r"^(.+?)(?:[＝=、，（(]|(?<=。))\s*"
    r"((?:[^\s＝=、，。（()）]{1,10}(?:记者|記者)\s*)?[^\s＝=、，。（()）]{2,10}\s?(?:撮影|摄|攝))\s*[)）]?$",
    re.S,
)
#: "Staff photo by", "The Daily Herald file photo by", "Submitted photo by"; the house begins with a capital.
_HOUSE = re.compile(
    r"[(\[]?(?:(?:[A-Z][\w.'’&-]*|of|the)\s+){1,5}(?i:(?:file|staff|special)\s+)?"
    r"(?i:photos?|photographs?|graphic|illustration|images?)\s+(?i:courtesy\s+of|by)\s+(?=\S)"
)
#: "PHOTO ALDO REYES, LA VALLÉE", "Foto Nils Korri/Bild": a label without a colon before names to the end.
_NAME = r"[^\W\d_a-zß-ÿ][\w.'’-]*"
_LABEL_AND_NAME = (
    r"(?:PHOTOS?|FOTOS?|Photo|Foto|Fot\.|ARCHIVES|FOTOĞRAF|ФОТО|Фото)\s+(?=[^\W\d_a-zß-ÿ])"
    rf"(?:{_NAME}[\s,/–-]{{1,3}}|(?:de|van|von|di|la|le|du|et|and|y|via)\s+){{1,9}}{_NAME}"
)
_BARE_LABEL = re.compile(r"^(?:photos?|fotos?|fot\.|archives|фото)\s+", re.I)
_HOUSE_CREDIT = re.compile(
    rf"(?:^|(?<=[.!?…”\"»’)\]])\s+|\s*[(\[|–—\n]\s*)((?:{_HOUSE.pattern}[^.!?]{{2,80}}|{_LABEL_AND_NAME}))[)\]]?\.?$"
)
_EMAIL = re.compile(r"[\s/,;|·–—(<-]*[\w.+-]+@[\w-]+(?:\.[\w-]+)+[)>]?")
_SLASHED = re.compile(r"\s+[/|]\s+")
_SYMBOL = re.compile(r"(?:^|[\s(,.])(?:©|\(c\)|ⓒ|&copy;|Copyright\b)\s*", re.I)
_CUT = re.compile(
    r"\s*(?:[/|;•·,&＋+=]|\s[–—-]+\s|\bvia\b|\bfor\b|\bfür\b|[()\[\]]|\s(?:and|und|et|och|og|en|on)\s(?=[A-ZÀ-Þ]))\s*",
    re.I,
)
_STRONG_CUT = re.compile(r"[/|•]|\bvia\b|[()]|\s[–—-]+\s", re.I)


def parse(text: str, publisher: str | None = None) -> Credit:
    """Return the caption and the credit of a text. Without a credit, the text is all caption. Never raises an error."""
    text = _HIDDEN.sub("", text.strip())
    caption, credit = split(text)
    if credit is None:
        return Credit(caption=caption or None)
    found = read(credit, publisher)
    return Credit(caption=caption or None, credit_text=found.credit_text, creators=found.creators, agency=found.agency)


@lru_cache(maxsize=2048)
def split(text: str) -> tuple[str, str | None]:
    """Return the caption and the credit line (or None). The surest signs of a credit are tried first."""
    text = text.strip()
    for find in (
        _in_brackets, _whole, _after_house, _after_label, _after_sign, _before_role, _after_sentence, _in_front
    ):  # fmt: skip
        if found := find(text):
            return found
    return text, None


def read(line: str, publisher: str | None = None) -> Credit:
    """Return the credit of a line that is known to be one: "Foto: dpa / Bernd Wüstneck"."""
    if len(line) > _LONGEST_LINE:
        return Credit()
    is_courtesy = "courtesy of" in line.casefold()  # the owner of the image, not a photographer
    line = strip_label(line)
    if not line or len(line) > MAX_CREDIT:
        return Credit()
    parts = [p for p in _parts(line) if p]
    found = [agency for p in parts if (agency := agencies.find(p))]
    found += [] if found else [agency for agency, _ in agencies.mentioned(line)]
    wire = next((a for a in found if a.is_wire), None) or next(iter(found), None)
    return Credit(
        credit_text=line,
        creators=() if is_courtesy else _creators(line, parts, publisher),
        agency=wire.name if wire else None,
    )


def strip_label(line: str) -> str:
    """Return a credit line without brackets, label and sign: the credit as a reader would name it."""
    line = _HIDDEN.sub("", " ".join(line.split()))
    while True:
        shorter = _HOUSE.sub("", credit_labels.label_prefix().sub("", line.strip(" \t-–—|·•*"))).strip()
        shorter = _without_brackets(_EMAIL.sub("", shorter).strip())
        shorter = _without_label(shorter)
        shorter = re.sub(r"^(?:©|ⓒ|\(c\)\s|copyright(?!\s+(?:19|20)\d\d))\s*", "", shorter, flags=re.I)
        shorter = re.sub(r"[.,;]?\s*(?:all rights reserved|alle rechte vorbehalten)\.?$", "", shorter, flags=re.I)
        if shorter == line:
            return line.removesuffix(".") if line.count(".") == 1 and len(line.split()) > 1 else line
        line = shorter


def _without_label(line: str) -> str:
    """Return "ANP" for "Beeld ANP": a label without a colon is dropped if only an agency follows."""
    label, _, rest = line.partition(" ")
    is_label = bool(rest) and label.casefold() in words("labels") and agencies.find(line) is None
    return rest if is_label and agencies.is_name(rest) else line


def _without_brackets(line: str) -> str:
    """Return the line without brackets around the whole, and without an unpaired closing bracket."""
    if re.fullmatch(r"[(\[][^()\[\]]*[)\]]?", line):
        return line.strip("()[] ")
    return line.rstrip(")] ") if line.endswith((")", "]")) and not re.search(r"[(\[]", line) else line


@lru_cache(maxsize=8192)
def is_credit(text: str) -> bool:
    """Return True if a short text is a credit line and nothing else: it names an agency, or has a label and a name."""
    text = text.strip()
    if not text or len(text) > MAX_CREDIT:
        return False
    if credit_labels.label_prefix().match(text) or _SYMBOL.match(text):
        return len(text.split()) <= 14 and len(strip_label(text)) > 1
    if (
        _HOUSE_CREDIT.fullmatch(text)
        or credit_labels.slash_label().match(text)
        or text.strip(" .()[]").casefold() in words("whole_credits")
    ):
        return len(text.split()) <= 14
    if _has_courtesy(text) and len(text.split()) <= 8 and text[-1] not in "!?":
        return True
    parts = [p for p in _parts(text) if p]
    if len(parts) > 6 or not parts or len(text.split()) > 14:
        return False
    return any(agencies.find(p) for p in parts) and all(_is_part(p) for p in parts)


# -- the beginning of the credit --


def _whole(text: str) -> tuple[str, str] | None:
    inner = text.strip("()[]")
    return (
        ("", text)
        if is_credit(inner) and (credit_labels.label_prefix().match(inner) or not _SENTENCE_END.search(inner))
        else None
    )


def _in_brackets(text: str) -> tuple[str, str] | None:
    match = _BRACKETED.search(text)
    if not match:
        return None
    before, inner = text[: match.start()].rstrip(), match[1].strip()
    is_after_sentence = not before or before[-1] in ".!?…”\"»’'。"
    if not before and len(inner.split()) <= 4 and _is_part(inner):
        return before, inner
    return (before, inner) if _fits_brackets(inner, is_after_sentence) else None


def _fits_brackets(inner: str, is_after_sentence: bool) -> bool:
    if is_credit(inner) or _has_courtesy(inner):
        return True
    parts = [p for p in _parts(inner) if p]
    people = sum(map(is_person, parts))
    if any(agencies.find(p) for p in parts) and len(inner.split()) <= 12:
        return True
    if people and len(parts) > 1 and _STRONG_CUT.search(inner):
        return len(parts) <= 5
    return is_after_sentence and len(parts) <= 3 and all(is_person(p) or _is_role(p) for p in parts)


def _has_courtesy(text: str) -> bool:
    folded = text.casefold()
    return len(text.split()) <= 16 and any(folded.startswith(w) for w in words("courtesy") | words("openers"))


def has_label(text: str) -> bool:
    """Return True if a text holds a label, an opener or a sign of a credit."""
    return any(p.search(text) for p in (credit_labels.label_inside(), _SYMBOL, _HOUSE_CREDIT))


def _after_house(text: str) -> tuple[str, str] | None:
    """Return the split before the credit of a house: "Herald photo by A. Reyes", "PHOTO A. REYES, LA VALLÉE"."""
    match = _HOUSE_CREDIT.search(text)
    if match is None or len(match[1].split()) > 14:
        return None
    return text[: match.start()].rstrip(), match[1].strip(" .()[]")


def _after_label(text: str) -> tuple[str, str] | None:
    for match in reversed(list(credit_labels.label_inside().finditer(text))):
        credit = text[match.end() :].strip()
        inner, _, after = credit.partition(")")
        if after.strip(" .") and match[0].lstrip().startswith("("):  # "The mayor (Photo: Handout) speaks."
            return f"{text[: match.start()]} {after.strip()}", inner
        if 1 < len(credit) <= MAX_CREDIT and len(credit.split()) <= 14 and not _SENTENCE_END.search(credit + " "):
            return text[: match.start()].rstrip(" \t\n([（-–—|•·/"), credit.rstrip(")]） ")
    return None


def _after_sign(text: str) -> tuple[str, str] | None:
    matches = list(_SYMBOL.finditer(text))
    if not matches:
        return None
    credit = text[matches[-1].end() :].strip()
    if not 1 < len(credit) <= MAX_CREDIT or len(credit.split()) > 12:
        return None
    start = matches[-1].start() + (matches[-1][0][:1] in ".,")
    printed = text[matches[-1].start() :].strip(" (,.") if "opyright" in matches[-1][0] else credit
    return text[:start].rstrip(" \t\n(["), printed


def _before_role(text: str) -> tuple[str, str] | None:
    match = _TAKEN.match(text)
    return (match[1].rstrip("（( "), match[2]) if match else None


def _after_sentence(text: str) -> tuple[str, str] | None:
    """Return the split before a last sentence or part that is a credit: "… on Monday. AP Photo/Jon Smith"."""
    for match in (*list(_SENTENCE_END.finditer(text))[-3:], *list(_SLASHED.finditer(text))[:3]):
        credit = text[match.end() :].strip()
        if match.re is _SENTENCE_END and credit.endswith("."):
            continue
        if match.start() > 8 and _is_named_credit(credit):
            return text[: match.end() if match.re is _SENTENCE_END else match.start()].rstrip(), credit
    for pattern in (_SENTENCE_END, _SEPARATED):
        for match in list(pattern.finditer(text))[-3:]:
            credit = text[match.end() :].strip()
            if match.start() > 0 and _is_plain_credit(credit):
                keep = match.end() if pattern is _SENTENCE_END else match.start()
                return text[:keep].rstrip(), credit
    return None


def _is_named_credit(text: str) -> bool:
    """Return True for a person or an agency, perhaps with a publisher.

    Examples: "Lorenzo Marina", "J. Stacevičiaus / LRT nuotr.".
    """
    parts = [p for p in _parts(text) if p]
    if not 1 <= len(parts) <= 4 or len(text.split()) > 9 or not all(map(_is_part, parts)):
        return False
    return any(is_person(p) or agencies.find(p) for p in parts)


def _in_front(text: str) -> tuple[str, str] | None:
    """Return the split after a credit at the front: "(AP Photo/Jon Smith) A man waits".

    Only a credit in brackets counts, or the caption would lose its first words.
    """
    match = re.match(r"[(\[]([^()\[\]]{2,80})[)\]]\s*(?=\S)", text)
    if match is None or match[1].casefold() in words("whole_credits") or not is_credit(match[1]):
        return None
    return text[match.end() :], match[1]


def _is_plain_credit(text: str) -> bool:
    if len(text.split()) > 9 or text[:1] in "“\"'«„":
        return False
    if match := re.fullmatch(r"(.{2,12}?)\s*(?:기자|인턴기자|사진기자|記者|记者|摄|攝|撮影)", text):
        return is_person(match[1])
    return is_credit(text.removesuffix(".")) or _has_courtesy(text)


# -- the parts of a credit --


def _parts(line: str) -> list[str]:
    line = re.sub(r"\((?i:c)\)", "©", line)
    return [p.strip(' .:©ⓒ*-–—"“”') for p in _CUT.split(line) if p]


def _is_role(part: str) -> bool:
    folded = re.sub(r"[\d/]+|^©|[.:]+$", "", part.casefold()).strip()
    return folded in words("roles") or not folded


def _is_part(part: str) -> bool:
    """Return True if the part may occur beside an agency in a line that is only a credit."""
    if agencies.find(part) or _is_role(part) or is_person(part):
        return True
    tokens = part.split()
    return len(tokens) <= 4 and all(
        t[:1].isupper() or not t[:1].isalpha() or t.casefold() in words("particles") | words("labels") for t in tokens
    )


def _creators(line: str, parts: list[str], publisher: str | None) -> tuple[str, ...]:
    folded = line.casefold()
    if any(folded.startswith(w) for w in words("courtesy")) or "courtesy of" in folded:
        return ()
    client = re.search(r"\s(?:for|für|pour)\s+(.+)$", line)
    people = [p for p in map(_without_agency, parts) if _is_creator(p, publisher) and not (client and p in client[1])]
    if len(people) > 1 and not any(agencies.find(p) for p in parts) and _STRONG_CUT.search(line):
        known = [p for p in people if p.split()[0].casefold() in word_tables.words("names", "given")]
        people = known[:1] or (people[:1] if "/" in line or "|" in line else people[-1:])
    return tuple(dict.fromkeys(map(tidy, people)))


def _is_creator(part: str, publisher: str | None) -> bool:
    if agencies.find(part) or _is_role(part) or not is_person(part):
        return False
    return not publisher or part.casefold() not in publisher.casefold()


def _without_agency(part: str) -> str:
    """Return the person in a part that also names an agency: "AP Photo Ahn Young-joon"."""
    for agency, spelling in agencies.mentioned(part):
        rest = part.replace(spelling, " ", 1).strip()
        if rest and agency and is_person(rest):
            return rest
    if (name := _BARE_LABEL.sub("", part)) != part and is_person(name):
        return name
    return _ROLE.sub("", _REPORTER.sub("", credit_labels.label_prefix().sub("", part)))
