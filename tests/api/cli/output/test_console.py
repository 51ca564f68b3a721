"""Control characters, pipes and JSON in the output of commands."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.api.cli.conftest import COPYDESK, Command
from tests.worker.services.alerts.conftest import SEEN, document
from worker.config.settings import Settings
from worker.model.catalog import Source, SourceKind
from worker.model.records import Image
from worker.wiring import connect

CONTROLS = "\x1b]0;owned\x07 \x1b[2J\x9b31m\x7f\x02"


def index_articles(folder: Path, count: int = 1) -> None:
    """Index articles with control characters, as before the reader removed them."""
    image = Image(caption=f"Seen {CONTROLS}", creator=(f"Dana {CONTROLS}",))
    documents = [
        document(f"{n:032x}", f"Flood {CONTROLS}", author=(f"Jane {CONTROLS}",), images=(image,)) for n in range(count)
    ]
    connect(Settings(data_dir=folder / "data")).index.write(documents)


def test_control_characters_of_articles_are_not_printed(copydesk: Command, tmp_path: Path) -> None:
    index_articles(tmp_path)
    for words in (("search", "flood", "--facet", "author"), ("search", "jane")):
        ended = copydesk(*words)
        assert ended.code == 0 and "Flood ]0;owned [2J31m" in ended.out
        assert not set(CONTROLS) & (set(ended.out + ended.err) - set("[]0;owned J31m2"))


def test_json_escapes_control_characters(copydesk: Command, tmp_path: Path) -> None:
    index_articles(tmp_path)
    ended = copydesk("search", "flood", "--json")
    assert json.loads(ended.out)["hits"][0]["article"]["author"] == [f"Jane {CONTROLS}"]
    assert ended.out.replace("\n", "").isprintable()


def test_names_with_markup_are_printed_literally(copydesk: Command, tmp_path: Path) -> None:
    name = "ok :smile: [bold]name[/bold]"
    sources = connect(Settings(data_dir=tmp_path / "data")).catalog.sources
    sources.add(Source(name=name, url="https://example.org/f", kind=SourceKind.FEED, schedule="1h", created_at=SEEN))
    assert copydesk("keys", "create", name).code == 0
    assert name in copydesk("keys", "list").out
    assert tomllib.loads(copydesk("sources", "export").out)["source"][0]["name"] == name
    assert f'title="{name}"' in copydesk("sources", "export", "--opml").out


@pytest.mark.slow
def test_closed_pipe_is_not_an_error(tmp_path: Path) -> None:
    index_articles(tmp_path, 100)
    env = {**os.environ, "COPYDESK_DATA_DIR": str(tmp_path / "data")}
    piped = f"set -o pipefail; {COPYDESK} search flood --size 100 | head -1"
    done = subprocess.run(["bash", "-c", piped], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (0, "100 articles\n", False), done.stderr


def test_interruption_exits_with_130(copydesk: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("api.cli.commands.search.open_context", interrupt)
    ended = copydesk("search", "flood")
    assert (ended.code, ended.explains("Interrupted", "Accepted URLs stay queued")) == (130, True)


def test_json_of_keys_doctor_and_failures(copydesk: Command) -> None:
    made = json.loads(copydesk("keys", "create", "me", "--days", "2", "--json").out)
    assert made["key"].startswith(f"cd_{made['id']}_") and "secret_hash" not in made
    found = json.loads(copydesk("doctor", "--json").out)
    assert {"ok", "fail"} == {f["mark"] for f in found} - {"warn"}
    assert json.loads(copydesk("failures", "drop", "--all", "--json").out) == {"dropped": 0}
    assert json.loads(copydesk("failures", "retry", "--json").out) == []


def test_word_after_one_hyphen_is_excluded(copydesk: Command, tmp_path: Path) -> None:
    index_articles(tmp_path)
    assert copydesk("search", "flood", "-storm").out.startswith("1 article\n")
    assert copydesk("search", "flood", "-gauge").out.startswith("0 articles\n")


def test_json_of_imported_sources(copydesk: Command, tmp_path: Path) -> None:
    entries = "".join(
        f'[[source]]\nurl = "{url}"\nkind = "feed"\n' for url in ("https://news.example/feed", "http://[")
    )
    (tmp_path / "list.toml").write_text(entries)
    ended = copydesk("sources", "import", str(tmp_path / "list.toml"), "--json")
    assert (ended.code, [one["verdict"] for one in json.loads(ended.out)]) == (1, ["added", "refused"])


def test_fields_of_json_can_be_selected(copydesk: Command, tmp_path: Path) -> None:
    index_articles(tmp_path)
    found = json.loads(copydesk("search", "flood", "--since", "520w", "--fields", "url,author", "--json").out)
    assert [set(hit["article"]) for hit in found["hits"]] == [{"url", "author"}]
    assert copydesk("search", "flood", "--fields", "url").explains("--fields", "with --json")
    assert copydesk("search", "flood", "--fields", "shoes", "--json").explains("no field 'shoes'")
