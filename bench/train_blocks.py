"""Training of the block model. `python -m bench leave-sets-out` measures it on sets that it never saw.

    pip install lightgbm numpy publicsuffixlist
    python -m bench.train_blocks FOLDER --readings READINGS.json           compare with blocks_model.json
    python -m bench.train_blocks FOLDER --readings READINGS.json --write   write blocks_model.json

FOLDER holds gold.jsonl: a JSON object per line with url, page (a gzipped HTML file), and bodies (texts), or with_ and
without (snippets that the body must have and must not have). READINGS.json is
the file of bench/agreement.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.agreement import Readings
from bench.boosting import Sample, run
from bench.labelled_pages import LabelledPage, labelled_pages
from worker.errors import Unreadable
from worker.extraction.boilerplate.block_rules import apply_rules
from worker.extraction.boilerplate.select_body import prepare_features
from worker.extraction.classifier import block_features
from worker.extraction.html import blocks
from worker.extraction.pipeline import parse_page


def samples(folder: Path, readings: Readings) -> Iterator[Sample]:
    """Yield the pages of the folder whose body is in their elements."""
    for page in labelled_pages(folder, readings):
        try:
            sample = _sample(page)
        except Unreadable:
            continue
        if sample.is_usable:
            yield sample


def _sample(labelled: LabelledPage) -> Sample:
    page = parse_page(labelled.html, labelled.row["url"])
    page_blocks = blocks.split(page.tree)
    remaining, vectors = prepare_features(
        page_blocks, page.context, apply_rules(page_blocks, page.images.nodes, images=page.images.images)
    )
    labels, certain = labelled.labels([b.text for b in page_blocks])
    indexes = [b.index for b in remaining]
    return Sample(
        labelled.row,
        [b.text for b in remaining],
        vectors,
        [labels[i] for i in indexes],
        certain=[certain[i] for i in indexes],
        is_variant=labelled.is_variant,
    )


if __name__ == "__main__":
    run(__doc__, samples, "blocks", block_features.names())
