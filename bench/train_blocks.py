"""Trains the model that tells the story's blocks from the rest, and says how good it is on sites that it never saw.

    pip install lightgbm numpy publicsuffixlist
    python -m bench.train_blocks FOLDER              cross-validation by site
    python -m bench.train_blocks FOLDER --write      also trains on everything and writes
    extraction/classifier/blocks_model.json

FOLDER holds gold.jsonl: a JSON object a line with url, page (a gzipped HTML file), and bodies (texts), or with_ and
without (snippets that must and must not be in the body).
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.boosting import Sample, by_snippets, train, validate, write
from bench.labels import label
from worker.errors import Unreadable
from worker.extraction.boilerplate.block_rules import apply_rules
from worker.extraction.boilerplate.select_body import prepare_features
from worker.extraction.classifier import block_features
from worker.extraction.html import blocks
from worker.extraction.pipeline import parse_page


def samples(folder: Path) -> Iterator[Sample]:
    """Pages of the folder whose body stands in their elements."""
    for line in (folder / "gold.jsonl").read_text("utf8").splitlines():
        row = json.loads(line)
        try:
            sample = _sample(row, gzip.decompress((folder / row["page"]).read_bytes()))
        except Unreadable:
            continue
        if "bodies" not in row or (sample.y >= 0.5).any() or not any(map(str.strip, row["bodies"])):
            yield sample


def _sample(row: dict[str, Any], html: bytes) -> Sample:
    page = parse_page(html, row["url"])
    page_blocks = blocks.split(page.tree)
    left, vectors = prepare_features(
        page_blocks, page.context, apply_rules(page_blocks, page.images.nodes, images=page.images.images)
    )
    texts = [b.text for b in page_blocks]
    right = by_bodies(texts, row["bodies"]) if "bodies" in row else by_snippets(texts, row)
    return Sample(row, [b.text for b in left], vectors, [right[b.index] for b in left])


def by_bodies(texts: list[str], bodies: list[str]) -> list[float]:
    """Labels by the gold body that the page agrees with most."""
    labelled = [label(texts, gold) for gold in bodies]
    return max(labelled, key=lambda shares: sum(s * len(t) for s, t in zip(shares, texts, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--fast", action="store_true", help="no cross-validation")
    arguments = parser.parse_args()
    found = list(samples(arguments.folder))
    if not arguments.fast:
        validate(found)
    if arguments.write:
        write(train(found), found, "blocks", block_features.names())


if __name__ == "__main__":
    main()
