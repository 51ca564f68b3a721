"""The command line as its users have it: `main`, in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli.app import main
from worker.config.settings import Settings
from worker.wiring import open_stores

COPYDESK = str(Path(sys.executable).parent / "copydesk")


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    def explains(self, *words: str) -> bool:
        """Whether it ended in one line of its own that says these words, and in no traceback."""
        lines = [line for line in self.err.splitlines() if line.startswith("copydesk: ")]
        return len(lines) == 1 and all(w in lines[0] for w in words) and "Traceback" not in self.err


Command = Callable[..., Ended]


@pytest.fixture
def copydesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`copydesk("add", url, COPYDESK_REDIS_URL=…)`: in this process, over an empty store, without a broker unless the
    environment names one. What `main` does not explain ends the test with its own traceback."""
    for name in [name for name in os.environ if name.startswith("COPYDESK_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COPYDESK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    open_stores(Settings(data_dir=tmp_path / "data"))

    def run(*words: str, **env: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["copydesk", *words])
        with monkeypatch.context() as changed:
            for name, value in env.items():
                changed.setenv(name, value)
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        out, err = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, out, err)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Command:
    """The same, as a process of its own: for commands that change their process."""

    def run(*words: str, **env: str) -> Ended:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
        environ = {**ours, "COPYDESK_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200", **env}
        done = subprocess.run([COPYDESK, *words], env=environ, capture_output=True, text=True, timeout=60, check=False)
        return Ended(done.returncode, done.stdout, done.stderr)

    return run
