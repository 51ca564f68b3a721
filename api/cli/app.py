"""The `copydesk` command: registers the commands and turns errors into exit codes."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from redis.exceptions import RedisError
from typer.core import TyperGroup

from api.cli.commands import (
    add,
    archive,
    articles,
    backup,
    crawl,
    demo,
    doctor,
    explain,
    failures,
    hosts,
    index,
    keys,
    kibana,
    read,
    run,
    saved_searches,
    search,
    show,
    sources,
    status,
)
from api.cli.options import QUERY_COMMAND
from api.cli.output.console import errors, output
from worker.errors import BadInput, CopydeskError


class _Commands(TyperGroup):
    """The command group, with exit codes for an interruption and for a closed pipe that Typer does not give."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Exit with 130 after Ctrl-C and with 0 if the reader of a pipe has closed it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            errors.print_line("copydesk: Interrupted. Accepted URLs stay queued.")
            raise typer.Exit(130) from None
        except BrokenPipeError:
            devnull = os.open(os.devnull, os.O_WRONLY)
            os.dup2(devnull, 1)  # Python flushes its buffer to standard output at exit
            raise typer.Exit(0) from None


app = typer.Typer(
    cls=_Commands,
    name="copydesk",
    help="News ingestion: URLs in, clean and searchable articles out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        output.print_line(f"copydesk {version('copydesk')}")
        raise typer.Exit


@app.callback()
def _main_options(
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="print the version and exit")
    ] = False,
) -> None:
    """Accept the options that come before the command."""


app.command()(add.add)
app.command(context_settings=QUERY_COMMAND)(search.search)
app.command()(show.show)
app.command()(status.status)
app.command()(status.audit)
app.add_typer(failures.app, name="failures")
app.add_typer(hosts.app, name="hosts")
app.add_typer(articles.app, name="articles")
app.add_typer(kibana.app, name="kibana")
app.command()(backup.backup)
app.command()(backup.restore)
app.add_typer(sources.app, name="sources")
app.command()(crawl.crawl)
app.add_typer(saved_searches.app, name="searches")
app.command("import")(archive.import_)
app.command()(archive.replay)
app.command()(read.read)
app.command()(explain.explain)
app.add_typer(index.app, name="index")
app.add_typer(keys.app, name="keys")
app.command()(run.run)
app.command()(demo.demo)
app.command()(doctor.doctor)


def main() -> None:
    """Run a command. A known error ends it with a message and exit code 2 (the user's mistake) or 1 (anything else)."""
    try:
        app()
    except CopydeskError as e:
        errors.print_line(f"copydesk: {e}")
        sys.exit(2 if isinstance(e, BadInput) else 1)
    except RedisError as e:
        advice = "Start the stack with `copydesk run`, or check COPYDESK_REDIS_URL."
        errors.print_line(f"copydesk: The broker does not answer ({e}). {advice}")
        sys.exit(1)
