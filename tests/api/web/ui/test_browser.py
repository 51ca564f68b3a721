"""The pages in a real browser: clicks, keys, a phone, light and dark, and a policy that nothing breaks.

The `browser` fixture fails a test whose console has anything to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.api.web.ui.conftest import Client
from tests.support import chromium
from tests.support.news import DOCUMENTS, HOSTILE, document_of
from tests.support.serving import serving
from worker.model.records import CrawlResult, Outcome, Target
from worker.services.context import AppContext

TOTAL = len(DOCUMENTS) + 1
FLOOD = document_of("Floods cut")


def all_of(browser: Chrome, css: str) -> list[WebElement]:
    return browser.find_elements(By.CSS_SELECTOR, css)


def one(browser: Chrome, css: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, css)


def texts(browser: Chrome, css: str) -> list[str]:
    return [element.text for element in all_of(browser, css)]


def click(browser: Chrome, element: WebElement) -> None:
    """As a mouse does, and wait for the next page."""
    body = one(browser, "body")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    ActionChains(browser, duration=1).move_to_element(element).click().perform()
    gone(browser, body)


def gone(browser: Chrome, body: WebElement) -> None:
    WebDriverWait(browser, 10, 0.02).until(lambda _: one(browser, "body").id != body.id)


def total(browser: Chrome) -> int:
    return int(one(browser, "h1").text.split()[0])


def parameters(browser: Chrome) -> dict[str, list[str]]:
    return parse_qs(urlsplit(browser.current_url).query)


def search(browser: Chrome, words: str) -> None:
    box = one(browser, "#q")
    box.clear()
    box.send_keys(words)
    click(browser, one(browser, "form.search .line button"))


def facet(browser: Chrome, name: str, value: str) -> WebElement:
    for choice in all_of(browser, f"[data-facet={name}] li a"):
        if value in choice.text:
            return choice
    raise AssertionError(f"{name} offers no {value}")


def test_search_narrow_and_widen(browser: Chrome, site: str) -> None:
    browser.get(site)
    assert total(browser) == TOTAL
    search(browser, "flood bridge")
    assert total(browser) == 2
    assert "bridge" in texts(browser, ".hits em")
    assert "Maria Rossi" in texts(browser, ".hits .credit")  # of the second picture, whose caption has the bridge
    search(browser, "river OR bridge")
    before = total(browser)
    choice = facet(browser, "photographer", "Ines Okafor")
    count = int(choice.text.split()[-1])
    assert 0 < count < before
    click(browser, choice)
    assert total(browser) == count
    assert one(browser, ".chips a").accessible_name == "Remove Photographer: Ines Okafor"
    assert one(browser, "#q").get_attribute("value") == "river OR bridge"
    click(browser, one(browser, ".chips a"))
    assert total(browser) == before and not all_of(browser, ".chips")


def test_facets_add_up_and_all_chips_go_at_once(browser: Chrome, site: str) -> None:
    browser.get(site)
    click(browser, facet(browser, "lang", "German"))
    click(browser, facet(browser, "lang", "French"))  # still offered: a facet leaves its own filter out of account
    assert total(browser) == 4
    click(browser, facet(browser, "section", "Culture"))
    assert total(browser) == 1 and len(all_of(browser, ".chips li")) == 4
    search(browser, "musée")  # the form keeps the filters
    assert total(browser) == 1 and len(all_of(browser, ".chips li")) == 4
    click(browser, one(browser, ".chips a.plain"))
    assert not all_of(browser, ".chips") and one(browser, "#q").get_attribute("value") == "musée"


def test_pages_are_turned_forth_and_back(browser: Chrome, site: str) -> None:
    browser.get(site)
    first = texts(browser, ".hits h2")
    assert len(first) == 20
    click(browser, one(browser, "[rel=next]"))
    second = texts(browser, ".hits h2")
    assert one(browser, ".paging span").text == f"21–40 of {TOTAL}"
    assert one(browser, ".hits").get_attribute("start") == "21"
    click(browser, one(browser, "[rel=next]"))
    third = texts(browser, ".hits h2")
    assert len({*first, *second, *third}) == len({d.article.headline for d in DOCUMENTS}) + 1
    assert not all_of(browser, "[rel=next]")
    click(browser, one(browser, "[rel=prev]"))
    assert texts(browser, ".hits h2") == second
    click(browser, one(browser, "[rel=prev]"))
    assert texts(browser, ".hits h2") == first and not all_of(browser, "[rel=prev]")


def test_a_bar_of_the_histogram_leads_into_its_time(browser: Chrome, site: str) -> None:
    browser.get(f"{site}/?since=2026-01-01")
    bar = max(all_of(browser, ".dates a"), key=lambda a: float(a.find_element(By.CLASS_NAME, "column").rect["height"]))
    label = str(bar.get_attribute("aria-label"))
    click(browser, bar.find_element(By.CLASS_NAME, "column"))
    assert total(browser) == int(label.rsplit(": ", 1)[1].split(maxsplit=1)[0])
    assert {"since", "until"} <= parameters(browser).keys()
    assert len(all_of(browser, ".chips li")) == 3


def test_the_histogram_is_brushed(browser: Chrome, site: str) -> None:
    browser.get(f"{site}/?since=2026-01-01")
    before, body = total(browser), one(browser, "body")
    rooms = all_of(browser, ".dates .column-area")
    start, end = rooms[len(rooms) // 3], rooms[len(rooms) // 2]
    bounds = [r.find_element(By.XPATH, "./ancestor::*[@data-since]") for r in (start, end)]
    wanted = (bounds[0].get_attribute("data-since"), bounds[1].get_attribute("data-until"))
    ActionChains(browser, duration=20).move_to_element(end).click_and_hold().move_to_element(start).release().perform()
    gone(browser, body)
    found = parameters(browser)
    assert (found["since"][0], found["until"][0]) == wanted
    assert 0 < total(browser) < before


def test_an_article_tells_how_it_was_read(browser: Chrome, site: str) -> None:
    browser.get(f"{site}/?q=%22stone+bridge%22+dinghy")
    click(browser, one(browser, ".hits h2 a"))
    assert one(browser, "h1").text == FLOOD.article.headline
    assert one(browser, ".pictures figcaption").text.startswith("Firefighters pull a dinghy")
    summary = one(browser, "details.how summary")
    assert not one(browser, "details.how table").is_displayed()
    summary.click()
    assert "json-ld headline dom h1 Floods" in " ".join(one(browser, "details.how tbody").text.split())
    one(browser, "#ledger summary").click()
    assert "Outcome\nindexed" in one(browser, "#ledger").text
    alike = one(browser, "#similar a")
    assert "bridge" in alike.text
    click(browser, alike)
    assert "argues about its bridge" in one(browser, "h1").text
    click(browser, one(browser, ".pictures .facts a"))
    assert parameters(browser) == {"filter": ["photographer=Ines Okafor"]} and total(browser) == 4


def test_the_order_is_chosen(browser: Chrome, site: str) -> None:
    browser.get(f"{site}/?q=bridge")
    click(browser, next(a for a in all_of(browser, ".sorts a") if a.text == "Oldest"))
    times = [t.get_attribute("datetime") for t in all_of(browser, ".hits time")]
    assert times == sorted(map(str, times)) and len(times) > 2
    assert one(browser, ".sorts [aria-current]").text == "Oldest"


def test_all_of_it_by_keys_alone(browser: Chrome, site: str) -> None:
    browser.get(site)
    press = ActionChains(browser, duration=1)

    def here() -> WebElement:
        return browser.switch_to.active_element

    def keys(*words: str) -> None:
        body = one(browser, "body")
        press.send_keys(*words).perform()
        if words[-1] == Keys.ENTER:
            gone(browser, body)

    press.send_keys(Keys.TAB).perform()
    assert here().text == "Skip to the content" and here().rect["x"] >= 0
    press.send_keys("/").perform()
    assert here().get_attribute("id") == "q"
    keys("storm/", Keys.BACKSPACE, Keys.ENTER)  # in the box "/" is a letter like any other
    assert parameters(browser) == {"q": ["storm"]}
    focused: list[str] = []
    press.send_keys("/").perform()
    for _ in range(12):
        press.send_keys(Keys.TAB).perform()
        focused.append(str(here().get_attribute("class") or here().accessible_name))
        if here().tag_name == "a" and here().find_elements(By.CLASS_NAME, "column"):
            break
    else:
        raise AssertionError(f"no way to the histogram: {focused}")
    first = here().accessible_name
    press.send_keys(Keys.ARROW_RIGHT).perform()
    assert here().accessible_name != first
    press.send_keys(Keys.TAB).perform()
    assert here().find_elements(By.XPATH, "./ancestor::h2"), "one stop in the histogram, then the first hit"
    headline = here().text
    keys(Keys.ENTER)
    assert one(browser, "h1").text == headline


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground(browser: Chrome, embedded_site: str, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 to 1."""
    chromium.prefer(browser, scheme)
    for path in ("/?q=bridge&filter=lang%3Den&since=2026-01-01", f"/articles/{FLOOD.id}", "/queue"):
        browser.get(embedded_site + path)
        lightness = browser.execute_script("return getComputedStyle(document.documentElement).backgroundColor")
        assert (_luminance(lightness) > 0.5) == (scheme == "light")
        faint = [(w, c) for w, c in browser.execute_script(CONTRASTS) if c < 4.5]
        assert not faint, path


@pytest.mark.parametrize("width", [320, 768, 1180])
def test_no_page_is_wider_than_the_screen(browser: Chrome, embedded_site: str, width: int) -> None:
    chromium.resize(browser, width, 640)
    long_row = f"/articles/{HOSTILE.id}"
    for path in ("/?q=bridge+OR+zebra&since=2026-01-01&filter=lang%3Den", f"/articles/{FLOOD.id}", long_row, "/queue"):
        browser.get(embedded_site + path)
        for details in all_of(browser, "details:not([open]) > summary"):
            details.click()
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, path


def test_a_phone_finds_the_facets_below(browser: Chrome, site: str) -> None:
    chromium.resize(browser, 320, 640)
    browser.get(f"{site}/?q=bridge")
    one(browser, ".narrow").click()
    top = browser.execute_script("return document.getElementById('facets').getBoundingClientRect().top")
    assert -1 < top < 320  # scrolling ends on whole pixels
    click(browser, facet(browser, "author", "Maria Rossi"))
    assert total(browser) == 2


def test_it_all_works_without_scripts(browser: Chrome, embedded_site: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(embedded_site)
        one(browser, "#q").send_keys("storm", Keys.ENTER)
        WebDriverWait(browser, 10, 0.02).until(lambda _: "q=storm" in browser.current_url)
        one(browser, "[data-facet=section] a").click()
        WebDriverWait(browser, 10, 0.02).until(lambda _: "filter=" in browser.current_url)
        assert one(browser, ".chips a").is_displayed()
        browser.get(f"{embedded_site}/queue")
        assert not one(browser, ".live button").is_displayed()
        assert "accepted" in one(browser, ".tiles").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_queue_is_live_until_it_is_paused(browser: Chrome, site: str, context: AppContext) -> None:
    def waits() -> int:
        return int(next(li for li in texts(browser, ".legend li") if "queued" in li).split()[-1])

    def look_now() -> None:
        browser.execute_script("document.dispatchEvent(new Event('visibilitychange'))")

    browser.get(f"{site}/queue")
    before = waits()
    url = "https://ledger.example/live"
    target = Target(id="e" * 32, url=url, canonical_url=url, host="https://ledger.example", source="test")
    (admission,) = context.ledger.admit([target], context.now())
    try:
        context.ledger.refresh()
        look_now()
        WebDriverWait(browser, 8, 0.05, [Exception]).until(lambda _: waits() == before + 1)
        button = one(browser, ".live button")
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        shown = one(browser, "#live .at time").get_attribute("datetime")
        look_now()
        browser.execute_async_script("setTimeout(arguments[0], 300)")
        assert one(browser, "#live .at time").get_attribute("datetime") == shown
    finally:
        end = CrawlResult(id=target.id, crawl=admission.row.crawl, outcome=Outcome.REJECTED, finished_at=context.now())
        context.ledger.finish([end])
        assert context.ledger.delete([target.id]) == 1
        context.ledger.refresh()


def test_hostile_words_do_nothing(browser: Chrome, site: str) -> None:
    for path in ("/?q=zebra", f"/articles/{HOSTILE.id}", "/queue", '/?q="><script>window.pwned=1</script>'):
        browser.get(site + path)
        for details in all_of(browser, "details:not([open]) > summary"):
            details.click()
        assert browser.execute_script("return window.pwned") is None
    browser.get(f"{site}/articles/{HOSTILE.id}")
    assert one(browser, "h1").text == HOSTILE.article.headline


def test_the_policy_stops_what_would_slip_through(browser: Chrome, embedded_site: str) -> None:
    """And shows that the console's silence, which every test here asks for, means something."""
    browser.get(embedded_site)
    browser.execute_script(
        "const image = new Image(); image.src = 'http://127.0.0.1:9/picture.jpg'; document.body.append(image);"
        "const script = document.createElement('script'); script.textContent = 'window.pwned = 1';"
        "document.body.append(script);"
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\" onclick=\"window.pwned = 1\">x</p>');"
        "document.body.lastElementChild.click();"
    )
    assert browser.execute_script("return window.pwned") is None
    blocked = chromium.complaints(browser)
    assert len([b for b in blocked if "Content Security Policy" in b]) >= 4, blocked


def test_signing_in_with_a_key(browser: Chrome, sqlite_desk: AppContext, client: Client) -> None:
    locked = client(api_keys="open-sesame-and-close").app.state.context  # type: ignore[attr-defined]
    with serving(locked) as origin:
        browser.get(f"{origin}/?q=flood")
        assert browser.switch_to.active_element.get_attribute("id") == "key"
        body = one(browser, "body")
        one(browser, "#key").send_keys("wrong", Keys.ENTER)
        gone(browser, body)
        assert one(browser, "[role=alert]").text == "This key is invalid, or it lacks the scope read."
        chromium.complaints(browser)  # that the answers were 401
        body = one(browser, "body")
        one(browser, "#key").send_keys("open-sesame-and-close", Keys.ENTER)
        gone(browser, body)
        assert parameters(browser) == {"q": ["flood"]} and total(browser) == 2
        assert browser.execute_script("return document.cookie") == ""
        browser.get(f"{origin}/queue")
        click(browser, one(browser, ".masthead form button"))
        assert one(browser, "h1").text == "Sign in"
        chromium.complaints(browser)


def _luminance(colour: str) -> float:
    red, green, blue = (int(part) / 255 for part in colour.strip("rgb()").split(",")[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


#: Of every element with text of its own: the text, and its contrast to the nearest ground, after WCAG's formula.
CONTRASTS = """
const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const luminance = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
  return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
};
const ground = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$/.test(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
};
return [...document.body.querySelectorAll("*")]
  .filter((e) => !e.closest("svg") && e.checkVisibility())
  .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
  .map((e) => {
    const [a, b] = [luminance(getComputedStyle(e).color), luminance(ground(e))].sort((x, y) => y - x);
    return [e.textContent.trim().slice(0, 40), (a + 0.05) / (b + 0.05)];
  });
"""


@contextmanager
def another_site(html: str) -> Iterator[str]:
    """Of the name localhost, which is not the site 127.0.0.1 to a browser."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode() if self.path == "/" else b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_another_site_may_link_here_and_nothing_more(browser: Chrome, embedded_site: str) -> None:
    html = (
        f'<img src="{embedded_site}/v1/sources/discover?url=http://127.0.0.1:1/">'
        f'<img src="{embedded_site}/?q=flood"><iframe src="{embedded_site}/queue"></iframe>'
        f'<a href="{embedded_site}/?q=flood">floods</a>'
    )
    with another_site(html) as there:
        browser.get(there)
        asked = requests.get(f"{embedded_site}/metrics", timeout=10).text
        seen = re.findall(r'http_request_seconds_count{method="GET",route="([^"]*)",status="(\d+)"}', asked)
        assert sorted(seen) == [("/", "403"), ("/queue", "403"), ("/v1/sources/discover", "403")]
        chromium.complaints(browser)  # that the answers were 403
        click(browser, one(browser, "a"))
        assert total(browser) == 2


def test_no_line_on_a_phone_begins_with_a_dot(browser: Chrome, embedded_site: str) -> None:
    chromium.resize(browser, 300, 640)
    browser.get(embedded_site)
    edges = browser.execute_script("""
        return [...document.querySelectorAll(".origin")].map((line) => [...line.children].map((part) => {
            const text = document.createRange();
            text.selectNodeContents(part);
            const {left, top} = text.getClientRects()[0];
            return [Math.round(top), left, line.getBoundingClientRect().left + 1.1 * 16];
        }))""")
    assert any(len({top for top, *_ in parts}) > 1 for parts in edges), "some of them take two lines"
    for parts in edges:
        for top in {top for top, *_ in parts}:
            left, edge = min((left, edge) for t, left, edge in parts if t == top)
            assert abs(left - edge) < 1


def test_a_name_of_several_lines_is_whole(browser: Chrome, embedded_site: str) -> None:
    chromium.resize(browser, 300, 640)
    browser.get(f"{embedded_site}/articles/{HOSTILE.id}")
    edge, *lefts = browser.execute_script("""
        const text = document.createRange(), line = document.querySelector(".origin");
        text.selectNodeContents(line.querySelector(".publisher"));
        const lefts = [...text.getClientRects()].map((part) => part.left);
        return [line.getBoundingClientRect().left + 1.1 * 16, ...lefts];""")
    assert len(lefts) > 1 and min(lefts) >= edge - 1
