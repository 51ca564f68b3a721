"""The quality of a reader on labelled pages, one number per measure.

body           F1 of mean precision and mean recall over 4-word shingles, as in article-extraction-benchmark
snippets       F1 over snippets that the body must have and must not have
title          share of titles that are equal after folding case, space and quotes
date           share of dates with the same UTC day
authors        F1 over names
photographers  F1 over the names of images' creators, each once per page
captions       F1 one to one; two captions match if 0.8 of their words do
credits        F1 one to one; all words must match, and at most 4 more are allowed
leaks          share of captions that are in the body (lower is better)
noise          share of texts around the article that are in the body (lower is better)
kind, section, dateline   share that is equal
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Shingle = tuple[str, ...]

_WORD = re.compile(r"\w+")
_QUOTES = str.maketrans({**dict.fromkeys("‘’‚‛′`´", "'"), **dict.fromkeys("“”„‟″«»", '"'), "\xa0": " "})
_MIN_CAPTION = 6  # words of a caption in the body that counts as leaked, at least


@dataclass
class Tally:
    """Sums over pages, from which `numbers` computes the measures."""

    bodies: list[tuple[float, float]] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)  # F1 measures: tp, fp, fn
    shares: dict[str, list[bool]] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any], out: Mapping[str, Any]) -> None:
        """Add the output of a reader for one labelled page."""
        body = out.get("body") or ""
        self._body(row, body)
        self._fields(row, out)
        self._images(row, out, body)
        if "noise" in row:
            flat = fold(body)
            self.shares.setdefault("noise", []).extend(fold(text) in flat for text in row["noise"])
            self._share("kind", row["kind"] == (out.get("kind") or ("article" if body.strip() else None)))

    def numbers(self) -> dict[str, float]:
        """Return each measure by its name."""
        found: dict[str, float] = {}
        if self.bodies:
            ps = [p for p, _ in self.bodies if p >= 0]
            rs = [r for _, r in self.bodies if r >= 0]
            found["body"] = harmonic(sum(ps) / max(len(ps), 1), sum(rs) / max(len(rs), 1))
        found |= {name: f1(count) for name, count in self.counts.items()}
        return found | {name: sum(values) / len(values) for name, values in self.shares.items() if values}

    def _body(self, row: Mapping[str, Any], body: str) -> None:
        if "bodies" in row:
            self.bodies.append(max((overlap(body, gold) for gold in row["bodies"]), key=lambda pr: pr[0] * pr[1]))
        if "with_" in row:
            flat = " ".join(body.split())
            hits = sum(" ".join(s.split()) in flat for s in row["with_"])
            false = sum(" ".join(s.split()) in flat for s in row["without"])
            self._count("snippets", Counter(tp=hits, fp=false, fn=len(row["with_"]) - hits))

    def _fields(self, row: Mapping[str, Any], out: Mapping[str, Any]) -> None:
        if row.get("title"):
            self._share("title", fold(row["title"]) == fold(out.get("title")))
        if row.get("published"):
            self._share("date", day(row["published"]) == day(out.get("published")))
        if row.get("authors"):
            self._count("authors", pair(row["authors"], out.get("authors") or [], lambda a, b: fold(a) == fold(b)))
        if row.get("kind") == "article":
            for name in ("section", "dateline"):
                self._share(name, fold(row.get(name)) == fold(out.get(name)))

    def _images(self, row: Mapping[str, Any], out: Mapping[str, Any], body: str) -> None:
        if row.get("images") is None or "bodies" not in row:
            return
        images, gold = out.get("images") or [], [i["caption"] for i in row["images"] if i.get("caption")]
        self._count("captions", pair(gold, [i["caption"] for i in images if i.get("caption")], captions_match))
        credits = [c for i in row["images"] for c in i.get("credits", ()) if c]
        self._count("credits", pair(credits, [i["credit"] for i in images if i.get("credit")], credits_match))
        if "photographers" in row:
            made = {fold(name): name for i in images for name in i.get("creator") or ()}
            self._count("photographers", pair(row["photographers"], list(made), lambda a, b: fold(a) == b))
        flat, true = fold(body), fold(" ".join(row["bodies"]))
        for caption in gold:
            if len(_WORD.findall(caption)) >= _MIN_CAPTION and fold(caption) not in true:
                self._share("leaks", fold(caption) in flat)

    def _count(self, name: str, count: Counter[str]) -> None:
        self.counts.setdefault(name, Counter()).update(count)

    def _share(self, name: str, right: bool) -> None:
        self.shares.setdefault(name, []).append(right)


def measure(rows: Sequence[Mapping[str, Any]], outs: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return all measures for which the rows have gold values."""
    tally = Tally()
    for row, out in zip(rows, outs, strict=True):
        tally.add(row, out)
    return tally.numbers()


def page_f1(row: Mapping[str, Any], body: str) -> float | None:
    """Return the body's F1 on one page, by its gold body or its snippets, or None if it has neither."""
    if "bodies" in row:
        return max(_f1_of_body(body, gold) for gold in row["bodies"])
    tally = Tally()
    tally._body(row, body)
    return f1(tally.counts["snippets"]) if "snippets" in tally.counts else None


def _f1_of_body(body: str, gold: str) -> float:
    if not body.strip() or not gold.strip():
        return float(not body.strip() and not gold.strip())
    return harmonic(*overlap(body, gold))


def shingles(text: str) -> Counter[Shingle]:
    """Return the counts of all sequences of four words."""
    words = _WORD.findall(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


def overlap(body: str, gold: str) -> tuple[float, float]:
    """Return precision and recall. A value that an empty side leaves undefined is -1."""
    found, true = shingles(body), shingles(gold)
    both = sum((found & true).values())
    return both / sum(found.values()) if found else -1.0, both / sum(true.values()) if true else -1.0


def harmonic(p: float, r: float) -> float:
    """Return the harmonic mean of precision and recall."""
    return 2 * p * r / (p + r) if p + r else 0.0


def f1(count: Mapping[str, int]) -> float:
    """Return F1 from the counts tp, fp and fn."""
    wrong = count.get("fp", 0) + count.get("fn", 0)
    return 2 * count.get("tp", 0) / (2 * count.get("tp", 0) + wrong) if wrong or count.get("tp") else 1.0


def fold(text: str | None) -> str:
    """Return the text without differences of case, space and quotes."""
    return " ".join((text or "").translate(_QUOTES).split()).casefold()


def day(text: str | None) -> object:
    """Return the UTC day of an ISO date, or None."""
    try:
        moment = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()


def captions_match(gold: str, found: str) -> bool:
    """Return True if two captions have 0.8 of their words in common."""
    a, b = Counter(_WORD.findall(fold(gold))), Counter(_WORD.findall(fold(found)))
    return 2 * sum((a & b).values()) >= 0.8 * (sum(a.values()) + sum(b.values()))


def credits_match(gold: str, found: str) -> bool:
    """Return True if a credit has all gold words and at most four more."""
    a, b = Counter(_WORD.findall(fold(gold))), Counter(_WORD.findall(fold(found)))
    return bool(a) and not a - b and sum((b - a).values()) <= 4


def pair(gold: Sequence[str], found: Sequence[str], matches: Callable[[str, str], bool]) -> Counter[str]:
    """Return tp, fp and fn, where each gold value is matched with one found value at most."""
    left, hits = list(found), 0
    for value in gold:
        at = next((i for i, other in enumerate(left) if matches(value, other)), None)
        if at is not None:
            left.pop(at)
            hits += 1
    return Counter(tp=hits, fp=len(left), fn=len(gold) - hits)
