"""How probably a block is the story's: boosted trees over its features, learned offline by bench/train_blocks.py.

The weights are config/blocks_model.json: the names of the features that they were trained on, and the trees, each node
`[feature, threshold, left, right]` (left where the value is at most the threshold) and each leaf a number. The sum of
the leaves is the log-odds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from worker.reading import features

_MODEL = Path(__file__).resolve().parents[2] / "config" / "blocks_model.json"

Node: TypeAlias = "float | tuple[int, float, Node, Node]"


def score(vectors: Sequence[Sequence[float]]) -> list[float]:
    """The probability of each vector of `features.vectors`."""
    trees = _trees()
    return [1.0 / (1.0 + math.exp(-_log_odds(trees, vector))) for vector in vectors]


def _log_odds(trees: Sequence[Node], vector: Sequence[float]) -> float:
    total = 0.0
    for tree in trees:
        node = tree
        while type(node) is tuple:
            feature, threshold, left, right = node
            node = left if vector[feature] <= threshold else right
        total += node  # type: ignore[operator]
    return total


@cache
def _trees() -> tuple[Node, ...]:
    with _MODEL.open(encoding="utf-8") as file:
        model = json.load(file)
    if model["features"] != list(features.names()):
        raise RuntimeError("config/blocks_model.json was trained on other features; run bench/train_blocks.py again.")
    return tuple(map(_node, model["trees"]))


def _node(value: Any) -> Node:
    if isinstance(value, list):
        feature, threshold, left, right = value
        return (int(feature), float(threshold), _node(left), _node(right))
    return float(value)
