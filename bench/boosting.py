"""Training and testing of the reader's models: boosted trees, cross-validated by site.

pip install lightgbm numpy publicsuffixlist
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import lightgbm
import numpy as np
from publicsuffixlist import PublicSuffixList

from bench.scores import Tally
from worker.extraction.boilerplate.select_body import THRESHOLD

CLASSIFIER = Path(__file__).resolve().parents[1] / "worker" / "extraction" / "classifier"
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
    """One page: texts, features, and what is right (NaN where nobody knows)."""

    def __init__(
        self,
        row: dict[str, Any],
        texts: Sequence[str],
        vectors: Sequence[Sequence[float]],
        y: Sequence[float],
        places: Sequence[int] = (),
    ) -> None:
        self.row, self.texts, self.places = row, texts, places
        self.x = np.array(vectors, dtype=np.float32).reshape(len(texts), -1) if texts else np.zeros((0, 0))
        self.y = np.array(y, dtype=float)
        self.site = _SUFFIXES.privatesuffix(urlsplit(row["url"]).hostname or "") or row["url"]

    @property
    def weights(self) -> Any:
        """A page weighs what another does, a long block more than a short one; what snippets tell weighs more."""
        if "bodies" not in self.row:
            return np.full(len(self.texts), 2.0)
        roots = np.sqrt([len(_WORD.findall(t)) + 1 for t in self.texts])
        share = 15 if self.row["set"] == "noise" else 30
        return roots / roots.sum() * share if len(roots) else roots


Settle: TypeAlias = Callable[[Sample, Sequence[float]], Sequence[bool]]


def by_snippets(texts: Sequence[str], row: dict[str, Any]) -> list[float]:
    """Labels where only some wanted and unwanted snippets are known."""
    wanted, unwanted = ([" ".join(s.split()) for s in row[k]] for k in ("with_", "without"))
    return [
        1.0 if any(s in t for s in wanted) else 0.0 if any(s in t for s in unwanted) else float("nan") for t in texts
    ]


def train(samples: list[Sample]) -> lightgbm.Booster:
    samples = [s for s in samples if len(s.texts)]
    known = [~np.isnan(s.y) for s in samples]
    x = np.vstack([s.x[k] for s, k in zip(samples, known, strict=True)])
    y = np.concatenate([s.y[k] >= 0.5 for s, k in zip(samples, known, strict=True)]).astype(int)
    w = np.concatenate([s.weights[k] for s, k in zip(samples, known, strict=True)])
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(x, y, weight=w), ROUNDS)


def validate(samples: list[Sample], finished: Settle | None = None) -> None:
    """Each site's pages by a model that was trained without them."""
    sites = sorted({s.site for s in samples})
    np.random.RandomState(0).shuffle(sites)
    fold = {site: i % FOLDS for i, site in enumerate(sites)}
    tallies: dict[str, Tally] = {}
    for k in range(FOLDS):
        booster = train([s for s in samples if fold[s.site] != k])
        for sample in samples:
            if fold[sample.site] == k and len(sample.texts):
                probable = booster.predict(sample.x)
                kept = finished(sample, probable) if finished else probable >= THRESHOLD
                body = "\n".join(t for t, keep in zip(sample.texts, kept, strict=True) if keep)
                gold: dict[str, Any] = {k: sample.row[k] for k in ("bodies", "with_", "without") if k in sample.row}
                tallies.setdefault(sample.row["set"], Tally()).add(gold, {"body": body})
    for name, tally in tallies.items():
        print(name, "  ".join(f"{measure} {value:.4f}" for measure, value in tally.numbers().items()))


def write(booster: lightgbm.Booster, samples: list[Sample], name: str, features: Sequence[str]) -> None:
    trees = [_node(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    model = {"features": list(features), "exits": _exits(booster, samples), "trees": trees}
    (CLASSIFIER / f"{name}_model.json").write_text(json.dumps(model, separators=(",", ":")) + "\n")


def _exits(booster: lightgbm.Booster, samples: list[Sample]) -> list[tuple[int, float, float]]:
    """After so many trees: sums that hardly any block that is kept lies below, and hardly any other above."""
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
