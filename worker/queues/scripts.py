"""The Lua scripts of the queues: one file for each command, in `lua/QUEUE/COMMAND.lua`.

`lua/QUEUE/_shared.lua` holds the functions that several commands of a queue use; it is put before each of them. A
script names every key that it uses in KEYS, and these are all in one slot (see `worker.redis_keys`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis import Redis

from worker.package_data import read_text


class Scripts:
    """The commands of one queue as Redis runs them, each loaded when it is first called."""

    def __init__(self, redis: Redis, queue: str) -> None:
        self._redis = redis
        self._queue = queue
        self._shared = "" if queue == "events" else read_text("worker.queues", "lua", queue, "_shared.lua")
        self._scripts: dict[str, Any] = {}

    def run(self, command: str, keys: Sequence[str], *args: Any) -> Any:
        """Run one command as one atomic step and return its reply."""
        script = self._scripts.get(command)
        if script is None:
            text = read_text("worker.queues", "lua", self._queue, f"{command}.lua")
            script = self._scripts[command] = self._redis.register_script(self._shared + text)
        return script(keys=keys, args=args)
