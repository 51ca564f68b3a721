"""copydesk crawl."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from api.cli.commands.add import print_added
from api.cli.context import open_context
from api.cli.options import Timeout, is_url
from api.cli.output.console import errors
from api.cli.output.wait_progress import check_all_finished, check_timeout, wait_until_finished
from worker.errors import CopydeskError
from worker.services.context import AppContext
from worker.services.intake.submit import Added
from worker.services.sources.backfill import backfill
from worker.services.sources.visits import VisitResult, crawl_now, crawl_once


def crawl(
    source: Annotated[str, typer.Argument(help="name of a source, or URL of a feed, sitemap or section page")],
    wait: Annotated[bool, typer.Option("--wait", help="wait until all listed URLs are finished")] = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="queue URLs of any age from all sitemaps; run again to continue after an interruption"
        ),
    ] = False,
    timeout: Timeout = None,
) -> None:
    """Visit a source now, or any feed, sitemap or section page once, and queue the URLs that it lists."""
    check_timeout(timeout, wait=wait)
    context = open_context(create=is_url(source))
    answers: list[Added] = []
    failed = False
    for crawled in _visits(context, source, everything=everything, wait=wait):
        if crawled.problem and not everything:
            raise CopydeskError(crawled.problem)
        _print_visit(crawled)
        failed = failed or bool(crawled.problem)
        if wait:
            answers += crawled.answers
        elif crawled.answers:
            print_added(list(crawled.answers), {})
    if wait:
        rows = {a.row.id: a.row for a in answers if a.row}
        finished = wait_until_finished(context, list(rows.values()), timeout)
        print_added(answers, finished)
        check_all_finished(finished, len(rows))
    if failed:
        raise typer.Exit(1)


def _visits(context: AppContext, source: str, *, everything: bool, wait: bool) -> Iterator[VisitResult]:
    """Yield the result of each visit: one, or several for a tree of sitemaps if all parts are wanted."""
    given_url = is_url(source)
    if everything:
        url = source if given_url else context.catalog.sources.get(source).url
        yield from backfill(context, url, source="" if given_url else source)
    elif given_url:
        crawled = crawl_once(context, source)
        yield crawled
        if crawled.more:
            errors.print_line("The sitemaps list more URLs than one visit reads. To queue all of them, add --all.")
    else:
        yield (crawled := crawl_now(context, source))
        while crawled.more and wait:
            yield (crawled := crawl_now(context, source))


def _print_visit(crawled: VisitResult) -> None:
    if crawled.problem:
        errors.print_line(crawled.problem)
    elif crawled.is_unchanged:
        errors.print_line("Not changed since the last visit.")
    else:
        more = " (a part of the sitemaps; the next visit reads the next part)" if crawled.more else ""
        errors.print_line(f"{crawled.listed} URLs listed{more}")
