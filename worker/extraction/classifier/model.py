"""The probability that a block or a line belongs to the article: boosted trees over its features, trained offline.

bench/train_blocks.py and bench/train_lines.py write the models blocks_model.json and lines_model.json. A model holds
the names of its features and its trees. A node is `[feature, threshold, left, right]` (left if the value is at most
the threshold), a leaf is a number. The sum of the leaves is the log-odds.

`exits` says after how many trees a sum is so low or so high that the remaining trees cannot change the result. Each
stage between two exits is compiled into one Python expression of nested conditions, which runs several times as fast
as a walk over the trees.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from worker.extraction.classifier import block_features, line_features
from worker.package_data import read_text

_FEATURES = {"blocks": block_features.names, "lines": line_features.names}


def score(vectors: Sequence[Sequence[float]], name: str = "blocks") -> list[float]:
    """Return the probability of each vector of `block_features` ("blocks") or `line_features` ("lines").

    Clear cases end early, at the model's `exits`.
    """
    model = load(name)
    return [1.0 / (1.0 + math.exp(-_log_odds(model, vector))) for vector in vectors]


#: Adds the trees of a stage: (vector, sum so far) -> sum.
_Stage: TypeAlias = Callable[[Sequence[float], float], float]


@dataclass(frozen=True, slots=True)
class Model:
    """A model whose trees are compiled."""

    stages: tuple[_Stage, ...]
    exits: tuple[tuple[float, float], ...]  #: bounds for each stage: a sum outside of them ends the scoring


def _log_odds(model: Model, vector: Sequence[float]) -> float:
    total = 0.0
    for stage, (low, high) in zip(model.stages, model.exits, strict=True):
        total = stage(vector, total)
        if total < low or total > high:
            break
    return total


@cache
def load(name: str) -> Model:
    """Return the model of this name that ships with the reader."""
    return compile_model(name, read_text("worker.extraction.classifier", f"{name}_model.json"))


def compile_model(name: str, text: str) -> Model:
    """Return the model in the text of a JSON file. Raises RuntimeError if it was trained on other features."""
    model = json.loads(text)
    if model["features"] != list(_FEATURES[name]()):
        raise RuntimeError(f"{name}_model.json was trained on other features. Run bench/train_{name}.py --write.")
    trees = [_source(tree) for tree in model["trees"]]
    ends = [end for end, _, _ in model["exits"]]
    stages = tuple(_stage(trees[start:end]) for start, end in zip([0, *ends], [*ends, len(trees)], strict=True))
    return Model(stages, (*((low, high) for _, low, high in model["exits"]), (0.0, 0.0)))


def _stage(trees: Sequence[str]) -> _Stage:
    stage: _Stage = eval("lambda v, total: " + "+".join(["total", *trees]))  # noqa: S307 (all numbers, see _source)
    return stage


def _source(node: Any) -> str:
    """Return a tree as an expression. Only numbers of the file get into it."""
    if isinstance(node, list):
        feature, threshold, left, right = node
        return f"({_source(left)} if v[{int(feature)}] <= {float(threshold)!r} else {_source(right)})"
    return f"({float(node)!r})"
