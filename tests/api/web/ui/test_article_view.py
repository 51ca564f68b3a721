"""The changes of an article on its page, as HTML and in the browser."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from selenium.webdriver import Chrome

from tests.api.web.ui.conftest import Client
from tests.support.pages.html import select_one
from tests.support.pages.news import BREAK, HOSTILE, SCRIPT, document_by_headline
from tests.support.servers import chromium
from tests.support.servers.chromium import CONTRASTS, find_all, find_one, texts

FLOOD = document_by_headline("Floods cut")
STORM = document_by_headline("Storm tears")


def _changes(client: Client, id: str) -> list[LexborNode]:
    return LexborHTMLParser(client().get(f"/articles/{id}").text).css(".changes details")


def test_newest_change_is_first_with_its_time_and_words(client: Client) -> None:
    newest, oldest = _changes(client, FLOOD.id)
    assert select_one(newest, "summary").text().strip() == "1 June 2026, 12:00 UTC: text"
    assert [n.text() for n in newest.css(".words del, .words ins")] == ["thirty", "forty"]
    assert "Rescuers in rubber boats brought thirtyforty people" in select_one(newest, ".words").text()
    assert [n.text() for n in newest.css(".words .hint")] == ["1 paragraph unchanged"] * 2
    assert select_one(oldest, "summary").text().strip() == "1 June 2026, 11:00 UTC: headline, authors"
    assert [n.text() for n in oldest.css(".words del, .words ins")] == [
        "two",
        "three",
        " along the Marn",
        "Maria Rossi, Tom Ashdown",
    ]


def test_unchanged_article_has_no_changes_section(client: Client) -> None:
    assert _changes(client, STORM.id) == []
    assert "Recorded changes" not in client().get(f"/articles/{STORM.id}").text


def test_markup_in_changed_words_is_escaped(client: Client) -> None:
    [change] = _changes(client, HOSTILE.id)
    deleted = "".join(n.text() for n in change.css(".words del"))
    assert SCRIPT in deleted
    whole = "".join(n.text() for n in change.css(".words p"))
    assert BREAK in whole
    assert not change.css("script, img, svg, [onclick], [onload]")


def test_changes_unfold_without_scripts(browser: Chrome, site: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{site}/articles/{FLOOD.id}")
        newest = find_one(browser, ".changes details")
        assert not newest.find_element("tag name", "ins").is_displayed()
        newest.find_element("tag name", "summary").click()
        assert texts(browser, ".changes details[open] .words ins") == ["forty"]
        assert find_one(browser, "aside a[href='#changes']").text == "2"
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_changes_have_enough_contrast_and_fit_a_phone(browser: Chrome, embedded_site: str, scheme: str) -> None:
    """The texts include long ones with markup."""
    chromium.set_colour_scheme(browser, scheme)
    chromium.resize(browser, 320, 640)
    for article in (FLOOD, HOSTILE):
        browser.get(f"{embedded_site}/articles/{article.id}")
        for summary in find_all(browser, ".changes summary"):
            summary.click()
        assert len(find_all(browser, ".changes details[open]")) > 0
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 320
        assert not [(w, c) for w, c in browser.execute_script(CONTRASTS) if c < 4.5]
        assert browser.execute_script("return window.pwned") is None
