"""Training of the line model for plain text, with its scores on sites that it never saw.

    pip install lightgbm numpy publicsuffixlist
    python -m bench.train_lines FOLDER              cross-validation by site
    python -m bench.train_lines FOLDER --write      also train on everything and write lines_model.json

FOLDER is as for bench.train_blocks. Pages become plain text as in archives: one line per block. For rows with a `wet`
file, that file is the plain text.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.boosting import HELD_OUT, Sample, run
from bench.labels import labels_of
from worker.errors import Unreadable
from worker.extraction.classifier import line_features
from worker.extraction.html import blocks
from worker.extraction.html.charset import decode
from worker.extraction.html.tree import parse
from worker.extraction.plain_text import extract


def samples(folder: Path) -> Iterator[Sample]:
    """Yield the pages of the folder as plain text."""
    for line in (folder / "gold.jsonl").read_text("utf8").splitlines():
        row = json.loads(line)
        if row["set"] in HELD_OUT or not ("bodies" in row or "with_" in row):
            continue
        try:
            text = _plain_text(row, folder)
        except Unreadable:
            continue
        sample = _sample(row, text)
        if "bodies" not in row or (sample.y >= 0.5).any() or not any(map(str.strip, row["bodies"])):
            yield sample


def _plain_text(row: dict[str, Any], folder: Path) -> str:
    if "wet" in row:
        return decode(gzip.decompress((folder / row["wet"]).read_bytes()))
    tree = parse(decode(gzip.decompress((folder / row["page"]).read_bytes())), row["url"])
    head = [tree.title] if tree.title and len(row["url"]) % 2 else []  # half of the archives begin with the title
    return "\n".join([*head, *(b.text for b in blocks.split(tree))])


def _sample(row: dict[str, Any], text: str) -> Sample:
    _, line_input, excluded = extract.prepare_features(text)
    texts = list(line_input.texts)
    labels = labels_of(texts, row)
    remaining = [i for i in range(len(texts)) if i not in excluded]
    vectors = line_features.vectors(line_input)
    return Sample(
        row, [texts[i] for i in remaining], [vectors[i] for i in remaining], [labels[i] for i in remaining], remaining
    )


def _select(sample: Sample, probabilities: Sequence[float]) -> list[bool]:
    """Return which lines the reader keeps after the model."""
    by_line = dict(zip(sample.indexes, probabilities, strict=True))
    texts = dict(zip(sample.indexes, sample.texts, strict=True))
    kept = set(extract.select_lines(sample.indexes, by_line, texts))
    return [i in kept for i in sample.indexes]


if __name__ == "__main__":
    run(__doc__, samples, "lines", line_features.names(), _select)
