"""Run a command for as long as another process lives: `python guard.py PID COMMAND…`.

A test run that is killed outright ends nothing behind itself; this does. SIGTERM ends the command too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

GRACE_S = 15


def main(owner: int, command: list[str]) -> int:
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, _: stopped.append(n))
    child = subprocess.Popen(command, start_new_session=True)
    while child.poll() is None and not stopped and _lives(owner):
        time.sleep(0.1)
    if child.poll() is None:
        _end(child)
    return child.returncode


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
