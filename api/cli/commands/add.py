"""copydesk add"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.context import open_context
from api.cli.output.console import errors, output, print_json
from api.cli.output.wait_progress import Timeout, check_all, check_timeout, wait
from worker.errors import BadInput
from worker.model.records import Row
from worker.services.intake.submit import Added
from worker.services.intake.submit import add as add_urls

NAMED = 20  # URLs that are listed one by one


def add(
    urls: Annotated[
        list[str] | None, typer.Argument(help="addresses of articles; - reads them from standard input")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="a text file with one URL a line")] = None,
    source: Annotated[str, typer.Option(help="who asks; becomes a facet of the articles")] = "cli",
    force: Annotated[bool, typer.Option("--force", help="crawl again what is finished already")] = False,
    wait_: Annotated[bool, typer.Option("--wait", help="wait until all are finished and say how")] = False,
    timeout: Timeout = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Queue URLs for ingestion. Accepted means: the URL has its row in the ledger."""
    check_timeout(timeout, waits=wait_)
    given = _given(urls or [], file)
    context = open_context(begin=True)
    answers = add_urls(context, given, source=source, force=force)
    rows = {a.row.id: a.row for a in answers if a.row}
    ends = wait(context, list(rows.values()), timeout) if wait_ else {}
    if as_json:
        print_json([_as_json(a, ends) for a in answers])
    else:
        report(answers, ends)
    if any(a.problem for a in answers):
        raise typer.Exit(2)
    if wait_:
        check_all(ends, len(rows))


def _given(urls: list[str], file: Path | None) -> list[str]:
    lines: list[str] = []
    if file:
        try:
            lines += file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as e:
            raise BadInput(f"cannot read {file}: {e}") from None
    for url in urls:
        lines += sys.stdin.read().splitlines() if url == "-" else [url]
    found = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not found:
        raise BadInput("no URLs given: name some, or --file FILE, or - to read standard input")
    return found


def _as_json(answer: Added, ends: dict[str, Row]) -> dict[str, Any]:
    row = answer.row
    end = ends.get(row.id) if row else None
    found: dict[str, Any] = {"url": answer.url, "verdict": answer.verdict, "id": row.id if row else None}
    if answer.problem:
        found["problem"] = answer.problem
    if end:
        found |= {"outcome": end.outcome, "reason": end.reason, "detail": end.detail, "article_id": end.article_id}
    return found


def report(answers: list[Added], ends: dict[str, Row]) -> None:
    """What became of each URL, as far as it is known, and the sum."""
    for answer in answers:
        if answer.problem:
            errors.print(f"refused: {answer.problem}", markup=False, soft_wrap=True)
        elif len(answers) <= NAMED and answer.row:
            end = ends.get(answer.row.id)
            state = f"{end.outcome} ({end.detail or end.reason})" if end else answer.verdict
            output.print(f"{answer.row.id}  {state}  {answer.url}", markup=False, soft_wrap=True)
    counts = Counter(a.verdict for a in answers)
    summary = ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common())
    if ends:
        outcomes = Counter(str(r.outcome) for r in ends.values())
        summary += "; finished: " + ", ".join(f"{n} {outcome}" for outcome, n in outcomes.most_common())
    errors.print(summary, markup=False)
