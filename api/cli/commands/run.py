"""copydesk run."""

from __future__ import annotations

import errno
import logging
import os
import socket
import time
from urllib.parse import urlsplit

from api.cli.output.console import errors
from api.supervisor.stack import broker_problem, exclusive_data_folder, services
from api.supervisor.supervisor import Supervisor
from api.web.auth.exposure import check
from worker import logs
from worker.config.loading import load
from worker.config.settings import DEFAULT_USER_AGENT, Settings
from worker.errors import BadInput
from worker.storage.sqlite.database import Database
from worker.wiring import connect

RETRY_S = 1.0
#: How a browser on this machine reaches an API that listens on one of these addresses.
LOCAL_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}  # noqa: S104
log = logging.getLogger(__name__)


def run() -> None:
    """Run the whole stack in the foreground: broker, workers, beat and API.

    Ctrl-C stops it. Nothing is lost.
    """
    settings = load()
    logs.set_up(settings)
    with exclusive_data_folder(settings) as lock:
        os.environ["COPYDESK_API_PORT"] = str(free_port(settings))
        settings = load()
        check(connect(settings))  # an unavailable store ends the command here, with the reason
        _wait_for_broker(settings)
        supervisor = Supervisor(services(settings), lock=lock)
        supervisor.handle_signals()
        supervisor.start()
        _print_urls(settings)
        try:
            supervisor.watch()
        finally:
            errors.print_line("Stopping. Running fetches are finished; the queue is kept.")
            supervisor.stop()


def _wait_for_broker(settings: Settings) -> None:
    """Wait until the configured Redis answers. The embedded broker is started later, as part of the stack."""
    if settings.redis_url is None or (problem := broker_problem(settings)) is None:
        return
    parts = urlsplit(settings.broker_url)
    location = f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path
    advice = "Start it, or check COPYDESK_REDIS_URL. Trying again until it answers."
    errors.print_line(f"The broker at {location} does not answer ({problem}). {advice}")
    while broker_problem(settings):
        time.sleep(RETRY_S)


def free_port(settings: Settings) -> int:
    """Return the API's port, or a free port if it is 0.

    Raise `BadInput` if another process uses the port or the host is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.api_host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.api_host, settings.api_port))
        except (socket.gaierror, UnicodeError):
            raise _not_local(settings) from None
        except OSError as e:
            if e.errno == errno.EADDRNOTAVAIL:
                raise _not_local(settings) from None
            problem = f"COPYDESK_API_PORT: {settings.api_port}: Cannot listen on {settings.api_host} ({e.strerror})."
            raise BadInput(f"{problem} Choose another port, or 0 for a free one.") from None
        port: int = probe.getsockname()[1]
        return port


def _not_local(settings: Settings) -> BadInput:
    problem = f"COPYDESK_API_HOST: {settings.api_host!r} is not an address of this machine."
    return BadInput(f"{problem} Use 127.0.0.1 for this machine only, or 0.0.0.0 for all networks.")


def _print_urls(settings: Settings) -> None:
    broker = "the configured Redis" if settings.redis_url else f"embedded, {settings.broker_socket}"
    is_embedded = settings.store_url.startswith("sqlite")
    index = f"embedded, {Database.from_url(settings.store_url).path}" if is_embedded else "the configured Elasticsearch"
    origin = f"http://{LOCAL_HOSTS.get(settings.api_host, settings.api_host)}:{settings.api_port}"
    if settings.fetch_user_agent == DEFAULT_USER_AGENT:
        advice = "Set it to your name and the URL of a page that says how to reach you."
        log.warning("COPYDESK_FETCH_USER_AGENT is the default. %s", advice)
    errors.print_line("Copydesk is running. Ctrl-C stops it.", style="bold")
    errors.print_line(f"  broker  {broker}\n  index   {index}")
    errors.print_line(f"  API     {origin}/docs\n  search  {origin}/")
