"""The reader: the bytes of a page in, an Article out.

read(body, url)        read a page
read_text(body, url)   read plain text, as in WET archives
explain(body, url)     read a page, and say of each block why it was kept or removed

The package is pure: it uses no clock, no network, and no files but its own tables and models.
"""

from __future__ import annotations

from worker.extraction.boilerplate.host_repeats import HostBoilerplate, fingerprint, fingerprints
from worker.extraction.pipeline import Explanation, Hints, explain, read, read_text

#: Increase this with every change that alters what the reader returns. It is part of each document's version.
REVISION = 3

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
