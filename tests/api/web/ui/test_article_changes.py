"""What changed in an article, on its page: as it comes over the wire, and in the browser."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from selenium.webdriver import Chrome

from tests.api.web.ui.conftest import Client
from tests.api.web.ui.test_browser import CONTRASTS, all_of, one, texts
from tests.support import chromium
from tests.support.news import BREAK, HOSTILE, SCRIPT, document_of

FLOOD = document_of("Floods cut")
STORM = document_of("Storm tears")


def _changes(client: Client, id: str) -> list[LexborNode]:
    return LexborHTMLParser(client().get(f"/articles/{id}").text).css(".changes details")


def test_the_newest_change_comes_first_with_its_time_and_its_words(client: Client) -> None:
    newest, oldest = _changes(client, FLOOD.id)
    assert newest.css_first("summary").text().strip() == "1 June 2026, 12:00 UTC: text"
    assert [n.text() for n in newest.css(".words del, .words ins")] == ["thirty", "forty"]
    assert "Rescuers in rubber boats brought thirtyforty people" in newest.css_first(".words").text()
    assert [n.text() for n in newest.css(".words .hint")] == ["1 paragraph unchanged"] * 2
    assert oldest.css_first("summary").text().strip() == "1 June 2026, 11:00 UTC: headline, authors"
    assert [n.text() for n in oldest.css(".words del, .words ins")] == [
        "two",
        "three",
        " along the Marn",
        "Maria Rossi, Tom Ashdown",
    ]


def test_an_article_that_never_changed_says_nothing_of_it(client: Client) -> None:
    assert _changes(client, STORM.id) == []
    assert "Recorded changes" not in client().get(f"/articles/{STORM.id}").text


def test_words_that_attack_are_shown_as_they_are(client: Client) -> None:
    [change] = _changes(client, HOSTILE.id)
    deleted = "".join(n.text() for n in change.css(".words del"))
    assert SCRIPT in deleted
    whole = "".join(n.text() for n in change.css(".words p"))
    assert BREAK in whole
    assert not change.css("script, img, svg, [onclick], [onload]")


def test_changes_unfold_without_a_script(browser: Chrome, site: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{site}/articles/{FLOOD.id}")
        newest = one(browser, ".changes details")
        assert not newest.find_element("tag name", "ins").is_displayed()
        newest.find_element("tag name", "summary").click()
        assert texts(browser, ".changes details[open] .words ins") == ["forty"]
        assert one(browser, "aside a[href='#changes']").text == "2"
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_changed_stands_out_from_its_ground(browser: Chrome, embedded_site: str, scheme: str) -> None:
    """And fits a phone, whatever it says."""
    chromium.prefer(browser, scheme)
    chromium.resize(browser, 320, 640)
    for article in (FLOOD, HOSTILE):
        browser.get(f"{embedded_site}/articles/{article.id}")
        for summary in all_of(browser, ".changes summary"):
            summary.click()
        assert len(all_of(browser, ".changes details[open]")) > 0
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 320
        assert not [(w, c) for w, c in browser.execute_script(CONTRASTS) if c < 4.5]
        assert browser.execute_script("return window.pwned") is None
