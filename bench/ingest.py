"""Pages per second through the whole stack, from `add` to the last finished row, and the memory and CPU time used.

    python -m bench ingest                      600 generated articles on 20 hosts of this machine, embedded stack
    python -m bench ingest --urls FILE          the URLs of any local news site that is already served
    COPYDESK_REDIS_URL=… COPYDESK_INDEX_URL=… python -m bench ingest …      on those services

The measurement starts `copydesk run` on a data folder of its own, adds the URLs, waits until every row is finished,
audits, and stops it. Wall time counts from the first URL added; memory is the proportional set size of the process
tree, sampled twice a second.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import psutil
import requests

from bench.newsroom import serve
from worker.config.loading import load
from worker.wiring import connect

COPYDESK = str(Path(sys.executable).parent / "copydesk")


@dataclass
class Meter:
    """Peak memory and CPU time of a process tree."""

    root: psutil.Process
    peak_bytes: int = 0
    cpu_s: dict[int, float] = field(default_factory=dict)

    def sample(self) -> None:
        """Update peak memory and CPU time."""
        total = 0
        for process in (self.root, *self.root.children(recursive=True)):
            try:
                total += process.memory_full_info().pss
                times = process.cpu_times()
                self.cpu_s[process.pid] = times.user + times.system
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        self.peak_bytes = max(self.peak_bytes, total)


@contextmanager
def measured(process: subprocess.Popen[bytes]) -> Iterator[Meter]:
    """Sample a process tree until the block ends."""
    meter, stop = Meter(psutil.Process(process.pid)), Event()

    def watch() -> None:
        while not stop.wait(0.5):
            meter.sample()

    thread = Thread(target=watch)
    thread.start()
    try:
        yield meter
    finally:
        stop.set()
        thread.join()


@contextmanager
def running(env: dict[str, str], lines: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `copydesk run` until the block ends."""
    with lines.open("wb") as file:
        process = subprocess.Popen([COPYDESK, "run"], env=env, stdout=file, stderr=file)
    try:
        until = time.monotonic() + 60
        while not _is_ready(env["COPYDESK_API_PORT"]):
            if process.poll() is not None or time.monotonic() > until:
                sys.exit(f"copydesk run did not start:\n{lines.read_text()}")
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(90)


def _is_ready(port: str) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=1).ok
    except requests.RequestException:
        return False


def ingest(urls: list[str], folder: Path, port: int) -> dict[str, object]:
    """Return the figures of one run by name."""
    env = dict(os.environ) | {
        "COPYDESK_DATA_DIR": str(folder),
        "COPYDESK_API_PORT": str(port),
        "COPYDESK_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
        "COPYDESK_FETCH_DELAY_S": os.environ.get("COPYDESK_FETCH_DELAY_S", "0"),
        "COPYDESK_FETCH_DELAY_FACTOR": os.environ.get("COPYDESK_FETCH_DELAY_FACTOR", "0"),
        "COPYDESK_FETCH_USER_AGENT": "CopydeskBench/1 (+http://127.0.0.1/)",
    }
    with running(env, folder / "run.log") as process, measured(process) as meter:
        context = connect(load(env))
        meter.sample()
        before = sum(meter.cpu_s.values())
        started = time.monotonic()
        subprocess.run([COPYDESK, "add", "-"], env=env, input="\n".join(urls), text=True, check=True)
        while True:
            context.ledger.refresh()
            counts = context.ledger.counts()
            if not counts.get("queued", 0):
                break
            print(f"\r{counts.get('finished', 0)} finished", end="", file=sys.stderr)
            time.sleep(0.5)
        seconds = time.monotonic() - started
        meter.sample()
        audit = subprocess.run([COPYDESK, "audit", "--json"], env=env, capture_output=True, text=True, check=False)
    found = json.loads(audit.stdout)
    return {
        "urls": len(urls),
        "seconds": round(seconds, 1),
        "pages_per_s": round(len(urls) / seconds, 1),
        "cpu_ms_per_page": round(1000 * (sum(meter.cpu_s.values()) - before) / len(urls), 1),
        "peak_mib": round(meter.peak_bytes / 2**20),
        "accepted": found["rows"],
        "finished": found["finished"],
        "rows_with_document": found["with_document"],
        "documents": found["documents"],
        "differences": found["problem_count"],
        "reasons": {name: n for name, n in sorted(counts.items()) if "/" in name},
    }


def main(arguments: list[str]) -> None:
    """Run the measurement and print its figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench ingest", description=__doc__.partition("\n")[0])
    parser.add_argument("--urls", type=Path, help="a file with one URL per line; default: generated articles")
    parser.add_argument("--articles", type=int, default=600, help="number of generated articles (default 600)")
    parser.add_argument("--hosts", type=int, default=20, help="number of hosts (default 20)")
    parser.add_argument("--latency-ms", type=float, default=30, help="delay of each generated response (default 30)")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--port", type=int, default=8493, help="port of the HTTP API (default 8493)")
    args = parser.parse_args(arguments)
    with ExitStack() as stack:
        if args.urls:
            urls = args.urls.read_text("utf-8").split()
        else:
            urls = stack.enter_context(serve(args.articles, hosts=args.hosts, latency_s=args.latency_ms / 1000)).urls
        for _ in range(args.rounds):
            with tempfile.TemporaryDirectory(prefix="cd-bench-") as folder:
                print(json.dumps(ingest(urls, Path(folder), args.port), indent=1))
