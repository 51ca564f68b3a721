"""The commands and environment of docker-compose.yml, run without containers on a real Redis and Elasticsearch."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from ruamel.yaml import YAML

from sample.site import Site
from tests.e2e.conftest import FAST_SETTINGS, free_port
from tests.support.paths import PROJECT
from tests.support.servers.processes import wait_until
from tests.support.servers.redis_server import RedisServer
from worker.config.settings import Settings

SERVICES: dict[str, Any] = YAML(typ="safe").load(PROJECT / "docker-compose.yml")["services"]
PYTHON_SERVICES = ("fetch", "digest", "beat", "api")
KEY = "key-of-the-tests"


@dataclass
class Composed:
    """The running processes of the compose file."""

    env: dict[str, str]
    port: int

    def is_healthy(self, name: str) -> bool:
        """Return True if the health check of the service succeeds."""
        command = [word.replace("8484", str(self.port)) for word in SERVICES[name]["healthcheck"]["test"][1:]]
        return subprocess.run(command, env=self.env, cwd=PROJECT, check=False, capture_output=True).returncode == 0

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Send a request to the API and return the JSON of the response."""
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"http://127.0.0.1:{self.port}{path}"
        return requests.request(method, url, headers=headers, timeout=20, **options).json()


@pytest.fixture
def composed(redis: RedisServer, elastic_settings: Settings, tmp_path: Path) -> Iterator[Composed]:
    with redis.client() as client:
        client.flushall()
    (tmp_path / "api_keys").write_text(KEY)
    port = free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
    inherited["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{inherited['PATH']}"
    overrides = {
        "COPYDESK_REDIS_URL": redis.url,
        "COPYDESK_INDEX_URL": elastic_settings.store_url,
        "COPYDESK_INDEX_PREFIX": elastic_settings.index_prefix,
        "COPYDESK_DATA_DIR": str(tmp_path),
        "COPYDESK_API_PORT": str(port),
        "COPYDESK_API_KEYS_FILE": str(tmp_path / "api_keys"),
        "COPYDESK_FETCH_USER_AGENT": FAST_SETTINGS["COPYDESK_FETCH_USER_AGENT"],
    }
    with (tmp_path / "processes.log").open("wb") as log:
        processes = []
        for name in PYTHON_SERVICES:
            service = SERVICES[name]
            composed_env = {key: str(value) for key, value in service["environment"].items()}
            env = {
                **inherited,
                **composed_env,
                **FAST_SETTINGS,
                **{k: v for k, v in overrides.items() if k in composed_env or k in ISOLATING},
            }
            command = shlex.split(service["command"])
            processes.append(subprocess.Popen(command, env=env, cwd=PROJECT, stdout=log, stderr=log))
        yield Composed({**inherited, **overrides, **FAST_SETTINGS}, port)
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(60)


#: Settings that isolate the test; they are set for every process, although the compose file does not name them.
ISOLATING = ("COPYDESK_INDEX_PREFIX", "COPYDESK_API_PORT", "COPYDESK_DATA_DIR")


def test_processes_of_the_compose_file_ingest_an_article(composed: Composed, sites: Mapping[str, Site]) -> None:
    wait_until(lambda: all(composed.is_healthy(name) for name in PYTHON_SERVICES), 60)
    url = sites["meridian"].origin + "/2026/03/07/port-eldra-tram-tunnel/"
    (added,) = composed.call("POST", "/v1/urls", json={"urls": [url]})
    wait_until(lambda: composed.call("GET", f"/v1/urls/{added['id']}")["state"] == "finished", 60)
    assert composed.call("GET", f"/v1/urls/{added['id']}")["outcome"] == "indexed"
    assert requests.get(f"http://127.0.0.1:{composed.port}/v1/search", timeout=10).status_code == 401
