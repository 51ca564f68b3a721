"""copydesk doctor."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from shlex import quote

import typer
from redis.exceptions import RedisError

from api.cli.context import check_store
from api.cli.options import AsJson
from api.cli.output.console import output, print_json
from worker.config.folders import make_data_folder
from worker.config.loading import InvalidSettings, load
from worker.config.settings import DEFAULT_USER_AGENT, Settings
from worker.errors import BadInput, CopydeskError, NotSetUp
from worker.wiring import check, open_redis, open_stores

LOW_DISK = 2 * 1024**3  #: free bytes below which doctor warns


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    mark: str  #: "ok", "warn" or "fail"
    message: str
    advice: str = ""


Check = Callable[[Settings], Iterator[Finding]]


def doctor(as_json: AsJson = False) -> None:
    """Check settings, data folder, broker, index and user agent, and advise what to do.

    Wrong settings are reported, and the other checks use the default values instead. Exit with 2 if a setting is wrong,
    with 1 if something else does not work.
    """
    settings, problems = _load_valid()
    findings = [Finding("fail", problem) for problem in problems]
    for run_check in CHECKS:
        findings += _run(run_check, settings)
    if as_json:
        print_json(findings)
    else:
        _print_findings(findings)
    if problems:
        raise typer.Exit(2)
    if any(f.mark == "fail" for f in findings):
        raise typer.Exit(1)


def _load_valid() -> tuple[Settings, list[str]]:
    """Return the settings, with the defaults in place of wrong ones, and a message for each wrong one."""
    problems: list[str] = []
    try:
        settings = load()
    except InvalidSettings as e:
        settings, problems = e.valid, list(e.problems)
    try:
        check(settings)
    except BadInput as e:
        problems.append(str(e))
    return settings, problems


def _run(run_check: Check, settings: Settings) -> list[Finding]:
    """Return the findings of a check. An error in it is a finding, too, so that the next check still runs."""
    try:
        return list(run_check(settings))
    except (CopydeskError, OSError, RedisError, ValueError, sqlite3.Error) as e:
        return [Finding("fail", str(e))]


def _print_findings(findings: list[Finding]) -> None:
    for finding in findings:
        style = {"ok": "green", "warn": "yellow", "fail": "red"}[finding.mark]
        output.print(f"{finding.mark:<5}", style=style, end="")
        output.print_line(finding.message)
        if finding.advice:
            output.print_line(f"     -> {finding.advice}")


def _check_versions(_: Settings) -> Iterator[Finding]:
    yield Finding("ok", f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}")


def _check_data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        make_data_folder(folder)
    except BadInput as e:
        yield Finding("fail", str(e))
        return
    if folder.stat().st_mode & 0o007:
        problem = f"Other users of this machine can read {folder}, which holds the secrets of webhooks."
        yield Finding("warn", problem, f"chmod -R o= {quote(str(folder))}")
    free = shutil.disk_usage(folder).free
    enough = free > LOW_DISK
    advice = "" if enough else "Free some space, or move COPYDESK_DATA_DIR to a larger disk."
    for path in missing:  # doctor creates nothing: remove the folders that were created for this check
        path.rmdir()
    yield Finding("ok" if enough else "warn", f"{free / 1024**3:.1f} GiB free in {folder}", advice)


def _check_broker(settings: Settings) -> Iterator[Finding]:
    name = "The configured Redis" if settings.redis_url else f"The embedded broker at {settings.broker_socket}"
    client = open_redis(settings)
    try:
        server, persistence = client.info("server"), client.info("persistence")
    except RedisError as e:
        advice = "Check COPYDESK_REDIS_URL." if settings.redis_url else "Start the stack with: copydesk run"
        yield Finding("fail", f"{name} does not answer: {e}", advice)
        return
    finally:
        client.close()
    assert isinstance(server, dict) and isinstance(persistence, dict)
    yield Finding("ok", f"{name} answers (version {server.get('valkey_version') or server.get('redis_version')})")
    if not persistence.get("aof_enabled"):
        yield Finding("warn", f"{name} writes no append-only file.", "Start Redis with --appendonly yes.")


def _check_store(settings: Settings) -> Iterator[Finding]:
    try:
        check_store(settings)
        yield Finding("ok", open_stores(settings).index.check())
    except NotSetUp as e:
        yield Finding("warn", str(e))
    except BadInput as e:
        yield Finding("fail", str(e))
    except CopydeskError as e:
        yield Finding("fail", str(e), "Check COPYDESK_INDEX_URL, and that the service runs.")


def _check_user_agent(settings: Settings) -> Iterator[Finding]:
    if settings.fetch_user_agent == DEFAULT_USER_AGENT:
        advice = "Set COPYDESK_FETCH_USER_AGENT to your name and a page that says how to reach you."
        yield Finding("warn", "Requests use the default user agent.", advice)
    else:
        yield Finding("ok", f"Requests use the user agent {settings.fetch_user_agent!r}.")


CHECKS: tuple[Check, ...] = (_check_versions, _check_data_folder, _check_broker, _check_store, _check_user_agent)
