"""Boilerplate of a host: blocks that repeat on its pages. This is the pure part; the store keeps the counts.

A fingerprint represents the text of one block. Per host, the store counts the pages, and the pages on which it saw
each fingerprint. The reader gets both and excludes blocks that are on several pages.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_DIGITS = re.compile(r"\d+")
_PAGES = 5  #: pages of a host that are needed before its counts are used
_SEEN = 3  #: pages that show a boilerplate block, at least (an agency's article may be on two)
_SHARE = 0.05  #: share of the host's pages that show it, at least
_SHORT_SHARE = 0.3  #: the same for a few words, which articles may share ("What happens next")
_FEW_WORDS = 5
_PROSE_WORDS = 12  #: words from which digits matter: reports of earthquakes or results may differ in digits only


@dataclass(frozen=True, slots=True, kw_only=True)
class HostBoilerplate:
    """The counts of one host's earlier pages."""

    pages: int = 0  #: pages of the host that were counted
    seen: Mapping[str, int] = field(default_factory=dict)  #: fingerprint -> pages that showed it

    def share(self, text: str) -> float | None:
        """Return the share of the host's pages that show a block, or None if it is too small for boilerplate."""
        count = self.seen.get(fingerprint(text), 0) if self.pages >= _PAGES else 0
        if count < _SEEN:
            return None
        share = count / self.pages
        return share if share >= (_SHORT_SHARE if len(text.split()) < _FEW_WORDS else _SHARE) else None


def fingerprint(text: str) -> str:
    """Return the fingerprint of a block's text: 16 hex digits.

    Case does not matter. In short texts digits do not matter either: a counter or a clock may be part of a block.
    """
    words = text.casefold().split()
    folded = " ".join(words)
    if len(words) < _PROSE_WORDS:
        folded = _DIGITS.sub("0", folded)
    return hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def fingerprints(texts: Iterable[str]) -> frozenset[str]:
    """Return the fingerprints of a page's blocks, each once."""
    return frozenset(map(fingerprint, texts))
