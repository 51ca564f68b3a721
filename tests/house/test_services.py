"""Tests of the servers that the tests start."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis

from tests.support.servers import elasticsearch_distribution, processes
from worker.config.settings import Settings
from worker.storage.elasticsearch.client import connect, describe


def test_redis_and_valkey_run_lua(redis_client: Redis) -> None:
    assert redis_client.eval("return redis.call('INCR', KEYS[1])", 1, "n") == 1


def test_elasticsearch_describes_itself(elastic_settings: Settings) -> None:
    with closing(connect(elastic_settings)) as client:
        assert describe(client).startswith(f"Elasticsearch {elasticsearch_distribution.find().version}, ")


def test_elasticsearch_analyses_languages(elastic_settings: Settings) -> None:
    with closing(connect(elastic_settings)) as client:
        for analyzer, text, stem in (
            ("german", "Häuser", "haus"),
            ("english", "floods", "flood"),
            ("cjk", "東京都", "東京"),
        ):
            assert client.indices.analyze(analyzer=analyzer, text=text)["tokens"][0]["token"] == stem
        folded = client.indices.analyze(tokenizer="standard", filter=["lowercase", "asciifolding"], text="Málaga")
        assert folded["tokens"][0]["token"] == "malaga"


def test_server_ends_with_its_owner(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        pid = processes.start(["sh", "-c", "echo up; exec sleep 600"], tmp_path / "log", owner.pid)
        processes.wait_until(lambda: processes.tail(tmp_path / "log") == "up\n", 10, lambda: "it did not start")
        assert processes.is_running(pid)
        owner.kill()
    processes.wait_until(lambda: not processes.is_running(pid), 10, lambda: "it still runs after its owner ended")


def make_kit(folder: Path, version: str) -> Path:
    """Make a folder that looks like a Java development kit."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "javac").touch(0o755)
    (folder / "release").write_text(f'IMPLEMENTOR="Nobody"\nJAVA_VERSION="{version}"\n')
    return folder


def test_oldest_sufficient_java_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "elasticsearch-9.9.9"
    (home / "lib").mkdir(parents=True)
    (home / "lib" / "elasticsearch-core-9.9.9.jar").touch()
    (home / "modules" / "one").mkdir(parents=True)
    (home / "modules" / "one" / "plugin-descriptor.properties").write_text("name=one\njava.version=21\n")
    monkeypatch.setattr(elasticsearch_distribution, "JVMS", tmp_path / "jvm")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("ES_JAVA_HOME", raising=False)
    monkeypatch.setenv("JAVA_HOME", str(make_kit(tmp_path / "mine", "17.0.15")))
    monkeypatch.setenv(elasticsearch_distribution.HOME, str(home))
    monkeypatch.setenv(processes.REQUIRE_SERVICES, "0")
    with pytest.raises(pytest.skip.Exception, match=r"no Java development kit 21 or later .* Elasticsearch 9\.9\.9"):
        _ = elasticsearch_distribution.find().java_home
    make_kit(tmp_path / "jvm" / "a", "25.0.3")
    (tmp_path / "jvm" / "no-kit").mkdir()
    right = make_kit(tmp_path / "jvm" / "z", "21")
    assert (elasticsearch_distribution.find().version, elasticsearch_distribution.find().java_home) == ("9.9.9", right)
    monkeypatch.setenv("ES_JAVA_HOME", "/elsewhere")
    assert elasticsearch_distribution.find().java_home == Path("/elsewhere")


def test_missing_distribution_skips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(elasticsearch_distribution.HOME, raising=False)
    monkeypatch.setattr(elasticsearch_distribution, "TOOLS", tmp_path)
    monkeypatch.setenv(elasticsearch_distribution.LINE, "9")
    monkeypatch.setenv(processes.REQUIRE_SERVICES, "0")
    (tmp_path / "elasticsearch-8.19.21").mkdir()
    with pytest.raises(pytest.skip.Exception, match="Elasticsearch 9 is not installed: run make services ES=9"):
        elasticsearch_distribution.find()
    for version in ("9.5.3", "9.10.0"):
        (tmp_path / f"elasticsearch-{version}").mkdir()
    assert elasticsearch_distribution.find().home.name == "elasticsearch-9.10.0"


def test_missing_service_skips_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(processes.REQUIRE_SERVICES, "0")
    with pytest.raises(pytest.skip.Exception, match="no such server"):
        processes.skip_or_fail("no such server")
    monkeypatch.setenv(processes.REQUIRE_SERVICES, "1")
    with pytest.raises(pytest.fail.Exception, match="but no such server"):
        processes.skip_or_fail("no such server")
