"""Quality of the whole reader on strangers: each set of pages is read with models that were trained without it.

    python -m bench leave-sets-out FOLDER                  every set, left out and fitted
    python -m bench leave-sets-out FOLDER --peers          also every other reader that is installed
    python -m bench leave-sets-out FOLDER --wet            plain text (rows with a `wet` file)
    python -m bench leave-sets-out FOLDER --models FILES   keep the models in this folder, and use those that it has
    python -m bench leave-sets-out FOLDER --floor 0.9      fail if the mean of a set is lower

"left out" trains both models without the set's pages, and without other pages of their sites. "fitted" is the reader as
it ships. The rules and tables are the same in both. FOLDER is as for `python -m bench reader`, which describes the
measures; "mean" is the mean F1 of single pages, and "<.7" counts the pages below .7.

    pip install lightgbm numpy publicsuffixlist
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from bench import adapter, train_blocks, train_lines
from bench.agreement import Readings, load
from bench.boosting import Sample, site_of, trained_json
from bench.labelled_pages import HELD_OUT
from bench.reader import Read, output_of, peers
from bench.scores import measure, page_f1
from worker.extraction.classifier import block_features, line_features, model

#: For each model, what yields its training pages, and the names of its features.
_TRAINERS: Mapping[str, tuple[Callable[[Path, Readings], Iterator[Sample]], Callable[[], Sequence[str]]]] = {
    "blocks": (train_blocks.samples, block_features.names),
    "lines": (train_lines.samples, line_features.names),
}
_TAILS = (0.7, 0.5)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", help="only these sets, separated by commas")
    parser.add_argument("--wet", action="store_true", help="read the plain text of each page")
    parser.add_argument("--peers", action="store_true", help="also run the other readers that are installed")
    parser.add_argument("--models", type=Path, help="folder for the models; those that exist are not trained again")
    parser.add_argument("--readings", type=Path, help="the file that bench.agreement wrote for this folder")
    parser.add_argument("--json", type=Path, help="also write the F1 of each page to this file")
    parser.add_argument("--floor", type=float, default=0.0, help="fail if the mean of a left-out set is lower")
    options = parser.parse_args(arguments)
    rows = [json.loads(line) for line in (options.folder / "gold.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if not options.wet or row.get("wet")]
    names = list(dict.fromkeys(row["set"] for row in rows))
    if options.sets:
        names = [name for name in names if name in options.sets.split(",")]
    models = _Models(options, rows)
    pages: dict[str, dict[str, dict[str, float | None]]] = {}
    for name in names:
        pages[name] = _compare(name, [row for row in rows if row["set"] == name], options, models)
    _print_totals(pages)
    _require_floor(pages, options.floor)
    if options.json:
        options.json.write_text(json.dumps({n: p for n, p in pages.items() if n not in HELD_OUT}))


def _compare(name: str, rows: list[Any], options: Any, models: _Models) -> dict[str, dict[str, float | None]]:
    """Read one set with each reader, print the measures, and return the F1 of each page by reader and URL."""
    pages = [gzip.decompress((options.folder / row["wet" if options.wet else "page"]).read_bytes()) for row in rows]
    ours: Read = adapter.read_text if options.wet else adapter.read
    print(f"\n{name}: {len(pages)} pages")
    with models.without(name):
        outputs = {"left out": [output_of(ours, page, row["url"]) for page, row in zip(pages, rows, strict=True)]}
    for who, read in {"fitted": ours, **(peers() if options.peers and not options.wet else {})}.items():
        outputs[who] = [output_of(read, page, row["url"]) for page, row in zip(pages, rows, strict=True)]
    found = {}
    for who, outs in outputs.items():
        found[who] = {row["url"]: page_f1(row, out.get("body") or "") for row, out in zip(rows, outs, strict=True)}
        values = [value for value in found[who].values() if value is not None]
        shown = "  ".join(f"{measure_} {value:.3f}" for measure_, value in measure(rows, outs).items())
        print(f"{who:14s} {_tails(values)}  {shown}", flush=True)
    return found


def _require_floor(pages: Mapping[str, Mapping[str, Mapping[str, float | None]]], floor: float) -> None:
    """Exit with an error if the mean F1 of a set's pages is below the floor when the set is left out."""
    for name, readers in pages.items():
        values = [value for value in readers["left out"].values() if value is not None]
        if values and sum(values) / len(values) < floor:
            raise SystemExit(f"{name}: the mean F1 of its pages is below {floor}. Look at the pages that got worse.")


def _tails(values: Sequence[float]) -> str:
    """Return the mean of the pages' F1, and how many are below each bound."""
    counts = "  ".join(f"<{bound:.1f} {sum(v < bound for v in values):2d}".replace("0.", ".") for bound in _TAILS)
    return f"mean {sum(values) / max(len(values), 1):.4f}  {counts}"


def _print_totals(pages: Mapping[str, Mapping[str, Mapping[str, float | None]]]) -> None:
    """Print the tails over all pages with a gold value, except those of the held-out sets."""
    print("\nall sets but " + ", ".join(sorted(HELD_OUT)))
    chosen = [readers for name, readers in pages.items() if name not in HELD_OUT]
    for who in dict.fromkeys(who for readers in chosen for who in readers):
        print(f"{who:14s} {_tails([v for readers in chosen for v in readers[who].values() if v is not None])}")


class _Models:
    """The model of each set: trained on the pages of the other sets."""

    def __init__(self, options: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        self.folder, self.files, self.readings = options.folder, options.models, load(options.readings)
        self.kind = "lines" if options.wet else "blocks"
        self.sites = {name: {site_of(r["url"]) for r in rows if r["set"] == name} for name in {r["set"] for r in rows}}
        self.samples: list[Sample] | None = None

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """Make the reader use the model that was trained without a set."""
        compiled = {kind: model.load(kind) for kind in _TRAINERS}
        compiled[self.kind] = model.compile_model(self.kind, self._text(name))
        with mock.patch.object(model, "load", compiled.__getitem__):
            yield

    def _text(self, name: str) -> str:
        path: Path | None = self.files / f"{self.kind}_without_{name}.json" if self.files else None
        if path and path.exists():
            return path.read_text("utf-8")
        samples, features = _TRAINERS[self.kind]
        if self.samples is None:
            self.samples = list(samples(self.folder, self.readings))
        chosen = [s for s in self.samples if s.row["set"] != name and s.site not in self.sites[name]]
        text: str = trained_json(self.kind, chosen, features())
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return text


if __name__ == "__main__":
    main()
