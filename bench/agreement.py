"""Labels for pages without a gold body: blocks on which all other readers agree.

The readers run only here, for training. Their texts of a folder's pages are kept in a file, because they take minutes:

    pip install trafilatura newspaper4k readability-lxml resiliparse
    python -m bench.agreement FOLDER READINGS.json
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.labels import label
from bench.reader import output_of, peers

Readings = Mapping[str, Sequence[str]]  #: page file -> the body that each reader gives

_SHARE = 0.5  #: share of a block's words that a reader must have for its vote
_READERS = 4  #: readers whose votes make a label


def main(arguments: Sequence[str] | None = None) -> None:
    """Write what each reader gives for the pages that have snippets instead of a gold body."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    readers = peers()
    if len(readers) < _READERS:
        raise SystemExit("Labels need every other reader. Install those that are listed above.")
    found = {}
    for line in (options.folder / "gold.jsonl").read_text("utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        if "with_" in row:
            page = gzip.decompress((options.folder / row["page"]).read_bytes())
            found[row["page"]] = [output_of(read, page, row["url"]).get("body") or "" for read in readers.values()]
    options.file.write_text(json.dumps(found, ensure_ascii=False), "utf-8")


def load(file: Path | None) -> Readings:
    """Return the readings in a file, or none without a file."""
    return json.loads(file.read_text("utf-8")) if file else {}


def agreed_labels(texts: Sequence[str], bodies: Sequence[str]) -> list[float]:
    """Return 1 for a text that every reader keeps, 0 for a text that none keeps, else NaN."""
    votes = [label(texts, body) for body in bodies if body.strip()]
    if len(votes) < _READERS:
        return [float("nan")] * len(texts)
    counts = (sum(share >= _SHARE for share in shares) for shares in zip(*votes, strict=True))
    return [1.0 if count == len(votes) else 0.0 if count == 0 else float("nan") for count in counts]


if __name__ == "__main__":
    main()
