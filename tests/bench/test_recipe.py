"""The committed models come from the recipe, the features and the trees that the code knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

import pytest

from bench.agreement import agreed_labels
from bench.recipe import recipe
from bench.variants import variant_of
from tests.support.paths import PROJECT
from worker import extraction
from worker.extraction.classifier import block_features, line_features

CLASSIFIER = PROJECT / "worker" / "extraction" / "classifier"
NAMES: dict[str, Callable[[], Sequence[str]]] = {"blocks": block_features.names, "lines": line_features.names}
PARAGRAPHS = [
    f"The council of district {i} met for {i + 2} hours and then went home by tram, as always." for i in range(6)
]
PAGE = f"<html><body><article class='story'><h1>Tram</h1>{''.join(f'<p>{p}</p>' for p in PARAGRAPHS)}</article></body>"
STORIES = [
    f"A dog of {i} years barked at the harbour.\nThe owner apologised {i} times for the noise." for i in range(9)
]


@pytest.mark.parametrize("name", NAMES)
def test_committed_model_records_this_recipe(name: str) -> None:
    model: dict[str, Any] = json.loads((CLASSIFIER / f"{name}_model.json").read_text("utf-8"))
    made = model["made"]
    assert {key: made[key] for key in recipe(name)} == json.loads(json.dumps(recipe(name)))
    assert model["features"] == list(NAMES[name]())
    assert len(model["trees"]) == recipe(name)["rounds"]
    assert [count for count, _, _ in model["exits"]] == recipe(name)["checkpoints"]


def test_a_variant_keeps_the_story_and_depends_on_the_seed_alone() -> None:
    variants = {seed: variant_of(PAGE.encode(), "https://a.example/", STORIES, seed) for seed in "abcdefgh"}
    assert len(set(variants.values())) > 4
    for seed, variant in variants.items():
        assert variant == variant_of(PAGE.encode(), "https://a.example/", STORIES, seed)
        texts = [v.block.text for v in extraction.explain(variant, "https://a.example/").verdicts]
        assert set(PARAGRAPHS) <= set(texts)


def test_a_page_without_body_has_a_variant() -> None:
    assert variant_of(b"<html><head><title>Tram</title></head></html>", "https://a.example/", STORIES, "a")


def test_labels_need_the_vote_of_every_reader() -> None:
    texts = [*PARAGRAPHS, "Subscribe to the letter of the tram, which leaves every day at noon."]
    most, all_but_one = "\n".join(PARAGRAPHS), "\n".join(PARAGRAPHS[1:])
    labels = agreed_labels(texts, [most, most, most, all_but_one])
    assert labels[1:] == [1.0] * 5 + [0.0]
    assert isnan(labels[0])
    assert all(map(isnan, agreed_labels(texts, [most, "", most, most])))
