"""A single Elasticsearch node on loopback, from an unpacked distribution (see distribution.py)."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import ssl
import tempfile
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.support.servers import elasticsearch_distribution, language_analyzers, processes

USER = "nobody"  #: the user for a start by root, since Elasticsearch refuses to run as root
QUICK_START = "-Xms512m -Xmx512m -XX:TieredStopAtLevel=1"  #: compiles little, which suits short tests


@dataclass(frozen=True)
class Node:
    url: str
    pid: int
    folder: str

    def end(self) -> None:
        processes.stop(self.pid)
        shutil.rmtree(self.folder, ignore_errors=True)


def shared(state: Path, owner: int) -> Node:
    """Return the node in the file `state`, or start it. It ends with process `owner`. The caller holds a lock."""
    if not state.exists():
        state.write_text(json.dumps(asdict(start(owner))))
    return Node(**json.loads(state.read_text()))


def start(
    owner: int,
    settings: dict[str, object] | None = None,
    prepare: Callable[[Path, Path], None] = lambda home, java: None,
    java_options: str = QUICK_START,
) -> Node:
    """Start a node with further settings. `prepare` may put files into its home first."""
    found = elasticsearch_distribution.find()
    java = found.java_home
    folder = Path(tempfile.mkdtemp(prefix="cd-elastic-", dir="/tmp"))
    copy = folder / "home"
    shutil.copytree(found.home, copy, symlinks=True)
    language_analyzers.add(copy, found)
    _configure(copy, settings or {})
    prepare(copy, java)
    command = [str(copy / "bin" / "elasticsearch")]
    if os.geteuid() == 0:
        _give_away(folder)
        command = ["runuser", "-u", USER, "--", *command]
    pid = processes.start(command, folder / "out.log", owner, _environment(java, folder, java_options))
    scheme = "https" if (settings or {}).get("xpack.security.http.ssl.enabled") else "http"
    return Node(_url(scheme, copy, folder / "out.log"), pid, str(folder))


def _configure(home: Path, settings: dict[str, object]) -> None:
    lines: dict[str, object] = {
        "cluster.name": "copydesk-tests",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": 0,
        "transport.port": 0,
        "node.portsfile": "true",
        "xpack.security.enabled": "false",
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    } | settings
    (home / "config" / "elasticsearch.yml").write_text("".join(f"{key}: {value}\n" for key, value in lines.items()))


def _environment(java: Path, folder: Path, java_options: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "ES_JAVA_HOME": str(java),
        "ES_JAVA_OPTS": java_options,
    }


def _give_away(folder: Path) -> None:
    user = pwd.getpwnam(USER)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _url(scheme: str, home: Path, log: Path) -> str:
    """Wait until the node answers and return its URL. The node writes its port into a file."""
    ports = home / "logs" / "http.ports"

    def ready() -> bool:
        if not ports.exists() or not ports.read_text().endswith("\n"):
            return False
        try:
            url = f"{scheme}://{ports.read_text().split()[0]}/_cluster/health"
            urllib.request.urlopen(url, timeout=5, context=ssl._create_unverified_context()).close()
        except OSError as error:
            return getattr(error, "code", None) == 401  # it runs with security
        return True

    processes.wait_until(ready, 90, lambda: f"Elasticsearch did not start:\n{processes.tail(log)}")
    return f"{scheme}://{ports.read_text().split()[0]}"
