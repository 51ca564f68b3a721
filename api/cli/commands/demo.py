"""copydesk demo: the main job on invented publishers, from a bare machine to a search, with nothing to set up."""

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
from api.cli.output.wait_progress import wait
from api.supervisor.stack import services, sole_owner
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
from worker.services.sources.registry import crawl_once
from worker.wiring import connect

#: What no feed names: an old address, an address that is not there, one that robots.txt forbids, a section page.
EXTRAS = {
    "harbour-post": (
        "/old/dredgers-return",
        "/news/2026/02/26/tide-tables/",
        "/news/2026/02/27/lost-and-found/",
        "/news/",
    ),
    "lantern": ("/leserbriefe/",),
}
SHOWN = ("harbour-post", "/news/2026/03/03/swing-bridge-inspection/")
SEARCHED = "bridge OR ferry"


@dataclass(frozen=True)
class _Outcome:
    answers: list[Added]
    seconds: float


def demo(
    port: Annotated[int, typer.Option(min=1, max=65533, help="the first of the publishers' three ports")] = 8765,
    keep: Annotated[Path, typer.Option(help="where the demo keeps its data between runs")] = Path("data/demo"),
) -> None:
    """Serve three invented publishers, crawl their feeds, read and index what they say, and search it."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]  # a demo keeps away from the services that this shell is set up for
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
    output.print("Copydesk demo: three invented publishers, one embedded broker, one embedded index.\n", style="bold")
    with _sites(port) as sites, _running(settings):
        context = connect(settings)
        outcome = _ingest(context, sites)
        _report(context, sites, outcome)
    look = f"COPYDESK_DATA_DIR={shlex.quote(str(keep))} copydesk search bridge"
    output.print(f"\nThe data stays in {settings.data_dir}. To look at it: {look}", markup=False, soft_wrap=True)
    output.print("Next: `copydesk run`, then `copydesk add URL… --wait`.", markup=False)


@contextmanager
def _sites(port: int) -> Iterator[Mapping[str, Site]]:
    with ExitStack() as stack:
        try:
            sites = stack.enter_context(serve(port))
        except OSError as e:
            problem = f"the sample publishers need ports {port} to {port + 2} ({e.strerror}); choose with --port"
            raise BadInput(problem) from None
        yield sites


@contextmanager
def _running(settings: Settings) -> Iterator[None]:
    """The same stack as `copydesk run`, its lines in a file."""
    lines_file = settings.data_dir / "run.log"
    with sole_owner(settings) as lock, open(lines_file, "ab", opener=open_private) as lines:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        started = time.monotonic()
        supervisor = Supervisor(services(settings), output=lines, lock=lock)
        supervisor.start()
        try:
            took = time.monotonic() - started
            output.print(
                f"Broker, workers, beat and API are up after {took:.1f} s (their lines: {lines.name}).", markup=False
            )
            yield
        finally:
            supervisor.end()


def _interrupt(*_: object) -> None:
    """A closed terminal or a plain kill end the demo like Ctrl-C: with all that it started."""
    raise KeyboardInterrupt


def _ingest(context: AppContext, sites: Mapping[str, Site]) -> _Outcome:
    started = time.monotonic()
    answers: list[Added] = []
    for name, site in sites.items():
        crawled = crawl_once(context, site.feed_url, source=name)
        output.print(f"  {site.feed_url}  names {crawled.listed} articles", markup=False)
        answers += crawled.answers
        answers += add(context, [site.origin + path for path in EXTRAS.get(name, ())], source=name)
    rows = {a.row.id: a.row for a in answers if a.row}
    wait(context, list(rows.values()))
    return _Outcome(answers, time.monotonic() - started)


def _report(context: AppContext, sites: Mapping[str, Site], outcome: _Outcome) -> None:
    new = sum(a.verdict == "created" for a in outcome.answers)
    if new:
        output.print(f"\n{new} addresses queued, fetched, read and finished in {outcome.seconds:.1f} s:", style="bold")
    else:
        output.print(f"\nNothing new: all {len(outcome.answers)} addresses are known and finished.", style="bold")
    output.print(_ledger(context, outcome))
    document = lookup.document(context, lookup.identify(sites[SHOWN[0]].origin + SHOWN[1]))
    if document:
        output.print()
        output.rule("One article, as it was read", style="dim")
        print_article(output, document.article)
    output.print()
    output.rule(f"copydesk search '{SEARCHED}' --facet publisher --facet photographer --facet dateline", style="dim")
    facets = ("publisher", "photographer", "photo_agency", "dateline")
    print_results(context.index.search(Query(text=SEARCHED, facets=facets, facet_size=5, size=3)))
    output.print()
    output.print(_audit(context))


def _ledger(context: AppContext, outcome: _Outcome) -> Table:
    """Each outcome with its reasons and an address as an example."""
    rows = [r for r in context.ledger.get(list({a.row.id for a in outcome.answers if a.row})) if r]
    counts = Counter((str(r.outcome), r.reason or "") for r in rows)
    examples = {(str(r.outcome), r.reason or ""): r for r in rows}
    table = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    for column in ("", "outcome", "reason", "for example"):
        table.add_column(column, justify="right" if not column else "left")
    for key, n in sorted(counts.items(), key=lambda item: (item[0][0] != "indexed", item[0])):
        example = examples[key]
        table.add_row(str(n), key[0], key[1], Text(example.url.removeprefix("http://127.0.0.1")))
    return table


def _audit(context: AppContext) -> Panel:
    result = audit.audit(context)
    fits = "Everything fits." if result.is_clean else f"{result.problem_count} differences: {result.problems}"
    text = f"{result.rows} accepted = {result.finished} finished + {result.queued} queued; "
    text += f"{result.with_document} rows with an article = {result.documents} articles in the index. {fits}"
    return Panel(Text(text), title="copydesk audit", title_align="left", border_style="dim")
