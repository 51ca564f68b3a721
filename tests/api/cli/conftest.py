"""Fixtures that run `copydesk`, in this process or in one of its own."""

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
from worker.wiring import set_up_stores

COPYDESK = str(Path(sys.executable).parent / "copydesk")


@dataclass(frozen=True)
class Completed:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str

    def explains(self, *words: str) -> bool:
        """Return True if the command printed one error message with these words (in any case) and no traceback."""
        lines = [line.casefold() for line in self.err.splitlines() if line.startswith("copydesk: ")]
        return len(lines) == 1 and all(w.casefold() in lines[0] for w in words) and "Traceback" not in self.err


Command = Callable[..., Completed]


@pytest.fixture
def copydesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs a command in this process: `copydesk("add", url, COPYDESK_REDIS_URL=…)`.

    The store is empty, and there is no broker unless the environment names one. An exception that `main` does not
    handle fails the test with its traceback.
    """
    for name in [name for name in os.environ if name.startswith("COPYDESK_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COPYDESK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    set_up_stores(Settings(data_dir=tmp_path / "data"))

    def run(*words: str, **env: str) -> Completed:
        monkeypatch.setattr(sys, "argv", ["copydesk", *words])
        with monkeypatch.context() as changed:
            for name, value in env.items():
                changed.setenv(name, value)
            capsys.readouterr()
            with pytest.raises(SystemExit) as exit_:
                main()
        out, err = capsys.readouterr()
        code = exit_.value.code
        return Completed(code if isinstance(code, int) else 0, out, err)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Command:
    """Return a function that runs a command as a process, for commands that change their process."""

    def run(*words: str, **env: str) -> Completed:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
        environ = {**inherited, "COPYDESK_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200", **env}
        done = subprocess.run([COPYDESK, *words], env=environ, capture_output=True, text=True, timeout=60, check=False)
        return Completed(done.returncode, done.stdout, done.stderr)

    return run
