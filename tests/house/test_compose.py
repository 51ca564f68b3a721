"""Tests of docker-compose.yml and Dockerfile: the specification, and the needs of the code."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
from ruamel.yaml import YAML

from tasks.app import app
from tests.support.paths import PROJECT
from worker.config.loading import PREFIX
from worker.config.settings import Settings

FILE = PROJECT / "docker-compose.yml"
COMPOSE: dict[str, Any] = YAML(typ="safe").load(FILE)
ONE_SHOT = "kibana-setup"
SERVICES: dict[str, Any] = COMPOSE["services"]


def test_compose_file_is_valid() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_validation_finds_errors(tmp_path: Any) -> None:
    (tmp_path / "bad.yml").write_text("services:\n  redis:\n    imagine: redis\n")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(tmp_path / "bad.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 1


def test_every_service_has_a_health_check() -> None:
    assert set(SERVICES) == {"redis", "elasticsearch", "kibana", "kibana-setup", "fetch", "digest", "beat", "api"}
    assert all("healthcheck" in service for name, service in SERVICES.items() if name != ONE_SHOT)
    assert "appendonly" in " ".join(SERVICES["redis"]["command"])


def test_variables_are_settings() -> None:
    names = {n for s in SERVICES.values() for n in s.get("environment", {}) if n.startswith(PREFIX)}
    keys = {n.removeprefix(PREFIX).lower().removesuffix("_file") for n in names}
    assert keys <= set(Settings.model_fields)


def test_kibana_setup_waits_for_kibana() -> None:
    setup = SERVICES[ONE_SHOT]
    assert setup["command"] == "copydesk kibana import"
    assert setup["depends_on"] == {"kibana": {"condition": "service_healthy"}}
    assert setup["restart"].startswith("on-failure")
    assert setup["environment"]["COPYDESK_KIBANA_URL"] == "http://kibana:5601"


def test_every_queue_has_a_worker() -> None:
    commands = [shlex.split(SERVICES[name]["command"]) for name in ("fetch", "digest")]
    served = [queue for command in commands for queue in command[command.index("-Q") + 1].split(",")]
    assert sorted(served) == sorted(app.amqp.queues)


def test_file_has_no_secret_and_publishes_only_on_loopback() -> None:
    text = FILE.read_text("utf-8").lower()
    assert "password" not in text
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", ["fetch", "digest", "beat", "api"])
def test_workers_can_be_scaled(name: str) -> None:
    assert "container_name" not in SERVICES[name]


def test_image_runs_as_numeric_user() -> None:
    lines = (PROJECT / "Dockerfile").read_text("utf-8").splitlines()
    user = next(n for n, line in enumerate(lines) if re.fullmatch(r"USER \d+:\d+", line))
    assert user < next(n for n, line in enumerate(lines) if line.startswith("CMD"))


def test_image_copies_only_files_that_the_build_context_has() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (PROJECT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    allowed = (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    sources = [name for names in copied for name in names.split()]
    assert sources
    assert all(f"!{name}" in allowed and (PROJECT / name).exists() for name in sources)
