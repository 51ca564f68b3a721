"""The analyzers that the minimal distribution lacks, as a plugin compiled for its version."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.servers.elasticsearch_distribution import Distribution

NAME = "language-analyzers"
SOURCE = Path(__file__).with_name("LanguageAnalyzers.java")


def add(home: Path, distribution: Distribution) -> None:
    """Add the plugin to `home`, a copy of the distribution, unless it is a full distribution."""
    if (home / "modules" / "analysis-common").exists():
        return
    java, plugin, classes = distribution.java_home, home / "plugins" / NAME, home.parent / "classes"
    plugin.mkdir(parents=True)
    libraries = home / "lib" / "*"
    javac: list[str | Path] = [java / "bin" / "javac", "-proc:none", "-nowarn", "-cp", libraries, "-d", classes, SOURCE]
    _run(javac)
    _run([java / "bin" / "jar", "--create", "--file", plugin / f"{NAME}.jar", "-C", classes, "."])
    (plugin / "plugin-descriptor.properties").write_text(
        "description=The analyzers that the full distribution has built in\n"
        f"version=1\nname={NAME}\nclassname=copydesk.LanguageAnalyzers\n"
        f"java.version={distribution.java_version}\nelasticsearch.version={distribution.version}\n"
    )


def _run(command: Sequence[object]) -> None:
    ended = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{command[0]} ended with {ended.returncode}:\n{ended.stderr}")
