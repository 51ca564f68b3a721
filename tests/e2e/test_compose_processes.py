"""The processes of docker-compose.yml, started by hand with its commands and environment, on a real Redis and a real
Elasticsearch: no container engine is needed to know that they work together."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from ruamel.yaml import YAML

from sample.site import Site
from tests.e2e.conftest import EAGER, free_port
from tests.support.paths import PROJECT
from tests.support.redis_server import RedisServer
from worker.config.settings import Settings

SERVICES: dict[str, Any] = YAML(typ="safe").load(PROJECT / "docker-compose.yml")["services"]
OURS = ("fetch", "digest", "beat", "api")
KEY = "key-of-the-tests"


@dataclass
class Composed:
    env: dict[str, str]
    port: int

    def healthy(self, name: str) -> bool:
        """What compose's health check of that service says."""
        command = [word.replace("8484", str(self.port)) for word in SERVICES[name]["healthcheck"]["test"][1:]]
        return subprocess.run(command, env=self.env, cwd=PROJECT, check=False, capture_output=True).returncode == 0

    def call(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"http://127.0.0.1:{self.port}{path}"
        return requests.request(method, url, headers=headers, timeout=20, **more).json()


@pytest.fixture
def composed(redis: RedisServer, elastic_settings: Settings, tmp_path: Path) -> Iterator[Composed]:
    with redis.client() as client:
        client.flushall()
    (tmp_path / "api_keys").write_text(KEY)
    port = free_port()
    ours = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
    ours["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{ours['PATH']}"
    here = {
        "COPYDESK_REDIS_URL": redis.url,
        "COPYDESK_INDEX_URL": elastic_settings.store_url,
        "COPYDESK_INDEX_PREFIX": elastic_settings.index_prefix,
        "COPYDESK_DATA_DIR": str(tmp_path),
        "COPYDESK_API_PORT": str(port),
        "COPYDESK_API_KEYS_FILE": str(tmp_path / "api_keys"),
        "COPYDESK_FETCH_USER_AGENT": EAGER["COPYDESK_FETCH_USER_AGENT"],
    }
    with (tmp_path / "lines.log").open("wb") as lines:
        processes = []
        for name in OURS:
            service = SERVICES[name]
            composed_env = {key: str(value) for key, value in service["environment"].items()}
            env = {
                **ours,
                **composed_env,
                **EAGER,
                **{k: v for k, v in here.items() if k in composed_env or k in ALWAYS},
            }
            command = shlex.split(service["command"])
            processes.append(subprocess.Popen(command, env=env, cwd=PROJECT, stdout=lines, stderr=lines))
        yield Composed({**ours, **here, **EAGER}, port)
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(60)


#: What a test must set beside the file's own environment, so that it is alone.
ALWAYS = ("COPYDESK_INDEX_PREFIX", "COPYDESK_API_PORT", "COPYDESK_DATA_DIR")


def test_the_processes_of_the_compose_file_do_the_main_job(composed: Composed, sites: Mapping[str, Site]) -> None:
    _until(lambda: all(composed.healthy(name) for name in OURS))
    url = sites["meridian"].origin + "/2026/03/07/port-eldra-tram-tunnel/"
    (added,) = composed.call("POST", "/v1/urls", json={"urls": [url]})
    _until(lambda: composed.call("GET", f"/v1/urls/{added['id']}")["state"] == "finished")
    assert composed.call("GET", f"/v1/urls/{added['id']}")["outcome"] == "indexed"
    assert requests.get(f"http://127.0.0.1:{composed.port}/v1/search", timeout=10).status_code == 401


def _until(condition: Any, within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.3)
