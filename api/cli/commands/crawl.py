"""copydesk crawl"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from api.cli.commands.add import report
from api.cli.context import open_context
from api.cli.output.console import errors
from api.cli.output.wait_progress import Timeout, check_all, check_timeout, wait
from worker.errors import CopydeskError
from worker.services.context import AppContext
from worker.services.intake.submit import Added
from worker.services.sources.backfill import backfill
from worker.services.sources.registry import Crawled, crawl_now, crawl_once


def crawl(
    source: Annotated[str, typer.Argument(help="a source's name, or the address of a feed, sitemap or section page")],
    wait_: Annotated[bool, typer.Option("--wait", help="wait until all that it lists is finished")] = False,
    all_: Annotated[
        bool,
        typer.Option("--all", help="however old, to the end of a tree of sitemaps; run again to go on after a break"),
    ] = False,
    timeout: Timeout = None,
) -> None:
    """Crawl a source now, or any address once."""
    check_timeout(timeout, waits=wait_)
    context = open_context(begin=_is_url(source))
    answers: list[Added] = []
    failed = False
    for crawled in _parts(context, source, everything=all_, to_the_end=wait_):
        if crawled.problem and not all_:
            raise CopydeskError(crawled.problem)
        _say(crawled)
        failed = failed or bool(crawled.problem)
        if wait_:
            answers += crawled.answers
        elif crawled.answers:
            report(list(crawled.answers), {})
    rows = {a.row.id: a.row for a in answers if a.row}
    ends = wait(context, list(rows.values()), timeout) if wait_ else {}
    if wait_:
        report(answers, ends)
        check_all(ends, len(rows))
    if failed:
        raise typer.Exit(1)


def _is_url(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _parts(context: AppContext, source: str, *, everything: bool, to_the_end: bool) -> Iterator[Crawled]:
    """One crawl, or several where there is more and it is wanted."""
    is_url = _is_url(source)
    if everything:
        url = source if is_url else context.catalog.sources.get(source).url
        yield from backfill(context, url, source="" if is_url else source)
    elif is_url:
        crawled = crawl_once(context, source)
        yield crawled
        if crawled.more:
            errors.print("a large tree of sitemaps: the rest comes with --all", markup=False)
    else:
        yield (crawled := crawl_now(context, source))
        while crawled.more and to_the_end:
            yield (crawled := crawl_now(context, source))


def _say(crawled: Crawled) -> None:
    if crawled.problem:
        errors.print(crawled.problem, markup=False, soft_wrap=True)
    elif crawled.is_unchanged:
        errors.print("not changed since the last crawl", markup=False)
    else:
        more = "; a tree of sitemaps is read in parts, and this was one" if crawled.more else ""
        errors.print(f"{crawled.listed} listed{more}", markup=False)
