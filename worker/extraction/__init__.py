"""The reader: bytes in, Article out. Pure: no clock, no network, no disk but the tables in config/.

read(body, url)        a page
read_text(body, url)   flattened text, as in WET archives
explain(body, url)     the Article, and what was kept and removed with the reasons
"""

from __future__ import annotations

from worker.extraction.boilerplate.host_repeats import HostBoilerplate, fingerprint, fingerprints
from worker.extraction.pipeline import Explanation, Hints, explain, read, read_text

#: Goes up with every change that makes articles read anew differ: it is part of each document's version.
REVISION = 2

__all__ = [
    "REVISION",
    "Explanation",
    "Hints",
    "HostBoilerplate",
    "explain",
    "fingerprint",
    "fingerprints",
    "read",
    "read_text",
]
