"""How probably a block or a line is the story's: boosted trees over its features, learned offline.

The weights are config/blocks_model.json and config/lines_model.json, by bench/train_blocks.py and bench/train_lines.py:
the names of the features that they were trained on, and the trees, each node `[feature, threshold, left, right]` (left
where the value is at most the threshold) and each leaf a number. The sum of the leaves is the log-odds. `exits` says
after how many trees a sum is so low or so high that the rest cannot turn it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from worker.reading import features, linefeatures

_CONFIG = Path(__file__).resolve().parents[2] / "config"

_FEATURES = {"blocks": features.names, "lines": linefeatures.names}

Node: TypeAlias = "float | tuple[int, float, Node, Node]"


def score(vectors: Sequence[Sequence[float]], name: str = "blocks") -> list[float]:
    """The probability of each vector of `features.vectors` ("blocks") or `linefeatures.vectors` ("lines").

    Clear cases are left early, at the model's `exits`.
    """
    model = _model(name)
    return [1.0 / (1.0 + math.exp(-_log_odds(model, vector))) for vector in vectors]


@dataclass(frozen=True, slots=True)
class _Model:
    stages: tuple[tuple[Node, ...], ...]
    exits: tuple[tuple[float, float], ...]  #: after each stage: below the first or above the second all is clear


def _log_odds(model: _Model, vector: Sequence[float]) -> float:
    total = 0.0
    for trees, (low, high) in zip(model.stages, model.exits, strict=True):
        for tree in trees:
            node = tree
            while type(node) is tuple:
                feature, threshold, left, right = node
                node = left if vector[feature] <= threshold else right
            total += node  # type: ignore[operator]
        if total < low or total > high:
            break
    return total


@cache
def _model(name: str) -> _Model:
    with (_CONFIG / f"{name}_model.json").open(encoding="utf-8") as file:
        model = json.load(file)
    if model["features"] != list(_FEATURES[name]()):
        raise RuntimeError(f"config/{name}_model.json was trained on other features; run bench/train_{name}.py again.")
    trees = tuple(map(_node, model["trees"]))
    ends = [end for end, _, _ in model["exits"]]
    stages = tuple(trees[start:end] for start, end in zip([0, *ends], [*ends, len(trees)], strict=True))
    return _Model(stages, (*((low, high) for _, low, high in model["exits"]), (0.0, 0.0)))


def _node(value: Any) -> Node:
    if isinstance(value, list):
        feature, threshold, left, right = value
        return (int(feature), float(threshold), _node(left), _node(right))
    return float(value)
