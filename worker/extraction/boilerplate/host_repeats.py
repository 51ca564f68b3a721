"""What a host shows on page after page: its furniture. The pure part; counts are kept by the store.

A fingerprint stands for one block's text. The store counts, per host, on how many of its pages each fingerprint was
seen, and how many pages it has seen; the reader takes both and treats as furniture what stands on several pages.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_DIGITS = re.compile(r"\d+")
_PAGES = 5  #: of a host, before its memory is believed
_SEEN = 3  #: pages that show a block which is furniture (a wire story may stand on two)
_SHARE = 0.05  #: and the least share of the host's pages
_SHORT_SHARE = 0.3  #: the same for a few words, which stories may well share ("What happens next")
_FEW_WORDS = 5
_PROSE_WORDS = 12  #: from which a block's digits are what it says: reports of quakes and results differ in them alone


@dataclass(frozen=True, slots=True, kw_only=True)
class HostBoilerplate:
    """What earlier pages of one host showed."""

    pages: int = 0  #: pages of the host that were counted
    seen: Mapping[str, int] = field(default_factory=dict)  #: fingerprint -> pages that showed it

    def share(self, text: str) -> float | None:
        """On which share of the host's pages a block stood, if that makes it furniture; else None."""
        count = self.seen.get(fingerprint(text), 0) if self.pages >= _PAGES else 0
        if count < _SEEN:
            return None
        share = count / self.pages
        return share if share >= (_SHORT_SHARE if len(text.split()) < _FEW_WORDS else _SHARE) else None


def fingerprint(text: str) -> str:
    """Of one block's text, without case, and without the digits of a few words, so that counters and clocks do not hide
    a block. 16 hex digits."""
    words = text.casefold().split()
    folded = " ".join(words)
    if len(words) < _PROSE_WORDS:
        folded = _DIGITS.sub("0", folded)
    return hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def fingerprints(texts: Iterable[str]) -> frozenset[str]:
    """Of one page's blocks, each once."""
    return frozenset(map(fingerprint, texts))
