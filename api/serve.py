"""`python -m api.serve`: the HTTP API as a process of its own, as `copydesk run` and the image start it."""

from __future__ import annotations

import sys

import uvicorn

from api.exposure import check
from api.web.app import create_app
from worker import logs
from worker.errors import BadInput, CopydeskError
from worker.loading import load
from worker.settings import Settings
from worker.wiring import connect


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    logs.set_up(settings)
    desk = connect(settings)
    check(desk)
    app = create_app(desk)
    uvicorn.run(app, host=settings.api_host, port=settings.api_port, log_config=None, access_log=False)


def main() -> int:
    try:
        serve(load())
    except CopydeskError as e:
        print(f"copydesk: {e}", file=sys.stderr)  # noqa: T201
        return 2 if isinstance(e, BadInput) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
