"""Training of the block model, with its scores on sites that it never saw.

    pip install lightgbm numpy publicsuffixlist
    python -m bench.train_blocks FOLDER              cross-validation by site
    python -m bench.train_blocks FOLDER --write      also train on everything and write blocks_model.json

FOLDER holds gold.jsonl: a JSON object per line with url, page (a gzipped HTML file), and bodies (texts), or with_ and
without (snippets that the body must have and must not have).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.boosting import HELD_OUT, Sample, run
from bench.labels import labels_of
from worker.errors import Unreadable
from worker.extraction.boilerplate.block_rules import apply_rules
from worker.extraction.boilerplate.select_body import prepare_features
from worker.extraction.classifier import block_features
from worker.extraction.html import blocks
from worker.extraction.pipeline import parse_page


def samples(folder: Path) -> Iterator[Sample]:
    """Yield the pages of the folder whose body is in their elements."""
    for line in (folder / "gold.jsonl").read_text("utf8").splitlines():
        row = json.loads(line)
        if row["set"] in HELD_OUT or not ("bodies" in row or "with_" in row):
            continue
        try:
            sample = _sample(row, gzip.decompress((folder / row["page"]).read_bytes()))
        except Unreadable:
            continue
        if "bodies" not in row or (sample.y >= 0.5).any() or not any(map(str.strip, row["bodies"])):
            yield sample


def _sample(row: dict[str, Any], html: bytes) -> Sample:
    page = parse_page(html, row["url"])
    page_blocks = blocks.split(page.tree)
    remaining, vectors = prepare_features(
        page_blocks, page.context, apply_rules(page_blocks, page.images.nodes, images=page.images.images)
    )
    texts = [b.text for b in page_blocks]
    labels = labels_of(texts, row)
    return Sample(row, [b.text for b in remaining], vectors, [labels[b.index] for b in remaining])


if __name__ == "__main__":
    run(__doc__, samples, "blocks", block_features.names())
