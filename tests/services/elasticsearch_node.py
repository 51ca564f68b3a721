"""A single Elasticsearch node on loopback, from an unpacked distribution.

COPYDESK_TEST_ES_HOME names the distribution, or `make services` has put the minimal one into .tools/. That one lacks
the language analyzers, which come back with a plugin built from LanguageAnalyzers.java.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import ssl
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.services import processes

PROJECT = Path(__file__).resolve().parents[2]
HOME = "COPYDESK_TEST_ES_HOME"
USER = "nobody"  #: whom it runs as when root starts it, since it refuses to run as root
QUICK_START = "-Xms512m -Xmx512m -XX:TieredStopAtLevel=1"  #: compiles little, as short tests like it


@dataclass(frozen=True)
class Node:
    url: str
    pid: int
    folder: str

    def end(self) -> None:
        processes.end(self.pid)
        shutil.rmtree(self.folder, ignore_errors=True)


def distribution() -> Path | None:
    if named := os.environ.get(HOME):
        return Path(named)
    return max((PROJECT / ".tools").glob("elasticsearch-8.19.*/"), default=None)


def java_home() -> Path | None:
    if named := os.environ.get("ES_JAVA_HOME") or os.environ.get("JAVA_HOME"):
        return Path(named)
    javac = shutil.which("javac")
    return Path(javac).resolve().parents[1] if javac else None


def shared(state: Path, owner: int) -> Node:
    """The node that `state` describes; the caller holds a lock. Started if there is none; ends with process `owner`."""
    if not state.exists():
        state.write_text(json.dumps(asdict(start(owner))))
    return Node(**json.loads(state.read_text()))


def start(
    owner: int,
    settings: dict[str, object] | None = None,
    prepare: Callable[[Path, Path], None] = lambda home, java: None,
    java_options: str = QUICK_START,
) -> Node:
    """A node with more than the usual settings. `prepare` may put files into its home before it starts."""
    home, java = distribution(), java_home()
    if not home or not home.is_dir():
        processes.missing(f"no Elasticsearch is here: run make services, or name one in {HOME}")
    if not java:
        processes.missing("no Java development kit is here for Elasticsearch: run make services")
    assert home and java
    folder = Path(tempfile.mkdtemp(prefix="cd-elastic-", dir="/tmp"))
    copy = folder / "home"
    shutil.copytree(home, copy, symlinks=True)
    if not (copy / "modules" / "analysis-common").exists():
        _add_language_analyzers(copy, java)
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
    """Wait until it answers. It writes the port that it was given into a file."""
    ports = home / "logs" / "http.ports"

    def ready() -> bool:
        if not ports.exists() or not ports.read_text().endswith("\n"):
            return False
        try:
            url = f"{scheme}://{ports.read_text().split()[0]}/_cluster/health"
            urllib.request.urlopen(url, timeout=5, context=ssl._create_unverified_context()).close()
        except OSError as error:
            return getattr(error, "code", None) == 401  # it is up, and security is on
        return True

    processes.until(ready, 90, lambda: f"Elasticsearch did not start:\n{processes.tail(log)}")
    return f"{scheme}://{ports.read_text().split()[0]}"


def _add_language_analyzers(home: Path, java: Path) -> None:
    version = next((home / "lib").glob("elasticsearch-core-*.jar")).stem.removeprefix("elasticsearch-core-")
    plugin = home / "plugins" / "language-analyzers"
    classes = home.parent / "classes"
    plugin.mkdir(parents=True)
    source = Path(__file__).with_name("LanguageAnalyzers.java")
    javac = [java / "bin" / "javac", "-proc:none", "-nowarn", "-cp", home / "lib" / "*", "-d", classes, source]
    subprocess.run(javac, check=True, capture_output=True)
    jar = [java / "bin" / "jar", "--create", "--file", plugin / "language-analyzers.jar", "-C", classes, "."]
    subprocess.run(jar, check=True, capture_output=True)
    (plugin / "plugin-descriptor.properties").write_text(
        "description=The analyzers that the full distribution has built in\n"
        f"version=1\nname=language-analyzers\nclassname=copydesk.LanguageAnalyzers\n"
        f"java.version=17\nelasticsearch.version={version}\n"
    )
