"""What a link looks like from outside: the shape of its address, and how a site's addresses of that shape turned out.

    /politics/2026/11/24/harbour-bridge-opens-again    /w/9/9/9/slug
    /sport/ferry-race-123456.html                      /w/slug.html
    /tag/harbour                                       /tag/w

Sites build their addresses by few patterns, so a shape that led to articles will do so again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from worker import urls
from worker.package_data import read_table

MOST_SHAPES, MOST_OUTCOMES = 200, 200
FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|m3u8|zip|css|js|xml|rss|json|ics|docx?|xlsx?)$", re.IGNORECASE
)
DATE = re.compile(
    r"/(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE
)
NUMBER = re.compile(r"[?=]\d{3,}\b")
EXTENSION = re.compile(r"\.(?:html?|php|aspx?|jsp|cms|shtml|ece)$", re.IGNORECASE)


@cache
def dull_words() -> frozenset[str]:
    return frozenset(read_table("worker.discovery", "links.toml")["dull"])


def shape(url: str) -> str:
    """The pattern of an address within its site: numbers, slugs and words are each alike."""
    parts = urlsplit(url)
    path = "/".join(_segment(s) for s in parts.path.split("/"))
    names = sorted({f.partition("=")[0] for f in parts.query.split("&") if f})
    return f"{path}?{'&'.join(names)}" if names else path


def _segment(segment: str) -> str:
    match = EXTENSION.search(segment)
    stem, extension = (segment[: match.start()], match[0]) if match else (segment, "")
    if stem.lower() in dull_words() or not stem:
        kind = stem.lower()
    elif re.fullmatch(r"[\d.:-]+", stem):
        kind = "9"
    elif urls.names_article("/" + stem) or re.fullmatch(r"[0-9a-f]{8}[0-9a-f-]*", stem):
        kind = "slug"
    else:
        kind = "w" * min(len(re.split(r"[-_]", stem)), 3)
    return kind + extension.lower()


def is_dull(url: str) -> bool:
    """Whether an address lies where no article does, or is a file."""
    path = urlsplit(url).path.lower()
    return bool(FILE.search(path)) or any(s in dull_words() for s in path.split("/"))


def names_one(url: str) -> bool:
    """Whether an address looks like one page's: a slug or number in its path, or a number in its query."""
    parts = urlsplit(url)
    return urls.names_article(parts.path) or bool(NUMBER.search("?" + parts.query))


def has_date(url: str) -> bool:
    return bool(DATE.search(urlsplit(url).path))


@dataclass(frozen=True, slots=True)
class ShapeStatistics:
    """How addresses of one site turned out, by shape."""

    counts: Mapping[str, Sequence[float]] = field(default_factory=dict)  #: shape -> (articles, others); plain values

    def with_outcomes(self, outcomes: Iterable[tuple[str, bool]]) -> ShapeStatistics:
        """With more (address, whether it was an article), such as the rows that a site's links came to. Shapes that
        count little go when there are too many."""
        counts = {shape: list(pair) for shape, pair in self.counts.items()}
        for url, is_article in outcomes:
            pair = counts.setdefault(shape(url), [0, 0])
            pair[0 if is_article else 1] += 1
            if sum(pair) > MOST_OUTCOMES:
                pair[:] = [n / 2 for n in pair]  # a site may change its ways
        kept = sorted(counts, key=lambda s: -sum(counts[s]))[:MOST_SHAPES]
        return ShapeStatistics({s: tuple(counts[s]) for s in kept})

    def odds(self, url: str) -> float:
        """Log-odds that an address is an article's; 0 where its shape is not known. Between -4 and 4."""
        articles, others = self.counts.get(shape(url), (0, 0))
        return max(-4.0, min(4.0, math.log((articles + 0.5) / (others + 0.5))))
