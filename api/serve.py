"""`python -m api.serve`: the HTTP API as a process of its own, as `copydesk run` and the image start it."""

from __future__ import annotations

import sys

import uvicorn

from api.web.app import create_app
from api.web.keys import has_keys, is_public
from worker import logs
from worker.desk.parts import Desk
from worker.errors import BadInput, CopydeskError
from worker.settings import LOOPBACK, Settings, load
from worker.wiring import connect


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    logs.set_up(settings)
    desk = connect(settings)
    check(desk)
    app = create_app(desk)
    uvicorn.run(app, host=settings.api_host, port=settings.api_port, log_config=None, access_log=False)


def check(desk: Desk) -> None:
    """`BadInput` where others could reach an API that asks for no key."""
    settings = desk.settings
    if has_keys(desk):
        return
    if "*" in settings.api_cors_origins:
        raise BadInput(
            "COPYDESK_API_CORS_ORIGINS: '*' lets every site that is open in a browser here read an API without keys: "
            "name the sites, set COPYDESK_API_KEYS, or run `copydesk keys create`"
        )
    if not is_public(settings):
        return
    if settings.api_host not in LOOPBACK:
        what, instead = f"HOST: {settings.api_host!r}", f"listen on one of {', '.join(LOOPBACK)}"
    elif settings.api_public_url:
        what, instead = f"PUBLIC_URL: {settings.api_public_url!r}", "leave it empty"
    else:
        what, instead = "HTTPS: what a proxy serves", "leave it false"
    raise BadInput(
        f"COPYDESK_API_{what} is reachable by others and there is no key: "
        f"set COPYDESK_API_KEYS, run `copydesk keys create`, or {instead}"
    )


def main() -> int:
    try:
        serve(load())
    except CopydeskError as e:
        print(f"copydesk: {e}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
