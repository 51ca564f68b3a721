"""The labelled pages of a folder for training: each page, and a variant of it."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

from bench.agreement import Readings, agreed_labels
from bench.labels import labels_of
from bench.variants import variant_of

HELD_OUT = frozenset({"om"})  #: sets that only validate: no model is trained on them
_STORIES = 14  #: other stories that a variant may show as teasers


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPage:
    """A page, what is known of its body, and whether it is a variant of a page."""

    row: Mapping[str, Any]
    html: bytes
    readings: Sequence[str] = ()  #: the bodies that other readers give, for pages without a gold body
    is_variant: bool = False

    def labels(self, texts: Sequence[str]) -> tuple[list[float], list[bool]]:
        """Return a label for each text (NaN if unknown), and whether it comes from the gold values."""
        known = labels_of(texts, self.row)
        certain = [not isnan(label) for label in known]
        if self.readings:
            agreed = agreed_labels(texts, self.readings)
            known = [k if sure else a for k, a, sure in zip(known, agreed, certain, strict=True)]
        return known, certain


def labelled_pages(folder: Path, readings: Readings, *, variants: bool = True) -> Iterator[LabelledPage]:
    """Yield each page of the folder, and a variant of those with a gold body.

    Variants show stories of the same set only, so that a set which is left out is left out as a whole. Variants of
    pages with snippets make the reading of other pages worse.
    """
    rows = [json.loads(line) for line in (folder / "gold.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["set"] not in HELD_OUT and ("bodies" in row or "with_" in row)]
    stories: dict[str, dict[str, str]] = {}
    for row in rows:
        found = max(row.get("bodies", [""]), key=len)
        if found.strip():
            stories.setdefault(row["set"], {})[row["page"]] = found
    for row in rows:
        html, others = gzip.decompress((folder / row["page"]).read_bytes()), readings.get(row["page"], ())
        yield LabelledPage(row=row, html=html, readings=others)
        if variants and "bodies" in row:
            chosen = _stories(stories.get(row["set"], {}), row["page"])
            html = variant_of(html, row["url"], chosen, row["page"])
            yield LabelledPage(row=row, html=html, is_variant=True)


def _stories(stories: Mapping[str, str], page: str) -> list[str]:
    """Return some stories of other pages, always the same for a page."""
    pages = sorted(name for name in stories if name != page and stories[name] != stories.get(page))
    return [stories[name] for name in random.Random(page).sample(pages, min(_STORIES, len(pages)))]
