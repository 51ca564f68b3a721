"""copydesk demo: crawl, extract and search three sample publishers on this machine, without any setup."""

from __future__ import annotations

import os
import shlex
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.cli.commands.run import free_port
from api.cli.commands.search import print_results
from api.cli.output.article import print_article
from api.cli.output.console import output
from api.cli.output.tables import list_table
from api.cli.output.wait_progress import wait_until_finished
from api.supervisor.stack import exclusive_data_folder, services
from api.supervisor.supervisor import Supervisor
from sample.server import serve
from sample.site import Site
from worker import logs
from worker.config.folders import open_private
from worker.config.loading import PREFIX, load
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.model.query import Query
from worker.services.context import AppContext
from worker.services.intake.submit import Added, add
from worker.services.ledger import lookup
from worker.services.maintenance import audit
from worker.services.sources.visits import crawl_once
from worker.wiring import connect

#: URLs that no feed lists: a redirect, a missing page, one that robots.txt forbids, section pages.
EXTRA_PATHS = {
    "harbour-post": (
        "/old/dredgers-return",
        "/news/2026/02/26/tide-tables/",
        "/news/2026/02/27/lost-and-found/",
        "/news/",
    ),
    "lantern": ("/leserbriefe/",),
}
SHOWN_ARTICLE = ("harbour-post", "/news/2026/03/03/swing-bridge-inspection/")
QUERY = "bridge OR ferry"


@dataclass(frozen=True)
class _Ingested:
    """The submitted URLs and the time until all were finished."""

    answers: list[Added]
    seconds: float


def demo(
    port: Annotated[int, typer.Option(min=1, max=65533, help="first of the three ports for the publishers")] = 8765,
    keep: Annotated[Path, typer.Option(help="folder for the data of the demo")] = Path("data/demo"),
) -> None:
    """Serve three sample publishers, crawl their feeds, extract and index the articles, and search them."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]  # the demo must not use the services of another installation
    os.environ |= {
        "COPYDESK_DATA_DIR": str(keep),
        "COPYDESK_FETCH_ALLOW_PRIVATE": "127.0.0.1/32",
        "COPYDESK_FETCH_DELAY_S": "0.05",
        "COPYDESK_FETCH_DELAY_FACTOR": "0",
        "COPYDESK_FETCH_USER_AGENT": "CopydeskDemo/1 (+http://127.0.0.1/)",
        "COPYDESK_API_PORT": "0",
        "COPYDESK_INDEX_PREFIX": "copydesk-demo",
    }
    os.environ["COPYDESK_API_PORT"] = str(free_port(load()))
    settings = load()
    logs.set_up(settings.model_copy(update={"log_level": "error"}))
    output.print_line(
        "Copydesk demo: three sample publishers, an embedded broker and an embedded index.\n", style="bold"
    )
    with _sites(port) as sites, _running(settings):
        context = connect(settings)
        ingested = _ingest(context, sites)
        _print_results(context, sites, ingested)
    command = f"COPYDESK_DATA_DIR={shlex.quote(str(keep))} copydesk search bridge"
    output.print_line(f"\nThe data is kept in {settings.data_dir}. To search it: {command}")
    output.print_line("Next: `copydesk run`, then `copydesk add URL… --wait`.")


@contextmanager
def _sites(port: int) -> Iterator[Mapping[str, Site]]:
    with ExitStack() as stack:
        try:
            sites = stack.enter_context(serve(port))
        except OSError as e:
            problem = f"The sample publishers need the ports {port} to {port + 2} ({e.strerror})."
            raise BadInput(f"{problem} Choose others with --port.") from None
        yield sites


@contextmanager
def _running(settings: Settings) -> Iterator[None]:
    """Run the same stack as `copydesk run`, with its log in a file, until the block ends."""
    log_file = settings.data_dir / "run.log"
    with exclusive_data_folder(settings) as lock, open(log_file, "ab", opener=open_private) as log:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        started = time.monotonic()
        supervisor = Supervisor(services(settings), output=log, lock=lock)
        supervisor.start()
        try:
            seconds = time.monotonic() - started
            output.print_line(f"Broker, workers, beat and API started in {seconds:.1f} s (log: {log.name}).")
            yield
        finally:
            supervisor.stop()


def _interrupt(*_: object) -> None:
    """Stop the demo and its processes after SIGTERM or SIGHUP, as after Ctrl-C."""
    raise KeyboardInterrupt


def _ingest(context: AppContext, sites: Mapping[str, Site]) -> _Ingested:
    started = time.monotonic()
    answers: list[Added] = []
    for name, site in sites.items():
        crawled = crawl_once(context, site.feed_url, source=name)
        output.print_line(f"  {site.feed_url}  lists {crawled.listed} articles")
        answers += crawled.answers
        answers += add(context, [site.origin + path for path in EXTRA_PATHS.get(name, ())], source=name)
    rows = {a.row.id: a.row for a in answers if a.row}
    wait_until_finished(context, list(rows.values()))
    return _Ingested(answers, time.monotonic() - started)


def _print_results(context: AppContext, sites: Mapping[str, Site], ingested: _Ingested) -> None:
    new = sum(a.verdict == "created" for a in ingested.answers)
    if new:
        output.print_line(
            f"\n{new} URLs queued, fetched, extracted and finished in {ingested.seconds:.1f} s:", style="bold"
        )
    else:
        output.print_line(f"\nNothing new: all {len(ingested.answers)} URLs were finished before.", style="bold")
    output.print(_outcomes_table(context, ingested))
    site, path = SHOWN_ARTICLE
    document = lookup.document(context, lookup.identify(sites[site].origin + path))
    if document:
        output.print()
        output.rule("One extracted article", style="dim")
        print_article(output, document.article)
    output.print()
    output.rule(f"copydesk search '{QUERY}' --facet publisher --facet photographer --facet dateline", style="dim")
    facets = ("publisher", "photographer", "photo_agency", "dateline")
    print_results(context.search.find(Query(text=QUERY, facets=facets, facet_size=5, size=3)))
    output.print()
    output.print(_audit_panel(context))


def _outcomes_table(context: AppContext, ingested: _Ingested) -> Table:
    """Return a table of outcomes and reasons, with a URL as an example for each."""
    rows = [r for r in context.ledger.get(list({a.row.id for a in ingested.answers if a.row})) if r]
    counts = Counter((str(r.outcome), r.reason or "") for r in rows)
    examples = {(str(r.outcome), r.reason or ""): r.url.removeprefix("http://127.0.0.1") for r in rows}
    indexed_first = sorted(counts.items(), key=lambda item: (item[0][0] != "indexed", item[0]))
    entries = [(n, outcome, reason, examples[outcome, reason]) for (outcome, reason), n in indexed_first]
    return list_table(("URLs", "outcome", "reason", "example"), entries, numeric=("URLs",))


def _audit_panel(context: AppContext) -> Panel:
    result = audit.audit(context)
    verdict = "No differences." if result.is_clean else f"{result.problem_count} differences: {result.problems}"
    text = f"{result.rows} accepted = {result.finished} finished + {result.queued} queued; "
    text += f"{result.with_document} rows with an article = {result.documents} articles in the index. {verdict}"
    return Panel(Text(text), title="copydesk audit", title_align="left", border_style="dim")
