"""The servers start, answer, and are what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from tests.services import distribution, processes
from worker.settings import Settings
from worker.storing.elastic.client import connect, describe


def test_redis_and_valkey_run_lua(redis_client: Redis) -> None:
    assert redis_client.eval("return redis.call('INCR', KEYS[1])", 1, "n") == 1


def test_elasticsearch_describes_itself(elastic_settings: Settings) -> None:
    with connect(elastic_settings) as client:
        assert describe(client).startswith(f"Elasticsearch {distribution.find().version}, ")


def test_elasticsearch_analyses_languages(elastic_settings: Settings) -> None:
    with connect(elastic_settings) as client:
        for analyzer, text, stem in (
            ("german", "Häuser", "haus"),
            ("english", "floods", "flood"),
            ("cjk", "東京都", "東京"),
        ):
            assert client.indices.analyze(analyzer=analyzer, text=text)["tokens"][0]["token"] == stem
        folded = client.indices.analyze(tokenizer="standard", filter=["lowercase", "asciifolding"], text="Málaga")
        assert folded["tokens"][0]["token"] == "malaga"


def test_a_server_ends_with_the_process_that_owns_it(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        pid = processes.start(["sh", "-c", "echo up; exec sleep 600"], tmp_path / "log", owner.pid)
        processes.until(lambda: processes.tail(tmp_path / "log") == "up\n", 10, lambda: "it did not start")
        assert processes.runs(pid)
        owner.kill()
    processes.until(lambda: not processes.runs(pid), 10, lambda: "it outlived its owner")


def test_a_missing_service_skips_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(processes.REQUIRED, "0")
    with pytest.raises(pytest.skip.Exception, match="no such server"):
        processes.missing("no such server")
    monkeypatch.setenv(processes.REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match="but no such server"):
        processes.missing("no such server")
