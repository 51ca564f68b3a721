"""The page `/docs` in a real browser: Swagger UI shows our description without breaking the security policy.

The `browser` fixture fails a test if the console reports anything, such as a blocked style or script.
"""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

from api.web.ui.templates import STATIC
from tests.api.web.ui.conftest import Client
from tests.support.servers import chromium
from tests.support.servers.chromium import find_all, find_one, texts
from tests.support.servers.serving import serving
from worker.services.context import AppContext

KEY = "open-sesame-and-close"
SUMMARIES = ".opblock-summary-path"


def _wait_for_calls(browser: Chrome) -> None:
    WebDriverWait(browser, 20, 0.05).until(lambda _: find_all(browser, SUMMARIES))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_call_is_shown(browser: Chrome, embedded_site: str, client: Client, scheme: str) -> None:
    chromium.set_colour_scheme(browser, scheme)
    browser.get(f"{embedded_site}/docs")
    _wait_for_calls(browser)
    paths = client().get("/openapi.json").json()["paths"]
    shown = {text.replace("\N{ZERO WIDTH SPACE}", "") for text in texts(browser, SUMMARIES)}
    assert shown == set(paths)


def test_a_call_unfolds_to_its_parameters_and_answers(browser: Chrome, embedded_site: str) -> None:
    browser.get(f"{embedded_site}/docs")
    _wait_for_calls(browser)
    (call,) = [
        c for c in find_all(browser, ".opblock") if c.find_element("css selector", SUMMARIES).text == "/v1/search"
    ]
    call.find_element("css selector", ".opblock-summary-control").click()
    WebDriverWait(browser, 10, 0.05).until(lambda _: find_all(browser, ".parameters"))
    names = texts(browser, ".parameter__name")
    assert {"q", "filter", "facet", "cursor", "fields"} <= set(names)
    assert not find_all(browser, ".try-out"), "the viewer only reads"
    browser.execute_script("document.querySelector('.models-control').click()")
    WebDriverWait(browser, 10, 0.05).until(lambda _: "ArticleAnswer" in find_one(browser, ".models").text)


def test_the_page_with_keys_needs_a_session(browser: Chrome, client: Client, sqlite_context: AppContext) -> None:
    locked = client(api_keys=KEY).app.state.context  # type: ignore[attr-defined]
    with serving(locked) as origin:
        browser.get(f"{origin}/docs")
        find_one(browser, "#key").send_keys(KEY)
        find_one(browser, "#key").submit()
        _wait_for_calls(browser)
        browser.delete_all_cookies()
        chromium.console_messages(browser)  # the sign-in page came with status 401


def test_the_api_description_of_the_page_needs_a_session(client: Client) -> None:
    assert client().get("/docs/openapi.json").json() == client().get("/openapi.json").json()
    assert client(api_keys=KEY).get("/docs/openapi.json").status_code == 401
    assert client(api_keys=KEY).get("/redoc").status_code == 404


def test_all_scripts_and_styles_are_our_own_files(client: Client) -> None:
    tree = LexborHTMLParser(client().get("/docs").text)
    scripts = [script.attributes["src"] for script in tree.css("script")]
    styles = [link.attributes["href"] for link in tree.css("link[rel=stylesheet]")]
    for address in (*scripts, *styles):
        assert str(address).startswith("/static/")
        assert client().get(str(address)).status_code == 200
    assert {"vendor/swagger-ui/LICENSE", "vendor/swagger-ui/NOTICE"} <= set(STATIC), "the licence is shipped"
