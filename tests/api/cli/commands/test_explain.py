"""`copydesk explain` uses the boilerplate of the page's host, as the workers do."""

from __future__ import annotations

from pathlib import Path

from tests.api.cli.conftest import Command
from tests.worker.services.conftest import page
from worker import extraction
from worker.config.settings import Settings
from worker.wiring import set_up_stores

URL = "https://post.example/news/1"
BOILERPLATE = "The Post has told the islands what happens on the mainland since 1891, and the other way round."


def test_text_that_the_host_repeats_is_removed_as_boilerplate(copydesk: Command, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page("Bridge opens").replace("</article>", f"<p>{BOILERPLATE}</p></article>"))
    assert "boilerplate: on" not in copydesk("explain", str(file), "--url", URL).out
    boilerplate = set_up_stores(Settings(data_dir=tmp_path / "data")).catalog.boilerplate
    boilerplate.add({"https://post.example": [extraction.fingerprints([BOILERPLATE])] * 10})
    assert "boilerplate: on 100% of this host's pages" in copydesk("explain", str(file), "--url", URL).out
    assert "boilerplate: on" not in copydesk("explain", str(file)).out


def test_explain_works_without_a_store(copydesk: Command, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page("Bridge opens"))
    nowhere = tmp_path / "nowhere"
    ended = copydesk("explain", str(file), "--url", URL, COPYDESK_DATA_DIR=str(nowhere))
    assert (ended.code, "Bridge opens" in ended.out, nowhere.exists()) == (0, True, False)
