"""`python -m api.web`: the HTTP API in a process of its own, as `copydesk run` and the container image start it."""

from __future__ import annotations

import sys

import uvicorn

from api.web.app import create_app
from api.web.auth.exposure import check
from worker import logs
from worker.config.loading import load
from worker.config.settings import Settings
from worker.errors import BadInput, CopydeskError
from worker.wiring import connect


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    logs.set_up(settings)
    context = connect(settings)
    check(context)
    app = create_app(context)
    uvicorn.run(app, host=settings.api_host, port=settings.api_port, log_config=None, access_log=False)


def main() -> int:
    """Run the server and return the exit code: 2 for a wrong setting, 1 for a store that does not answer."""
    try:
        serve(load())
    except CopydeskError as e:
        print(f"copydesk: {e}", file=sys.stderr)  # noqa: T201
        return 2 if isinstance(e, BadInput) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
