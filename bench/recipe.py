"""How the models are trained: everything that decides their trees, beside the pages and the features.

Each model's file records the recipe that made it. A test compares it with this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SNIPPET = 4.0  #: weight of a snippet
AGREED = 15.0  #: weight of a page on whose texts other readers agree
PAGE = 30.0  #: weight of a page with a gold body
GENERATED = 15.0  #: the same for a generated page
VARIANT = 0.2  #: factor of a variant of a page
ROUNDS = {"blocks": 120, "lines": 120}
CHECKPOINTS = {"blocks": (10, 20, 36, 60), "lines": (10, 20, 36, 60)}  #: numbers of trees after which scoring may end
PARAMETERS: Mapping[str, Any] = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.09,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 8,
}


def recipe(name: str) -> dict[str, Any]:
    """Return the recipe of a model as its file records it."""
    return {
        "rounds": ROUNDS[name],
        "checkpoints": list(CHECKPOINTS[name]),
        "weights": {"snippet": SNIPPET, "agreed": AGREED, "page": PAGE, "generated": GENERATED, "variant": VARIANT},
        "parameters": dict(PARAMETERS),
    }
