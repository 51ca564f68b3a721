"""`python -m tasks.liveness QUEUE`: exit code 0 if a task of that queue began or ended lately.

For health checks: a process may live and yet have lost its broker, so what counts is that messages are consumed.
"""

from __future__ import annotations

import sys
import time

from redis.exceptions import RedisError

from tasks.app import ALIVE, longest_task_s, settings
from worker.wiring import open_redis


def seconds_silent(queue: str) -> float | None:
    """Since the last sign of life of that queue's consumers; None if there never was one."""
    with open_redis(settings) as client:
        last = client.get(ALIVE + queue)
    return time.time() - float(last) if isinstance(last, bytes) else None


def main(queue: str) -> int:
    try:
        silent = seconds_silent(queue)
    except RedisError as e:
        print(f"the broker does not answer: {e}", file=sys.stderr)  # noqa: T201
        return 1
    allowed = longest_task_s(settings) + 2 * settings.sweep_every_s
    if silent is None or silent > allowed:
        print(f"no task of the queue {queue!r} in the last {allowed:.0f} s", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
