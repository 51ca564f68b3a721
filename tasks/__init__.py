"""The Celery app and its tasks. They schedule and call the use cases in `worker.services`.

`celery -A tasks worker` finds the app here. It is built at the first access, so that importing a light module of
this package, such as `tasks.liveness`, does not load Celery.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name in ("app", "celery"):
        from tasks.app import app  # noqa: PLC0415

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
