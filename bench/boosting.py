"""Training and evaluation of the reader's models: boosted trees, cross-validated by site.

pip install lightgbm numpy publicsuffixlist
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import lightgbm
import numpy as np
from publicsuffixlist import PublicSuffixList

from bench.scores import Tally
from worker.extraction.boilerplate.select_body import THRESHOLD

CLASSIFIER = Path(__file__).resolve().parents[1] / "worker" / "extraction" / "classifier"
HELD_OUT = frozenset({"om"})  #: sets that only validate: no model is trained on them
FOLDS = 5
ROUNDS = 120
CHECKPOINTS = (10, 20, 36, 60)
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.09,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "verbose": -1,
    "num_threads": 2,
    "seed": 1,
}
_WORD = re.compile(r"\w+")
_SUFFIXES = PublicSuffixList()


class Sample:
    """One page: texts, features, and labels (NaN if unknown)."""

    def __init__(
        self,
        row: dict[str, Any],
        texts: Sequence[str],
        vectors: Sequence[Sequence[float]],
        y: Sequence[float],
        indexes: Sequence[int] = (),
    ) -> None:
        self.row, self.texts, self.indexes = row, texts, indexes
        self.x = np.array(vectors, dtype=np.float32).reshape(len(texts), -1) if texts else np.zeros((0, 0))
        self.y = np.array(y, dtype=float)
        self.site = site_of(row["url"])

    @property
    def weights(self) -> Any:
        """The weight of each text.

        All pages weigh the same; a long block weighs more than a short one. Texts labelled by snippets weigh more.
        """
        if "bodies" not in self.row:
            return np.full(len(self.texts), 2.0)
        roots = np.sqrt([len(_WORD.findall(t)) + 1 for t in self.texts])
        share = 15 if self.row["set"] == "noise" else 30
        return roots / roots.sum() * share if len(roots) else roots


def site_of(url: str) -> str:
    """Return the registered domain of a URL."""
    return _SUFFIXES.privatesuffix(urlsplit(url).hostname or "") or url


Select: TypeAlias = Callable[[Sample, Sequence[float]], Sequence[bool]]


def run(
    description: str,
    samples: Callable[[Path], Iterable[Sample]],
    name: str,
    features: Sequence[str],
    *selections: Select,
) -> None:
    """Run a trainer's command: cross-validate with the threshold and each selection, then write the model."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="train on everything and write the model")
    parser.add_argument("--fast", action="store_true", help="skip the cross-validation")
    arguments = parser.parse_args()
    found = list(samples(arguments.folder))
    if not arguments.fast:
        for select in (None, *selections):
            validate(found, select)
    if arguments.write:
        write(train(found), found, name, features)


def train(samples: list[Sample]) -> lightgbm.Booster:
    """Return a model that is trained on these pages."""
    samples = [s for s in samples if len(s.texts)]
    known = [~np.isnan(s.y) for s in samples]
    x = np.vstack([s.x[k] for s, k in zip(samples, known, strict=True)])
    y = np.concatenate([s.y[k] >= 0.5 for s, k in zip(samples, known, strict=True)]).astype(int)
    w = np.concatenate([s.weights[k] for s, k in zip(samples, known, strict=True)])
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(x, y, weight=w), ROUNDS)


def validate(samples: list[Sample], select: Select | None = None) -> None:
    """Print the scores of each set. Each site's pages are judged by a model that was trained without them."""
    sites = sorted({s.site for s in samples})
    np.random.RandomState(0).shuffle(sites)
    fold = {site: i % FOLDS for i, site in enumerate(sites)}
    tallies: dict[str, Tally] = {}
    for k in range(FOLDS):
        booster = train([s for s in samples if fold[s.site] != k])
        for sample in samples:
            if fold[sample.site] == k and len(sample.texts):
                probabilities = booster.predict(sample.x)
                kept = select(sample, probabilities) if select else probabilities >= THRESHOLD
                body = "\n".join(t for t, keep in zip(sample.texts, kept, strict=True) if keep)
                gold: dict[str, Any] = {k: sample.row[k] for k in ("bodies", "with_", "without") if k in sample.row}
                tallies.setdefault(sample.row["set"], Tally()).add(gold, {"body": body})
    for name, tally in tallies.items():
        print(name, "  ".join(f"{measure} {value:.4f}" for measure, value in tally.numbers().items()))


def write(booster: lightgbm.Booster, samples: list[Sample], name: str, features: Sequence[str]) -> None:
    """Write a model to worker/extraction/classifier."""
    (CLASSIFIER / f"{name}_model.json").write_text(model_json(booster, samples, features))


def model_json(booster: lightgbm.Booster, samples: Sequence[Sample], features: Sequence[str]) -> str:
    """Return a model as the text of its JSON file."""
    trees = [_node(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    model = {"features": list(features), "exits": _exits(booster, samples), "trees": trees}
    return json.dumps(model, separators=(",", ":")) + "\n"


def _exits(booster: lightgbm.Booster, samples: Sequence[Sample]) -> list[tuple[int, float, float]]:
    """Return after how many trees scoring may end, and below and above which sums.

    Hardly any kept block has a lower sum, and hardly any other block a higher one.
    """
    x = np.vstack([s.x for s in samples if len(s.x)])
    final = booster.predict(x, raw_score=True)
    exits = []
    for count in CHECKPOINTS:
        sums = booster.predict(x, raw_score=True, num_iteration=count)
        low, high = np.quantile(sums[final > 0], 0.0007), np.quantile(sums[final < 0], 0.9993)
        exits.append((count, round(float(low), 4), round(float(high), 4)))
    return exits


def _node(node: dict[str, Any]) -> Any:
    if "leaf_value" in node:
        return round(node["leaf_value"], 5)
    children = _node(node["left_child"]), _node(node["right_child"])
    return [node["split_feature"], float(f"{node['threshold']:.6g}"), *children]
