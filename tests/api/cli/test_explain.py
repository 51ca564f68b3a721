"""`copydesk explain` reads as the workers do: with what the page's host showed before."""

from __future__ import annotations

from pathlib import Path

from tests.api.cli.conftest import Command
from tests.worker.services.conftest import page
from worker import extraction
from worker.config.settings import Settings
from worker.wiring import open_stores

URL = "https://post.example/news/1"
BOILERPLATE = "The Post has told the islands what happens on the mainland since 1891, and the other way round."


def test_what_the_host_shows_on_every_page_is_told(copydesk: Command, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page("Bridge opens").replace("</article>", f"<p>{BOILERPLATE}</p></article>"))
    assert "boilerplate: on" not in copydesk("explain", str(file), "--url", URL).out
    memory = open_stores(Settings(data_dir=tmp_path / "data")).catalog.boilerplate
    memory.add({"https://post.example": [extraction.fingerprints([BOILERPLATE])] * 10})
    assert "boilerplate: on 100% of this host's pages" in copydesk("explain", str(file), "--url", URL).out
    assert "boilerplate: on" not in copydesk("explain", str(file)).out


def test_without_a_store_it_is_told_as_well(copydesk: Command, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page("Bridge opens"))
    nowhere = tmp_path / "nowhere"
    ended = copydesk("explain", str(file), "--url", URL, COPYDESK_DATA_DIR=str(nowhere))
    assert (ended.code, "Bridge opens" in ended.out, nowhere.exists()) == (0, True, False)
