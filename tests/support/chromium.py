"""Headless Chromium, driven by Selenium through Debian's chromedriver."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.support import processes

FLAGS = (
    "--headless",
    "--no-sandbox",  # it refuses to run as root with one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--disable-lcd-text",  # coloured edges of letters would double the size of a picture
)


@contextmanager
def chromium(folder: Path) -> Iterator[Chrome]:
    """A browser with an empty profile in this folder; its console is kept for `complaints`."""
    browser, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not browser or not driver:
        processes.skip_or_fail("there is no chromium with its chromedriver here: run make services")
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
    """The size of the page itself, as a phone's; a window cannot be that narrow."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def prefer(browser: Chrome, scheme: str) -> None:
    """ "light" or "dark"."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def complaints(browser: Chrome) -> list[str]:
    """What the console said since the last call: errors of scripts, blocked content, missing files."""
    return [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]
