"""The pages in a real browser: clicks, keyboard, phone, light and dark mode, content security policy.

The `browser` fixture fails a test whose console has messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.api.web.ui.conftest import Client
from tests.support.pages.news import DOCUMENTS, HOSTILE, document_by_headline
from tests.support.servers import chromium
from tests.support.servers.chromium import CONTRASTS, click, find_all, find_one, texts, wait_for_new_page
from tests.support.servers.http import QuietHandler, serve_http
from tests.support.servers.serving import serving
from worker.model.records import CrawlResult, Outcome, Target
from worker.services.context import AppContext

TOTAL = len(DOCUMENTS) + 1
FLOOD = document_by_headline("Floods cut")


def total(browser: Chrome) -> int:
    return int(find_one(browser, "h1").text.split()[0])


def parameters(browser: Chrome) -> dict[str, list[str]]:
    return parse_qs(urlsplit(browser.current_url).query)


def search(browser: Chrome, words: str) -> None:
    box = find_one(browser, "#q")
    box.clear()
    box.send_keys(words)
    click(browser, find_one(browser, "form.search .line button"))


def facet(browser: Chrome, name: str, value: str) -> WebElement:
    for choice in find_all(browser, f"[data-facet={name}] li a"):
        if value in choice.text:
            return choice
    raise AssertionError(f"{name} offers no {value}")


def test_filters_narrow_and_widen_a_search(browser: Chrome, site: str) -> None:
    browser.get(site)
    assert total(browser) == TOTAL
    search(browser, "flood bridge")
    assert total(browser) == 2
    assert "bridge" in texts(browser, ".hits em")
    assert "Maria Rossi" in texts(browser, ".hits .credit")  # of the second picture, whose caption matches "bridge"
    search(browser, "river OR bridge")
    before = total(browser)
    choice = facet(browser, "photographer", "Ines Okafor")
    count = int(choice.text.split()[-1])
    assert 0 < count < before
    click(browser, choice)
    assert total(browser) == count
    assert find_one(browser, ".chips a").accessible_name == "Remove Photographer: Ines Okafor"
    assert find_one(browser, "#q").get_attribute("value") == "river OR bridge"
    click(browser, find_one(browser, ".chips a"))
    assert total(browser) == before and not find_all(browser, ".chips")


def test_values_of_a_facet_add_up_and_all_filters_can_be_removed(browser: Chrome, site: str) -> None:
    browser.get(site)
    click(browser, facet(browser, "lang", "German"))
    click(browser, facet(browser, "lang", "French"))  # still shown: a facet ignores its own filter
    assert total(browser) == 4
    click(browser, facet(browser, "section", "Culture"))
    assert total(browser) == 1 and len(find_all(browser, ".chips li")) == 4
    search(browser, "musée")  # the form keeps the filters
    assert total(browser) == 1 and len(find_all(browser, ".chips li")) == 4
    click(browser, find_one(browser, ".chips a.plain"))
    assert not find_all(browser, ".chips") and find_one(browser, "#q").get_attribute("value") == "musée"


def test_next_and_previous_page(browser: Chrome, site: str) -> None:
    browser.get(site)
    first = texts(browser, ".hits h2")
    assert len(first) == 20
    click(browser, find_one(browser, "[rel=next]"))
    second = texts(browser, ".hits h2")
    assert find_one(browser, ".paging span").text == f"21–40 of {TOTAL}"
    assert find_one(browser, ".hits").get_attribute("start") == "21"
    click(browser, find_one(browser, "[rel=next]"))
    third = texts(browser, ".hits h2")
    assert len({*first, *second, *third}) == len({d.article.headline for d in DOCUMENTS}) + 1
    assert not find_all(browser, "[rel=next]")
    click(browser, find_one(browser, "[rel=prev]"))
    assert texts(browser, ".hits h2") == second
    click(browser, find_one(browser, "[rel=prev]"))
    assert texts(browser, ".hits h2") == first and not find_all(browser, "[rel=prev]")


def test_click_on_a_histogram_column_selects_its_period(browser: Chrome, site: str) -> None:
    browser.get(f"{site}/?since=2026-01-01")
    bar = max(
        find_all(browser, ".dates a"), key=lambda a: float(a.find_element(By.CLASS_NAME, "column").rect["height"])
    )
    label = str(bar.get_attribute("aria-label"))
    click(browser, bar.find_element(By.CLASS_NAME, "column"))
    assert total(browser) == int(label.rsplit(": ", 1)[1].split(maxsplit=1)[0])
    assert {"since", "until"} <= parameters(browser).keys()
    assert len(find_all(browser, ".chips li")) == 3


def test_dragging_over_the_histogram_selects_a_period(browser: Chrome, site: str) -> None:
    browser.get(f"{site}/?since=2026-01-01")
    before, body = total(browser), find_one(browser, "body")
    rooms = find_all(browser, ".dates .column-area")
    start, end = rooms[len(rooms) // 3], rooms[len(rooms) // 2]
    bounds = [r.find_element(By.XPATH, "./ancestor::*[@data-since]") for r in (start, end)]
    wanted = (bounds[0].get_attribute("data-since"), bounds[1].get_attribute("data-until"))
    ActionChains(browser, duration=20).move_to_element(end).click_and_hold().move_to_element(start).release().perform()
    wait_for_new_page(browser, body)
    found = parameters(browser)
    assert (found["since"][0], found["until"][0]) == wanted
    assert 0 < total(browser) < before


def test_article_page_shows_origins_ledger_row_and_similar_articles(browser: Chrome, site: str) -> None:
    browser.get(f"{site}/?q=%22stone+bridge%22+dinghy")
    click(browser, find_one(browser, ".hits h2 a"))
    assert find_one(browser, "h1").text == FLOOD.article.headline
    assert find_one(browser, ".body figcaption").text.startswith("Firefighters pull a dinghy")
    summary = find_one(browser, "details.how summary")
    assert not find_one(browser, "details.how table").is_displayed()
    summary.click()
    assert "json-ld headline dom h1 Floods" in " ".join(find_one(browser, "details.how tbody").text.split())
    find_one(browser, "#ledger summary").click()
    assert "Outcome\nindexed" in find_one(browser, "#ledger").text
    alike = find_one(browser, "#similar a")
    assert "bridge" in alike.text
    click(browser, alike)
    assert "argues about its bridge" in find_one(browser, "h1").text
    click(browser, find_one(browser, ".body .facts a"))
    assert parameters(browser) == {"filter": ["photographer=Ines Okafor"]} and total(browser) == 4


def test_sort_order(browser: Chrome, site: str) -> None:
    browser.get(f"{site}/?q=bridge")
    click(browser, next(a for a in find_all(browser, ".sorts a") if a.text == "Oldest"))
    times = [t.get_attribute("datetime") for t in find_all(browser, ".hits time")]
    assert times == sorted(map(str, times)) and len(times) > 2
    assert find_one(browser, ".sorts [aria-current]").text == "Oldest"


def test_keyboard_navigation(browser: Chrome, site: str) -> None:
    browser.get(site)
    press = ActionChains(browser, duration=1)

    def focused_element() -> WebElement:
        return browser.switch_to.active_element

    def keys(*words: str) -> None:
        body = find_one(browser, "body")
        press.send_keys(*words).perform()
        if words[-1] == Keys.ENTER:
            wait_for_new_page(browser, body)

    press.send_keys(Keys.TAB).perform()
    assert focused_element().text == "Skip to the content" and focused_element().rect["x"] >= 0
    press.send_keys("/").perform()
    assert focused_element().get_attribute("id") == "q"
    keys("storm/", Keys.BACKSPACE, Keys.ENTER)  # inside the box "/" is an ordinary character
    assert parameters(browser) == {"q": ["storm"]}
    focused: list[str] = []
    press.send_keys("/").perform()
    for _ in range(12):
        press.send_keys(Keys.TAB).perform()
        focused.append(str(focused_element().get_attribute("class") or focused_element().accessible_name))
        if focused_element().tag_name == "a" and focused_element().find_elements(By.CLASS_NAME, "column"):
            break
    else:
        raise AssertionError(f"Tab does not reach the histogram: {focused}")
    first = focused_element().accessible_name
    press.send_keys(Keys.ARROW_RIGHT).perform()
    assert focused_element().accessible_name != first
    press.send_keys(Keys.TAB).perform()
    assert focused_element().find_elements(By.XPATH, "./ancestor::h2"), "one stop, then the first hit"
    headline = focused_element().text
    keys(Keys.ENTER)
    assert find_one(browser, "h1").text == headline


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_contrast(browser: Chrome, embedded_site: str, scheme: str) -> None:
    """WCAG 2.2, 1.4.3 requires a contrast of 4.5 to 1."""
    chromium.set_colour_scheme(browser, scheme)
    for path in ("/?q=bridge&filter=lang%3Den&since=2026-01-01", f"/articles/{FLOOD.id}", "/queue"):
        browser.get(embedded_site + path)
        lightness = browser.execute_script("return getComputedStyle(document.documentElement).backgroundColor")
        assert (_luminance(lightness) > 0.5) == (scheme == "light")
        low = [(w, c) for w, c in browser.execute_script(CONTRASTS) if c < 4.5]
        assert not low, path


@pytest.mark.parametrize("width", [320, 768, 1180])
def test_pages_fit_the_screen_width(browser: Chrome, embedded_site: str, width: int) -> None:
    chromium.resize(browser, width, 640)
    long_row = f"/articles/{HOSTILE.id}"
    for path in ("/?q=bridge+OR+zebra&since=2026-01-01&filter=lang%3Den", f"/articles/{FLOOD.id}", long_row, "/queue"):
        browser.get(embedded_site + path)
        for details in find_all(browser, "details:not([open]) > summary"):
            details.click()
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, path


def test_phone_shows_facets_below_the_hits(browser: Chrome, site: str) -> None:
    chromium.resize(browser, 320, 640)
    browser.get(f"{site}/?q=bridge")
    find_one(browser, ".narrow").click()
    top = browser.execute_script("return document.getElementById('facets').getBoundingClientRect().top")
    assert -1 < top < 320  # scrolling ends on whole pixels
    click(browser, facet(browser, "author", "Maria Rossi"))
    assert total(browser) == 2


def test_pages_work_without_scripts(browser: Chrome, embedded_site: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(embedded_site)
        find_one(browser, "#q").send_keys("storm", Keys.ENTER)
        WebDriverWait(browser, 10, 0.02).until(lambda _: "q=storm" in browser.current_url)
        find_one(browser, "[data-facet=section] a").click()
        WebDriverWait(browser, 10, 0.02).until(lambda _: "filter=" in browser.current_url)
        assert find_one(browser, ".chips a").is_displayed()
        browser.get(f"{embedded_site}/queue")
        assert not find_one(browser, ".live button").is_displayed()
        assert "accepted" in find_one(browser, ".tiles").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_queue_page_updates_until_it_is_paused(browser: Chrome, site: str, context: AppContext) -> None:
    def queued() -> int:
        return int(next(li for li in texts(browser, ".legend li") if "queued" in li).split()[-1])

    def update_now() -> None:
        browser.execute_script("document.dispatchEvent(new Event('visibilitychange'))")

    browser.get(f"{site}/queue")
    before = queued()
    url = "https://ledger.example/live"
    target = Target(id="e" * 32, url=url, canonical_url=url, host="https://ledger.example", source="test")
    (admission,) = context.ledger.admit([target], context.now())
    try:
        context.ledger.refresh()
        update_now()
        WebDriverWait(browser, 8, 0.05, [Exception]).until(lambda _: queued() == before + 1)
        button = find_one(browser, ".live button")
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        shown = find_one(browser, "#live .at time").get_attribute("datetime")
        update_now()
        browser.execute_async_script("setTimeout(arguments[0], 300)")
        assert find_one(browser, "#live .at time").get_attribute("datetime") == shown
    finally:
        end = CrawlResult(id=target.id, crawl=admission.row.crawl, outcome=Outcome.REJECTED, finished_at=context.now())
        context.ledger.finish([end])
        assert context.ledger.delete([target.id]) == 1
        context.ledger.refresh()


def test_markup_in_articles_does_not_run(browser: Chrome, site: str) -> None:
    for path in ("/?q=zebra", f"/articles/{HOSTILE.id}", "/queue", '/?q="><script>window.pwned=1</script>'):
        browser.get(site + path)
        for details in find_all(browser, "details:not([open]) > summary"):
            details.click()
        assert browser.execute_script("return window.pwned") is None
    browser.get(f"{site}/articles/{HOSTILE.id}")
    assert find_one(browser, "h1").text == HOSTILE.article.headline


def test_policy_blocks_inline_and_foreign_content(browser: Chrome, embedded_site: str) -> None:
    """The console reports violations, so a test without console messages has none."""
    browser.get(embedded_site)
    browser.execute_script(
        "const image = new Image(); image.src = 'http://127.0.0.1:9/picture.jpg'; document.body.append(image);"
        "const script = document.createElement('script'); script.textContent = 'window.pwned = 1';"
        "document.body.append(script);"
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\" onclick=\"window.pwned = 1\">x</p>');"
        "document.body.lastElementChild.click();"
    )
    assert browser.execute_script("return window.pwned") is None
    blocked = chromium.console_messages(browser)
    assert len([b for b in blocked if "Content Security Policy" in b]) >= 4, blocked


def test_sign_in_and_out(browser: Chrome, sqlite_context: AppContext, client: Client) -> None:
    locked = client(api_keys="open-sesame-and-close").app.state.context  # type: ignore[attr-defined]
    with serving(locked) as origin:
        browser.get(f"{origin}/?q=flood")
        assert browser.switch_to.active_element.get_attribute("id") == "key"
        body = find_one(browser, "body")
        find_one(browser, "#key").send_keys("wrong", Keys.ENTER)
        wait_for_new_page(browser, body)
        assert find_one(browser, "[role=alert]").text == "This key is invalid, or it lacks the scope read."
        chromium.console_messages(browser)  # the answers were 401
        body = find_one(browser, "body")
        find_one(browser, "#key").send_keys("open-sesame-and-close", Keys.ENTER)
        wait_for_new_page(browser, body)
        assert parameters(browser) == {"q": ["flood"]} and total(browser) == 2
        assert browser.execute_script("return document.cookie") == ""
        browser.get(f"{origin}/queue")
        click(browser, find_one(browser, ".masthead form button"))
        assert find_one(browser, "h1").text == "Sign in"
        chromium.console_messages(browser)


def _luminance(colour: str) -> float:
    red, green, blue = (int(part) / 255 for part in colour.strip("rgb()").split(",")[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@contextmanager
def another_site(html: str) -> Iterator[str]:
    """Serve a page at the name localhost, which browsers treat as another site than 127.0.0.1."""

    class Handler(QuietHandler):
        def do_GET(self) -> None:
            self.respond(200, html.encode() if self.path == "/" else b"", {"Content-Type": "text/html"})

    with serve_http(Handler) as port:
        yield f"http://localhost:{port}/"


def test_another_site_may_only_link_to_pages(browser: Chrome, embedded_site: str) -> None:
    html = (
        f'<img src="{embedded_site}/v1/sources/discover?url=http://127.0.0.1:1/">'
        f'<img src="{embedded_site}/?q=flood"><iframe src="{embedded_site}/queue"></iframe>'
        f'<a href="{embedded_site}/?q=flood">floods</a>'
    )
    with another_site(html) as there:
        browser.get(there)
        metrics = requests.get(f"{embedded_site}/metrics", timeout=10).text
        seen = re.findall(r'http_request_seconds_count{method="GET",route="([^"]*)",status="(\d+)"}', metrics)
        assert sorted(seen) == [("/", "403"), ("/queue", "403"), ("/v1/sources/discover", "403")]
        chromium.console_messages(browser)  # the answers were 403
        click(browser, find_one(browser, "a"))
        assert total(browser) == 2


def test_lines_do_not_begin_with_a_dot_on_a_phone(browser: Chrome, embedded_site: str) -> None:
    chromium.resize(browser, 300, 640)
    browser.get(embedded_site)
    edges = browser.execute_script("""
        return [...document.querySelectorAll(".origin")].map((line) => [...line.children].map((part) => {
            const text = document.createRange();
            text.selectNodeContents(part);
            const {left, top} = text.getClientRects()[0];
            return [Math.round(top), left, line.getBoundingClientRect().left + 1.1 * 16];
        }))""")
    assert any(len({top for top, *_ in parts}) > 1 for parts in edges), "at least one takes two lines"
    for parts in edges:
        for top in {top for top, *_ in parts}:
            left, edge = min((left, edge) for t, left, edge in parts if t == top)
            assert abs(left - edge) < 1


def test_long_publisher_name_is_not_clipped(browser: Chrome, embedded_site: str) -> None:
    chromium.resize(browser, 300, 640)
    browser.get(f"{embedded_site}/articles/{HOSTILE.id}")
    edge, *lefts = browser.execute_script("""
        const text = document.createRange(), line = document.querySelector(".origin");
        text.selectNodeContents(line.querySelector(".publisher"));
        const lefts = [...text.getClientRects()].map((part) => part.left);
        return [line.getBoundingClientRect().left + 1.1 * 16, ...lefts];""")
    assert len(lefts) > 1 and min(lefts) >= edge - 1
