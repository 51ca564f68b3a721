"""copydesk add."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.context import open_context
from api.cli.options import AsJson, Timeout
from api.cli.output.console import errors, output, print_json
from api.cli.output.wait_progress import check_all_finished, check_timeout, wait_until_finished
from worker.errors import BadInput
from worker.model.records import Row
from worker.services.intake.submit import Added
from worker.services.intake.submit import add as add_urls

MAX_LISTED = 20  #: URLs that are listed one by one


def add(
    urls: Annotated[list[str] | None, typer.Argument(help="URLs of articles; - reads them from standard input")] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="a text file with one URL per line")] = None,
    source: Annotated[str, typer.Option(help="source name to store with the articles")] = "cli",
    force: Annotated[bool, typer.Option("--force", help="crawl finished URLs again")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="wait until all URLs are finished and print the outcomes")
    ] = False,
    timeout: Timeout = None,
    as_json: AsJson = False,
) -> None:
    """Queue URLs for ingestion. An accepted URL has a row in the ledger and is never lost."""
    check_timeout(timeout, wait=wait)
    given = _read_urls(urls or [], file)
    context = open_context(create=True)
    answers = add_urls(context, given, source=source, force=force)
    rows = {a.row.id: a.row for a in answers if a.row}
    finished = wait_until_finished(context, list(rows.values()), timeout) if wait else {}
    if as_json:
        print_json([_to_json(a, finished) for a in answers])
    else:
        print_added(answers, finished)
    if any(a.problem for a in answers):
        raise typer.Exit(2)
    if wait:
        check_all_finished(finished, len(rows))


def _read_urls(urls: list[str], file: Path | None) -> list[str]:
    lines: list[str] = []
    if file:
        try:
            lines += file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as e:
            raise BadInput(f"Cannot read {file}: {e}.") from None
    for url in urls:
        lines += sys.stdin.read().splitlines() if url == "-" else [url]
    given = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not given:
        raise BadInput("No URLs given. Pass URLs, or --file FILE, or - to read them from standard input.")
    return given


def _to_json(answer: Added, finished: dict[str, Row]) -> dict[str, Any]:
    row = answer.row
    end = finished.get(row.id) if row else None
    result: dict[str, Any] = {"url": answer.url, "verdict": answer.verdict, "id": row.id if row else None}
    if answer.problem:
        result["problem"] = answer.problem
    if end:
        result |= {"outcome": end.outcome, "reason": end.reason, "detail": end.detail, "article_id": end.article_id}
    return result


def print_added(answers: list[Added], finished: dict[str, Row]) -> None:
    """Print the refused URLs, the others if they are few, with their outcomes if known, and totals."""
    for answer in answers:
        if answer.problem:
            errors.print_line(f"refused: {answer.problem}")
        elif len(answers) <= MAX_LISTED and answer.row:
            end = finished.get(answer.row.id)
            state = f"{end.outcome} ({end.detail or end.reason})" if end else answer.verdict
            output.print_line(f"{answer.row.id}  {state}  {answer.url}")
    counts = Counter(a.verdict for a in answers)
    summary = ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common())
    if finished:
        outcomes = Counter(str(r.outcome) for r in finished.values())
        summary += "; finished: " + ", ".join(f"{n} {outcome}" for outcome, n in outcomes.most_common())
    errors.print_line(summary)
