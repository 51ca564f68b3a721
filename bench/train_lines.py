"""Trains the model that tells the story's lines in flattened text, and says how good it is on sites that it never saw.

    pip install lightgbm numpy publicsuffixlist
    python -m bench.train_lines FOLDER              cross-validation by site
    python -m bench.train_lines FOLDER --write      also trains on everything and writes
    extraction/classifier/lines_model.json

FOLDER is as for bench.train_blocks. Pages are flattened as archives do it: a block a line. Rows with a `wet` file are
read from that as well.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.boosting import Sample, by_snippets, train, validate, write
from bench.train_blocks import by_bodies
from worker.errors import Unreadable
from worker.extraction.classifier import line_features
from worker.extraction.html import blocks
from worker.extraction.html.charset import decode
from worker.extraction.html.tree import parse
from worker.extraction.plain_text import extract


def samples(folder: Path) -> Iterator[Sample]:
    """Pages of the folder, flattened."""
    for line in (folder / "gold.jsonl").read_text("utf8").splitlines():
        row = json.loads(line)
        try:
            text = _flattened(row, folder)
        except Unreadable:
            continue
        sample = _sample(row, text)
        if "bodies" not in row or (sample.y >= 0.5).any() or not any(map(str.strip, row["bodies"])):
            yield sample


def _flattened(row: dict[str, Any], folder: Path) -> str:
    if "wet" in row:
        return decode(gzip.decompress((folder / row["wet"]).read_bytes()))
    tree = parse(decode(gzip.decompress((folder / row["page"]).read_bytes())), row["url"])
    head = [tree.title] if tree.title and len(row["url"]) % 2 else []  # half of the archives begin with the title
    return "\n".join([*head, *(b.text for b in blocks.split(tree))])


def _sample(row: dict[str, Any], text: str) -> Sample:
    _, line_input, out = extract.prepare_features(text)
    texts = list(line_input.texts)
    right = by_bodies(texts, row["bodies"]) if "bodies" in row else by_snippets(texts, row)
    left = [i for i in range(len(texts)) if i not in out]
    vectors = line_features.vectors(line_input)
    return Sample(row, [texts[i] for i in left], [vectors[i] for i in left], [right[i] for i in left], left)


def _settled(sample: Sample, probable: Sequence[float]) -> list[bool]:
    """As the reader does after the model."""
    by_line, texts = (
        dict(zip(sample.places, probable, strict=True)),
        dict(zip(sample.places, sample.texts, strict=True)),
    )
    kept = set(extract.select_lines(sample.places, by_line, texts))
    return [i in kept for i in sample.places]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--fast", action="store_true", help="no cross-validation")
    arguments = parser.parse_args()
    found = list(samples(arguments.folder))
    if not arguments.fast:
        validate(found)
        validate(found, _settled)
    if arguments.write:
        write(train(found), found, "lines", line_features.names())


if __name__ == "__main__":
    main()
