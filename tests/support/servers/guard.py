"""Run a command as long as another process lives: `python guard.py PID COMMAND…`.

A test run that is killed cannot end the servers that it started; the guard ends them. SIGTERM ends the command too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

GRACE_S = 15


def main(owner: int, command: list[str]) -> int:
    """Run the command until it ends, the owner ends or a signal arrives. Return its exit code."""
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, _: stopped.append(n))
    child = subprocess.Popen(command, start_new_session=True)
    while child.poll() is None and not stopped and _is_alive(owner):
        time.sleep(0.1)
    if child.poll() is None:
        _terminate(child)
    return child.returncode


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _terminate(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
