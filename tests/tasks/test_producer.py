"""What the documentation says to Celery producers runs as it is printed."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import PROJECT
from tests.support.servers.redis_server import RedisServer

EXAMPLE = re.compile(r"```python\n([^`]*send_task[^`]*)```")


@pytest.mark.parametrize("page", ["README.md", "docs/running.md"])
def test_the_example_reaches_the_embedded_broker(valkey: RedisServer, tmp_path: Path, page: str) -> None:
    found = EXAMPLE.search((PROJECT / page).read_text("utf-8"))
    assert found
    sending = found[1].partition("print(")[0]  # the answer takes a worker: tests/e2e
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "broker.sock").symlink_to(valkey.socket)
    with valkey.client() as client:
        client.flushall()
        subprocess.run([sys.executable, "-c", sending], cwd=tmp_path, check=True, timeout=30)
        (message,) = client.lrange("add", 0, -1)
        client.flushall()
    sent = json.loads(message)
    assert sent["headers"]["task"] == "copydesk.add"
    assert json.loads(base64.b64decode(sent["body"]))[0] == [["https://example.org/news/story"]]
