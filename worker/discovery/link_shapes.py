"""The shape of a URL, and how often URLs of a shape were articles on their site.

    /politics/2026/11/24/harbour-bridge-opens-again    /w/9/9/9/slug
    /sport/ferry-race-123456.html                      /w/slug.html
    /tag/harbour                                       /tag/w

A site uses few patterns for its URLs. If URLs of a shape were articles, further URLs of that shape probably are too.
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

MAX_SHAPES, MAX_OUTCOMES = 200, 200
FILE_EXTENSION = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|m3u8|zip|css|js|xml|rss|json|ics|docx?|xlsx?)$", re.IGNORECASE
)
DATE = re.compile(
    r"/(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE
)
QUERY_NUMBER = re.compile(r"[?=]\d{3,}\b")
PAGE_EXTENSION = re.compile(r"\.(?:html?|php|aspx?|jsp|cms|shtml|ece)$", re.IGNORECASE)


@cache
def non_article_segments() -> frozenset[str]:
    """Return the path segments that lead to no article, in lower case."""
    return frozenset(read_table("worker.discovery", "links.toml")["non_article"])


def shape(url: str) -> str:
    """Return the pattern of a URL's path and query, in which numbers, slugs and words are replaced by placeholders."""
    parts = urlsplit(url)
    path = "/".join(_segment(s) for s in parts.path.split("/"))
    names = sorted({f.partition("=")[0] for f in parts.query.split("&") if f})
    return f"{path}?{'&'.join(names)}" if names else path


def _segment(segment: str) -> str:
    match = PAGE_EXTENSION.search(segment)
    stem, extension = (segment[: match.start()], match[0]) if match else (segment, "")
    if stem.lower() in non_article_segments() or not stem:
        kind = stem.lower()
    elif re.fullmatch(r"[\d.:-]+", stem):
        kind = "9"
    elif urls.names_article("/" + stem) or re.fullmatch(r"[0-9a-f]{8}[0-9a-f-]*", stem):
        kind = "slug"
    else:
        kind = "w" * min(len(re.split(r"[-_]", stem)), 3)
    return kind + extension.lower()


def is_non_article(url: str) -> bool:
    """Return True if a URL is in a part of its site without articles, or is a file."""
    path = urlsplit(url).path.lower()
    return bool(FILE_EXTENSION.search(path)) or any(s in non_article_segments() for s in path.split("/"))


def has_slug_or_number(url: str) -> bool:
    """Return True if a URL's path has a slug or a long number, or its query a number, as those of articles have."""
    parts = urlsplit(url)
    return urls.names_article(parts.path) or bool(QUERY_NUMBER.search("?" + parts.query))


def has_date(url: str) -> bool:
    """Return True if a URL's path contains a date."""
    return bool(DATE.search(urlsplit(url).path))


@dataclass(frozen=True, slots=True)
class ShapeStatistics:
    """Counts of articles and other pages of one site, by the shape of their URLs. Immutable."""

    counts: Mapping[str, Sequence[float]] = field(default_factory=dict)  #: shape -> (articles, others); fits into JSON

    def with_outcomes(self, outcomes: Iterable[tuple[str, bool]]) -> ShapeStatistics:
        """Return the statistics with more outcomes: pairs of a URL and whether it was an article.

        The shapes with the lowest counts are dropped above `MAX_SHAPES`.
        """
        counts = {shape: list(pair) for shape, pair in self.counts.items()}
        for url, is_article in outcomes:
            pair = counts.setdefault(shape(url), [0, 0])
            pair[0 if is_article else 1] += 1
            if sum(pair) > MAX_OUTCOMES:
                pair[:] = [n / 2 for n in pair]  # so that a site's newer URLs count more
        kept = sorted(counts, key=lambda s: -sum(counts[s]))[:MAX_SHAPES]
        return ShapeStatistics({s: tuple(counts[s]) for s in kept})

    def log_odds(self, url: str) -> float:
        """Return the log-odds, -4 to 4, that a URL is an article; 0 for an unknown shape."""
        articles, others = self.counts.get(shape(url), (0, 0))
        return max(-4.0, min(4.0, math.log((articles + 0.5) / (others + 0.5))))
