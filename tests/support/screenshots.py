"""Take the screenshots of docs/pages.md, with the articles that `copydesk demo` writes to a folder.

python -m tests.support.screenshots data/demo
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.support.paths import PROJECT
from tests.support.servers import redis_server
from tests.support.servers.chromium import chromium, resize, set_colour_scheme
from tests.support.servers.serving import serving
from worker.config.settings import Settings
from worker.wiring import connect

DOCS = PROJECT / "docs"


def main(data: Path) -> None:
    binary = redis_server.valkey_binary()
    assert binary, "run make setup"
    broker = redis_server.start(binary)
    try:
        context = connect(Settings.model_validate({"data_dir": data, "redis_url": broker.url}))
        with serving(context) as origin, tempfile.TemporaryDirectory() as folder, chromium(Path(folder)) as browser:
            _take(browser, origin)
    finally:
        broker.end()


def _take(browser: Chrome, origin: str) -> None:
    search = f"{origin}/?q=harbour+OR+bridge&filter=lang%3Den"
    _shot(browser, search, "search", 1180, 900)
    _shot(browser, search, "search-dark", 1180, 900, scheme="dark")
    _shot(browser, search, "search-phone", 360, 740)
    browser.get(f"{origin}/?q=%22pivot+chamber%22")
    article = str(browser.find_element(By.CSS_SELECTOR, ".hits h2 a").get_attribute("href"))
    _shot(browser, article, "article", 1180, 880)
    _shot(browser, article, "how", 1180, 760, scroll_to=".how")
    _shot(browser, f"{origin}/queue", "queue", 1180, 900)


def _shot(
    browser: Chrome, url: str, name: str, width: int, height: int, *, scheme: str = "light", scroll_to: str = ""
) -> None:
    resize(browser, width, height)
    set_colour_scheme(browser, scheme)
    browser.get(url)
    if scroll_to:
        unfold = "const e = document.querySelector(arguments[0]); e.open = true; e.scrollIntoView()"
        browser.execute_script(unfold, scroll_to)
    browser.save_screenshot(str(DOCS / f"pages-{name}.png"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
