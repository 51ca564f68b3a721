"""Training of the line model for plain text.

    pip install lightgbm numpy publicsuffixlist
    python -m bench.train_lines FOLDER           compare with lines_model.json
    python -m bench.train_lines FOLDER --write   write lines_model.json

FOLDER is as for bench.train_blocks. Pages become plain text as in archives: one line per block. For
rows with a `wet` file, that file is the plain text.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

from bench.agreement import Readings
from bench.boosting import Sample, run
from bench.labelled_pages import LabelledPage, labelled_pages
from worker.errors import Unreadable
from worker.extraction.classifier import line_features
from worker.extraction.html import blocks
from worker.extraction.html.charset import decode
from worker.extraction.html.tree import parse
from worker.extraction.plain_text import extract


def samples(folder: Path, _readings: Readings) -> Iterator[Sample]:
    """Yield the pages of the folder as plain text. Variants and the readings of others make this model no better."""
    for page in labelled_pages(folder, {}, variants=False):
        try:
            sample = _sample(page, _plain_text(page, folder))
        except Unreadable:
            continue
        if sample.is_usable:
            yield sample


def _plain_text(page: LabelledPage, folder: Path) -> str:
    row = page.row
    if "wet" in row:
        return decode(gzip.decompress((folder / row["wet"]).read_bytes()))
    tree = parse(decode(page.html), row["url"])
    head = [tree.title] if tree.title and len(row["url"]) % 2 else []  # half of the archives begin with the title
    return "\n".join([*head, *(b.text for b in blocks.split(tree))])


def _sample(page: LabelledPage, text: str) -> Sample:
    _, line_input, excluded = extract.prepare_features(text)
    texts = list(line_input.texts)
    labels, certain = page.labels(texts)
    remaining = [i for i in range(len(texts)) if i not in excluded]
    vectors = line_features.vectors(line_input)
    return Sample(
        page.row,
        [texts[i] for i in remaining],
        [vectors[i] for i in remaining],
        [labels[i] for i in remaining],
        certain=[certain[i] for i in remaining],
    )


if __name__ == "__main__":
    run(__doc__, samples, "lines", line_features.names())
