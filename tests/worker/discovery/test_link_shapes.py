"""Tests of the shapes of URLs and of their statistics."""

from __future__ import annotations

import json

import pytest

from worker.discovery.link_shapes import ShapeStatistics, has_slug_or_number, is_non_article, shape


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://n.example/politics/2026/11/24/harbour-bridge-opens-again", "/w/9/9/9/slug"),
        ("https://n.example/sport/ferry-race-123456.html", "/w/slug.html"),
        ("https://n.example/tag/harbour", "/tag/w"),
        ("https://n.example/view?idx=5&page=1", "/w?idx&page"),
        ("https://n.example/", "/"),
        ("https://n.example/news/c0ffee12-aa11-bb22-cc33-dddddddddddd", "/w/slug"),
        ("https://n.example/about-us/our-team", "/about-us/ww"),
    ],
)
def test_shape_of_a_url(url: str, expected: str) -> None:
    assert shape(url) == expected


def test_log_odds_are_limited_and_zero_for_unknown_shapes() -> None:
    many = [(f"https://n.example/a/story-number-one-{n}", True) for n in range(1000)]
    statistics = ShapeStatistics().with_outcomes([*many, ("https://n.example/tag/x", False)])
    assert statistics.log_odds("https://n.example/b/quite-another-story-here") == 4
    assert statistics.log_odds("https://n.example/tag/y") < -1
    assert statistics.log_odds("https://n.example/unknown") == 0


def test_statistics_survive_json_and_are_limited() -> None:
    statistics = ShapeStatistics().with_outcomes(
        (f"https://n.example/a/story-number-one-{n}", n % 2 == 0) for n in range(100)
    )
    restored = ShapeStatistics(json.loads(json.dumps(statistics.counts)))
    assert restored.log_odds("https://n.example/b/one-more-story-here") == 0
    statistics = statistics.with_outcomes(("https://n.example/a/story-number-one-1", True) for _ in range(900))
    assert sum(statistics.counts["/w/slug"]) <= 201
    assert statistics.log_odds("https://n.example/b/one-more-story-here") > 2
    many_shapes = statistics.with_outcomes((f"https://n.example/?x{n}=1", False) for n in range(900))
    assert len(many_shapes.counts) == 200
    assert "/w/slug" in many_shapes.counts


def test_non_article_urls() -> None:
    assert is_non_article("https://n.example/Privacy-Policy")
    assert is_non_article("https://n.example/images/a.jpg")
    assert not is_non_article("https://n.example/politics/privacy-of-all-citizens")


def test_slug_or_number() -> None:
    assert has_slug_or_number("https://n.example/?p=31") is False
    assert has_slug_or_number("https://n.example/?p=3100")
    assert has_slug_or_number("https://n.example/harbour-bridge-opens-again")
    assert not has_slug_or_number("https://n.example/news?page=2")
