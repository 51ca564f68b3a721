"""Training of the reader's models: boosted trees. The same pages and recipe give the same bytes.

pip install lightgbm numpy publicsuffixlist
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lightgbm
import numpy as np
from publicsuffixlist import PublicSuffixList

from bench import agreement, recipe

CLASSIFIER = Path(__file__).resolve().parents[1] / "worker" / "extraction" / "classifier"
GENERATED = "noise"  #: the set of generated pages
_WORD = re.compile(r"\w+")
_SUFFIXES = PublicSuffixList()


class Sample:
    """One page: texts, features, and labels (NaN if unknown)."""

    def __init__(
        self,
        row: Mapping[str, Any],
        texts: Sequence[str],
        vectors: Sequence[Sequence[float]],
        y: Sequence[float],
        *,
        certain: Sequence[bool],
        is_variant: bool = False,
    ) -> None:
        self.row, self.texts, self.is_variant = row, texts, is_variant
        self.x = np.array(vectors, dtype=np.float32).reshape(len(texts), -1) if texts else np.zeros((0, 0))
        self.y = np.array(y, dtype=float)
        self.certain = np.array(certain, dtype=bool)
        self.site = site_of(row["url"])

    @property
    def is_usable(self) -> bool:
        """Whether the page's elements have its body, or the page has none."""
        return "bodies" not in self.row or bool((self.y >= 0.5).any()) or not any(map(str.strip, self.row["bodies"]))

    @property
    def weights(self) -> Any:
        """The weight of each text.

        All pages weigh the same; a long text weighs more than a short one. Snippets weigh more than texts on which
        other readers agree, and variants weigh less than pages.
        """
        roots = np.sqrt([len(_WORD.findall(t)) + 1 for t in self.texts])
        known = roots[~np.isnan(self.y)].sum() or 1.0
        if "bodies" in self.row:
            weights = roots / known * (recipe.GENERATED if self.row["set"] == GENERATED else recipe.PAGE)
        else:
            weights = np.where(self.certain, recipe.SNIPPET, roots / known * recipe.AGREED)
        return weights * (recipe.VARIANT if self.is_variant else 1.0)


def site_of(url: str) -> str:
    """Return the registered domain of a URL."""
    return _SUFFIXES.privatesuffix(urlsplit(url).hostname or "") or url


def run(
    description: str,
    samples: Callable[[Path, agreement.Readings], Iterable[Sample]],
    name: str,
    features: Sequence[str],
) -> None:
    """Run a trainer's command: train on everything, then write the model or compare it with the committed one."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--readings", type=Path, help="the file that bench.agreement wrote for this folder")
    parser.add_argument("--write", action="store_true", help="write the model; without it, compare only")
    arguments = parser.parse_args()
    found = list(samples(arguments.folder, agreement.load(arguments.readings)))
    text, file = trained_json(name, found, features), CLASSIFIER / f"{name}_model.json"
    if arguments.write:
        file.write_text(text, "utf-8")
    elif text != file.read_text("utf-8"):
        raise SystemExit(f"{file.name} differs from what these pages give. Train it with --write, and measure it.")
    else:
        print(f"{file.name} is what these pages give.")


def trained_json(name: str, samples: Sequence[Sample], features: Sequence[str]) -> str:
    """Return the text of the JSON file of a model that is trained on these pages."""
    samples = [s for s in samples if len(s.texts)]
    booster = _train(name, samples)
    trees = [_node(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    made = {**recipe.recipe(name), "lightgbm": lightgbm.__version__, "pages": len(samples)}
    exits = _exits(booster, samples, recipe.CHECKPOINTS[name])
    model = {"made": made, "features": list(features), "exits": exits, "trees": trees}
    return json.dumps(model, separators=(",", ":")) + "\n"


def _train(name: str, samples: Sequence[Sample]) -> lightgbm.Booster:
    known = [~np.isnan(s.y) for s in samples]
    x = np.vstack([s.x[k] for s, k in zip(samples, known, strict=True)])
    y = np.concatenate([s.y[k] >= 0.5 for s, k in zip(samples, known, strict=True)]).astype(int)
    w = np.concatenate([s.weights[k] for s, k in zip(samples, known, strict=True)])
    return lightgbm.train(dict(recipe.PARAMETERS), lightgbm.Dataset(x, y, weight=w), recipe.ROUNDS[name])


def _exits(
    booster: lightgbm.Booster, samples: Sequence[Sample], checkpoints: Sequence[int]
) -> list[tuple[int, float, float]]:
    """Return after how many trees scoring may end, and below and above which sums.

    Hardly any kept block has a lower sum, and hardly any other block a higher one.
    """
    x = np.vstack([s.x for s in samples])
    final = booster.predict(x, raw_score=True)
    exits = []
    for count in checkpoints:
        sums = booster.predict(x, raw_score=True, num_iteration=count)
        low, high = np.quantile(sums[final > 0], 0.0007), np.quantile(sums[final < 0], 0.9993)
        exits.append((count, round(float(low), 4), round(float(high), 4)))
    return exits


def _node(node: dict[str, Any]) -> Any:
    if "leaf_value" in node:
        return round(node["leaf_value"], 5)
    children = _node(node["left_child"]), _node(node["right_child"])
    return [node["split_feature"], float(f"{node['threshold']:.6g}"), *children]
