"""Rules for single sites: selectors, hosts, and messages about mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from worker import extraction, wiring
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.extraction import word_tables
from worker.extraction.boilerplate import site_rules
from worker.extraction.boilerplate.site_rules import NO_RULES, parse_selector, site_rules_for


def _forget_tables() -> None:
    for cached in (word_tables.load, site_rules._table, site_rules._rules_of_host, site_rules.site_rules_for):
        cached.cache_clear()


@pytest.fixture
def fresh_tables() -> Iterator[None]:
    """Read all tables again, before and after the test."""
    _forget_tables()
    yield
    _forget_tables()


PROSE = "<p>The people of Ostervik voted on Tuesday to keep the last ferry, although it costs the council a lot.</p>"


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("div", True),
        ("p", False),
        ("*", True),
        (".promo", True),
        ("div.promo.big", True),
        ("div.promo.small", False),
        ("#box", True),
        ("div#other", False),
        ("[data-x]", True),
        ("[data-x=ad]", True),
        ('div[data-x="ad"].promo', True),
        ("[data-x=no]", False),
    ],
)
def test_selector_matches_an_element(selector: str, matches: bool) -> None:
    node = etree.fromstring('<div class="promo big" id="box" data-x="ad"/>')
    assert parse_selector(selector).matches(node) is matches


@pytest.mark.parametrize("selector", ["", "div p", "div > p", "..x", "p:first-child", "[x"])
def test_invalid_selector_is_rejected(selector: str) -> None:
    with pytest.raises(BadInput, match="selector"):
        parse_selector(selector)


def test_rules_apply_to_the_host_and_its_subdomains() -> None:
    assert site_rules_for("https://copydesk.example/a").drop
    assert site_rules_for("https://www.copydesk.example/a").drop
    assert site_rules_for("https://notcopydesk.example/a") is NO_RULES
    assert site_rules_for("https://example/a") is NO_RULES


def test_drop_keep_and_phrases_decide_blocks() -> None:
    phrase = word_tables.load("site_rules")["site"][0]["phrases"][0]
    greeting = phrase.replace("*", "islands")
    page = (
        f"<html><h1>Town keeps its ferry</h1><article>{PROSE * 5}"
        "<div class='sponsor-strip'><p>The bank on the corner has served the people of this town well.</p></div>"
        "<aside class='story-extra'><ul><li>71 percent voted</li></ul></aside>"
        f"<p>{greeting}</p></article></html>"
    ).encode()
    explained = extraction.explain(page, "https://www.copydesk.example/news/1")
    reasons = {v.block.text: (v.kept, v.reason) for v in explained.verdicts}
    assert reasons["71 percent voted"] == (True, "site rule: aside.story-extra")
    assert reasons["The bank on the corner has served the people of this town well."][0] is False
    assert reasons[greeting] == (False, f"site rule: {phrase}")
    assert "71 percent voted" in explained.article.article_body


@pytest.mark.parametrize(
    ("site", "problem"),
    [
        ('drop = ["p"]', "no host"),
        ('host = "a.example"\nhide = []', "unknown hide"),
        ('host = "a.example"\ndrop = "p"', "drop of the site a.example must be a list of strings"),
        ('host = "a.example"\nphrases = [1]', "phrases of the site a.example must be a list of strings"),
    ],
)
def test_user_rules_extend_the_shipped_ones_and_are_checked(
    site: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_tables: None
) -> None:
    (tmp_path / "tables").mkdir()
    table = tmp_path / "tables" / "site_rules.toml"
    monkeypatch.setenv("COPYDESK_CONFIG_DIR", str(tmp_path))
    table.write_text('[[site]]\nhost = "mine.example"\ndrop = ["div.promo"]\n')
    assert [selector.text for selector in site_rules_for("https://www.mine.example/a").drop] == ["div.promo"]
    assert site_rules_for("https://copydesk.example/a").drop
    _forget_tables()
    table.write_text(f"[[site]]\n{site}\n")
    with pytest.raises(BadInput, match=problem):
        site_rules_for("https://mine.example/a")


def test_start_is_refused_with_an_invalid_selector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_tables: None
) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "site_rules.toml").write_text('[[site]]\nhost = "mine.example"\ndrop = ["a > b"]\n')
    monkeypatch.setenv("COPYDESK_CONFIG_DIR", str(tmp_path))
    with pytest.raises(BadInput, match="'a > b' is not a selector"):
        wiring.check(Settings())
