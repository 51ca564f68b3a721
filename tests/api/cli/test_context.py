"""Commands that only read create no files and no Elasticsearch indices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.conftest import Command
from tests.support.servers.redis_server import RedisServer
from worker.config.settings import Settings
from worker.storage.elasticsearch.client import connect

URL = "https://news.example/article"
READING = [
    "status", "audit", "search flood", "show " + URL, "failures list", "articles blocked", "sources list",
    "sources export", "sources show none", "searches list", "keys list", "hosts list", "index status", "doctor",
    "crawl no-such-source",
]  # fmt: skip


@pytest.mark.parametrize("words", READING)
def test_reading_command_creates_nothing_in_an_empty_folder(copydesk: Command, tmp_path: Path, words: str) -> None:
    ended = copydesk(*words.split(), COPYDESK_DATA_DIR=str(tmp_path / "new" / "empty"))
    expected_code = 1 if words == "doctor" else 2
    assert (ended.code, "does not exist yet" in ended.err + ended.out) == (expected_code, True), ended
    assert "COPYDESK_DATA_DIR" in ended.err + ended.out
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("words", READING)
def test_reading_command_creates_no_index(
    copydesk: Command, valkey: RedisServer, elastic_settings: Settings, tmp_path: Path, words: str
) -> None:
    ended = copydesk(
        *words.split(),
        COPYDESK_DATA_DIR=str(tmp_path / "new"),
        COPYDESK_REDIS_URL=valkey.url,
        COPYDESK_INDEX_URL=elastic_settings.store_url,
        COPYDESK_INDEX_PREFIX=elastic_settings.index_prefix,
    )
    assert "Traceback" not in ended.err
    assert not (tmp_path / "new").exists()
    with connect(elastic_settings) as client:
        assert not client.indices.get(index=f"{elastic_settings.index_prefix}*", expand_wildcards="all").body


@pytest.mark.parametrize("words", ["status", "search flood", "add " + URL])
@pytest.mark.parametrize("below", ["", "data"])
def test_a_data_folder_that_is_a_file_is_named(copydesk: Command, tmp_path: Path, words: str, below: str) -> None:
    file = tmp_path / "file"
    file.touch()
    ended = copydesk(*words.split(), COPYDESK_DATA_DIR=str(file / below))
    assert (ended.code, ended.explains(f"{file} is a file", "COPYDESK_DATA_DIR")) == (2, True), ended
