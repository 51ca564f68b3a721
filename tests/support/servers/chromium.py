"""Headless Chromium, driven by Selenium through Debian's chromedriver."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.support.servers import processes

FLAGS = (
    "--headless",
    "--no-sandbox",  # Chromium does not run as root with a sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--disable-lcd-text",  # coloured edges of letters would double the size of a screenshot
)


@contextmanager
def chromium(folder: Path) -> Iterator[Chrome]:
    """Run a browser with an empty profile in this folder; `console_messages` returns its console."""
    browser, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not browser or not driver:
        processes.skip_or_fail("chromium or chromedriver is missing: run make services")
    options = ChromeOptions()
    options.binary_location = str(browser)
    for flag in (*FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = Chrome(options, Service(str(driver)))
    try:
        yield found
    finally:
        found.quit()


def resize(browser: Chrome, width: int, height: int) -> None:
    """Set the size of the viewport, such as that of a phone; a window cannot be so narrow."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def set_colour_scheme(browser: Chrome, scheme: str) -> None:
    """Set the preferred colour scheme: "light" or "dark"."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def console_messages(browser: Chrome) -> list[str]:
    """Return the console messages since the last call: script errors, blocked content, missing files."""
    log = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in log]


def find_all(browser: Chrome, css: str) -> list[WebElement]:
    """Return all elements that match a selector."""
    return browser.find_elements(By.CSS_SELECTOR, css)


def find_one(browser: Chrome, css: str) -> WebElement:
    """Return the first element that matches a selector."""
    return browser.find_element(By.CSS_SELECTOR, css)


def texts(browser: Chrome, css: str) -> list[str]:
    """Return the visible texts of all elements that match a selector."""
    return [element.text for element in find_all(browser, css)]


def click(browser: Chrome, element: WebElement) -> None:
    """Click with the mouse and wait for the next page."""
    body = find_one(browser, "body")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    ActionChains(browser, duration=1).move_to_element(element).click().perform()
    wait_for_new_page(browser, body)


def wait_for_new_page(browser: Chrome, body: WebElement) -> None:
    """Wait until the page with this body has been replaced."""
    WebDriverWait(browser, 10, 0.02).until(lambda _: find_one(browser, "body").id != body.id)


#: Script that returns the text of each element and its contrast with the nearest background, by WCAG's formula.
CONTRASTS = """
const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const luminance = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
  return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
};
const background = (element) => {
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
    const [a, b] = [luminance(getComputedStyle(e).color), luminance(background(e))].sort((x, y) => y - x);
    return [e.textContent.trim().slice(0, 40), (a + 0.05) / (b + 0.05)];
  });
"""
