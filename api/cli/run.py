"""copydesk run"""

from __future__ import annotations

import errno
import logging
import os
import socket

from api.cli.console import errors
from api.running.stack import services, sole_owner
from api.running.supervisor import Supervisor
from worker import logs
from worker.errors import BadInput
from worker.settings import DEFAULT_USER_AGENT, Settings, load
from worker.storing.sqlite.database import Database
from worker.wiring import open_stores

log = logging.getLogger(__name__)


def run() -> None:
    """Run the whole stack in the foreground: broker, workers, beat, API. Ctrl-C ends it; nothing is lost."""
    settings = load()
    logs.set_up(settings)
    os.environ["COPYDESK_API_PORT"] = str(free_port(settings))
    settings = load()
    with sole_owner(settings) as lock:
        open_stores(settings)  # a store that cannot be had ends the start here, with its reason
        supervisor = Supervisor(services(settings), lock=lock)
        supervisor.obey_signals()
        supervisor.start()
        _announce(settings)
        try:
            supervisor.watch()
        finally:
            errors.print("Ending: fetches under way are finished, what waits stays queued.", markup=False)
            supervisor.end()


def free_port(settings: Settings) -> int:
    """The API's port, or a free one if it is 0. `BadInput` if somebody else has it, or the host is none of ours."""
    family = socket.AF_INET6 if ":" in settings.api_host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.api_host, settings.api_port))
        except (socket.gaierror, UnicodeError):
            raise BadInput(_no_host(settings)) from None
        except OSError as e:
            if e.errno == errno.EADDRNOTAVAIL:
                raise BadInput(_no_host(settings)) from None
            problem = f"cannot listen on {settings.api_host} ({e.strerror}); choose another port, or 0 for a free one"
            raise BadInput(f"COPYDESK_API_PORT: {settings.api_port}: {problem}") from None
        port: int = probe.getsockname()[1]
        return port


def _no_host(settings: Settings) -> str:
    return f"COPYDESK_API_HOST: {settings.api_host!r} is no address of this machine; 127.0.0.1 is, and 0.0.0.0 is all"


def _announce(settings: Settings) -> None:
    broker = "the configured Redis" if settings.redis_url else f"embedded, {settings.broker_url}"
    is_embedded = settings.store_url.startswith("sqlite")
    index = f"embedded, {Database.from_url(settings.store_url).path}" if is_embedded else "the configured Elasticsearch"
    errors.print("Copydesk is running. Ctrl-C ends it.", style="bold")
    errors.print(f"  API     http://{settings.api_host}:{settings.api_port}/docs", markup=False)
    errors.print(f"  broker  {broker}\n  index   {index}", markup=False, soft_wrap=True)
    if settings.fetch_user_agent == DEFAULT_USER_AGENT:
        log.warning("COPYDESK_FETCH_USER_AGENT is the default: name yourself and a page where hosts can reach you")
