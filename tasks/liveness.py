"""`python -m tasks.liveness QUEUE`: exit with code 0 if a task of that queue began or ended lately.

For health checks: a process may live and yet have lost its broker, so the sign of life is that messages are consumed.
"""

from __future__ import annotations

import sys
import time

from redis.exceptions import RedisError

from tasks.limits import longest_task_s
from worker.config.loading import load
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.redis_keys import Keys
from worker.wiring import open_redis


def seconds_silent(settings: Settings, queue: str) -> float | None:
    """Return the seconds since the last sign of life of a queue's workers, or None if there never was one."""
    with open_redis(settings) as client:
        last = client.get(Keys(settings.redis_prefix).alive(queue))
    return time.time() - float(last) if isinstance(last, bytes) else None


def main(queue: str) -> int:
    """Print the problem, if there is one, and return the exit code."""
    try:
        settings = load()
        silent = seconds_silent(settings, queue)
    except BadInput as e:
        return _fail(f"copydesk: {e}", 2)
    except RedisError as e:
        return _fail(f"The broker does not answer: {e}")
    allowed = longest_task_s(settings) + 2 * settings.sweep_every_s
    if silent is None or silent > allowed:
        return _fail(
            f"No task of the queue {queue!r} began or ended in the last {allowed:.0f} s. Check its worker's log."
        )
    return 0


def _fail(problem: str, code: int = 1) -> int:
    print(problem, file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
