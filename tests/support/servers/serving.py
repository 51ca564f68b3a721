"""The API and its pages, served by uvicorn in a thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import uvicorn
from fastapi.testclient import TestClient

from api.web.app import create_app
from tests.support.servers import processes
from worker.config.settings import Settings
from worker.services.context import AppContext


@contextmanager
def serving(context: AppContext) -> Iterator[str]:
    """Serve on a free port of loopback while the block runs, and yield the origin."""
    config = uvicorn.Config(create_app(context), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            processes.wait_until(lambda: server.started, 10, lambda: "uvicorn did not start")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def client_of(context: AppContext, **settings: object) -> TestClient:
    """Return a client of the API on loopback, with changed settings."""
    changed = Settings.model_validate(context.settings.model_dump() | settings)
    return TestClient(create_app(replace(context, settings=changed)), base_url="http://127.0.0.1")
