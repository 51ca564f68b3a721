"""copydesk run"""

from __future__ import annotations

import errno
import logging
import os
import socket
import time
from urllib.parse import urlsplit

from api.cli.output.console import errors
from api.supervisor.stack import complaint, services, sole_owner
from api.supervisor.supervisor import Supervisor
from api.web.auth.exposure import check
from worker import logs
from worker.config.loading import load
from worker.config.settings import DEFAULT_USER_AGENT, Settings
from worker.errors import BadInput
from worker.storage.sqlite.database import Database
from worker.wiring import connect

RETRY_S = 1.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}  #: how a browser here reaches it  # noqa: S104
log = logging.getLogger(__name__)


def run() -> None:
    """Run the whole stack in the foreground: broker, workers, beat, API. Ctrl-C ends it; nothing is lost."""
    settings = load()
    logs.set_up(settings)
    os.environ["COPYDESK_API_PORT"] = str(free_port(settings))
    settings = load()
    with sole_owner(settings) as lock:
        check(connect(settings))  # a store that cannot be had ends the start here, too, with its reason
        _await_broker(settings)
        supervisor = Supervisor(services(settings), lock=lock)
        supervisor.obey_signals()
        supervisor.start()
        _announce(settings)
        try:
            supervisor.watch()
        finally:
            errors.print("Ending: fetches under way are finished, what waits stays queued.", markup=False)
            supervisor.end()


def _await_broker(settings: Settings) -> None:
    """Until the configured Redis answers; the embedded one is started by us."""
    if settings.redis_url is None or (why := complaint(settings)) is None:
        return
    parts = urlsplit(settings.broker_url)
    where = f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path
    advice = "start it, or check COPYDESK_REDIS_URL; trying again until it does"
    errors.print(f"The broker at {where} does not answer ({why}): {advice}", markup=False, soft_wrap=True)
    while complaint(settings):
        time.sleep(RETRY_S)


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
    broker = "the configured Redis" if settings.redis_url else f"embedded, {settings.broker_socket}"
    is_embedded = settings.store_url.startswith("sqlite")
    index = f"embedded, {Database.from_url(settings.store_url).path}" if is_embedded else "the configured Elasticsearch"
    address = f"http://{EVERYWHERE.get(settings.api_host, settings.api_host)}:{settings.api_port}"
    if settings.fetch_user_agent == DEFAULT_USER_AGENT:
        log.warning("COPYDESK_FETCH_USER_AGENT is the default: name yourself and a page where hosts can reach you")
    errors.print("Copydesk is running. Ctrl-C ends it.", style="bold")
    errors.print(f"  broker  {broker}\n  index   {index}", markup=False, soft_wrap=True)
    errors.print(f"  API     {address}/docs\n  search  {address}/", markup=False, soft_wrap=True)
