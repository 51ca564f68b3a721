"""The unpacked Elasticsearch distribution for the tests, and a Java development kit that can run it.

COPYDESK_TEST_ES_HOME names a distribution. The default is the newest version in .tools/ that `make services` has put
there: of 8.19, or of 9 with COPYDESK_TEST_ES=9.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.support.paths import PROJECT
from tests.support.servers import processes

TOOLS = PROJECT / ".tools"
HOME = "COPYDESK_TEST_ES_HOME"
LINE = "COPYDESK_TEST_ES"
LINES = {"8": "8.19.*", "9": "9.*"}
JVMS = Path("/usr/lib/jvm")


@dataclass(frozen=True)
class Distribution:
    home: Path

    @cached_property
    def version(self) -> str:
        return next((self.home / "lib").glob("elasticsearch-core-*.jar")).stem.removeprefix("elasticsearch-core-")

    @cached_property
    def java_version(self) -> int:
        """The oldest Java version that can run it, as its own modules say."""
        descriptors = (self.home / "modules").glob("*/*plugin-descriptor.properties")
        return max(int(v) for d in descriptors for v in re.findall(r"(?m)^java\.version=(\d+)", d.read_text()))

    @cached_property
    def java_home(self) -> Path:
        """The folder in ES_JAVA_HOME, or the oldest installed development kit that is new enough."""
        if named := os.environ.get("ES_JAVA_HOME"):
            return Path(named)
        found = {kit: version for kit in _kits() if (version := java_version(kit)) >= self.java_version}
        if not found:
            processes.skip_or_fail(
                f"no Java development kit {self.java_version} or later is here for Elasticsearch {self.version}: "
                f"run make services, put one under {JVMS}, or name one in ES_JAVA_HOME"
            )
        return min(found, key=lambda kit: (found[kit], kit))


def find() -> Distribution:
    """Return the distribution that the environment names. If there is none, the test is skipped or fails."""
    line = os.environ.get(LINE) or "8"
    if named := os.environ.get(HOME):
        home = Path(named)
    else:
        homes = TOOLS.glob(f"elasticsearch-{LINES.get(line, line)}/")
        home = max(homes, key=_numbers, default=TOOLS / "none")
    if not home.is_dir():
        processes.skip_or_fail(
            f"Elasticsearch {line} is not installed: run make services ES={line}, or set {HOME} to its folder"
        )
    return Distribution(home)


def java_version(kit: Path) -> int:
    """Return the major version of a development kit, or 0 if the folder is not one."""
    release = kit / "release"
    if not (release.is_file() and (kit / "bin" / "javac").exists()):
        return 0
    found = re.search(r'(?m)^JAVA_VERSION="(?:1\.)?(\d+)', release.read_text())
    return int(found[1]) if found else 0


def _kits() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    if javac := shutil.which("javac"):
        yield Path(javac).resolve().parents[1]
    yield from JVMS.glob("*/")


def _numbers(home: Path) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", home.name)]
