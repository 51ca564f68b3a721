"""copydesk doctor"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from shlex import quote
from typing import Annotated

import typer
from redis.exceptions import RedisError

from api.cli.context import check_store
from api.cli.output.console import output, print_json
from worker.config.folders import make_data_folder
from worker.config.loading import load
from worker.config.settings import DEFAULT_USER_AGENT, Settings
from worker.errors import BadInput, CopydeskError
from worker.wiring import check, open_redis, open_stores

LOW_DISK = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    mark: str  #: "ok", "warn" or "fail"
    what: str
    advice: str = ""


def doctor(as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False) -> None:
    """Check settings, broker, index, versions and disk, and say what to do. Exit code 1 if something does not work."""
    settings = load()
    check(settings)
    checks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (_versions, _disk, _broker, _store, _manners)
    findings = [finding for check in checks for finding in check(settings)]
    if as_json:
        print_json(findings)
    else:
        _report(findings)
    if any(f.mark == "fail" for f in findings):
        raise typer.Exit(1)


def _report(findings: list[Finding]) -> None:
    for finding in findings:
        style = {"ok": "green", "warn": "yellow", "fail": "red"}[finding.mark]
        output.print(f"{finding.mark:<5}", style=style, end="")
        output.print(finding.what, markup=False, soft_wrap=True)
        if finding.advice:
            output.print(f"     -> {finding.advice}", markup=False, soft_wrap=True)


def _versions(_: Settings) -> Iterator[Finding]:
    yield Finding("ok", f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}")


def _disk(settings: Settings) -> Iterator[Finding]:
    missing = [folder for folder in (settings.data_dir, *settings.data_dir.parents) if not folder.exists()]
    try:
        make_data_folder(settings.data_dir)
    except BadInput as e:
        yield Finding("fail", str(e))
        return
    mode = settings.data_dir.stat().st_mode & 0o777
    if mode & 0o007:
        why = f"others of this machine can look into {settings.data_dir}, where secrets of webhooks are kept"
        yield Finding("warn", why, f"chmod -R o= {quote(str(settings.data_dir))}")
    free = shutil.disk_usage(settings.data_dir).free
    enough = free > LOW_DISK
    advice = "" if enough else "free some space, or move COPYDESK_DATA_DIR to a larger disk"
    for folder in missing:  # the first run makes them again; to ask leaves nothing behind
        folder.rmdir()
    yield Finding("ok" if enough else "warn", f"{free / 1024**3:.1f} GiB free in {settings.data_dir}", advice)


def _broker(settings: Settings) -> Iterator[Finding]:
    name = "the configured Redis" if settings.redis_url else f"the embedded broker at {settings.broker_socket}"
    client = open_redis(settings)
    try:
        info = client.info("server")
        assert isinstance(info, dict)
        yield Finding("ok", f"{name} answers (version {info.get('valkey_version') or info.get('redis_version')})")
        keeps = client.info("persistence")
        assert isinstance(keeps, dict)
        if not keeps.get("aof_enabled"):
            yield Finding("warn", f"{name} keeps no append-only file", "start Redis with --appendonly yes")
    except RedisError as e:
        advice = "check COPYDESK_REDIS_URL" if settings.redis_url else "start the stack with: copydesk run"
        yield Finding("fail", f"{name} does not answer: {e}", advice)
    finally:
        client.close()


def _store(settings: Settings) -> Iterator[Finding]:
    try:
        check_store(settings)
    except BadInput as e:
        yield Finding("warn", str(e))
        return
    try:
        yield Finding("ok", open_stores(settings).index.check())
    except CopydeskError as e:
        yield Finding("fail", str(e), "check COPYDESK_INDEX_URL and that the service runs")


def _manners(settings: Settings) -> Iterator[Finding]:
    if settings.fetch_user_agent == DEFAULT_USER_AGENT:
        advice = "set COPYDESK_FETCH_USER_AGENT to your name and a page where hosts can reach you"
        yield Finding("warn", "requests carry the default user agent", advice)
    else:
        yield Finding("ok", f"requests carry the user agent {settings.fetch_user_agent!r}")
