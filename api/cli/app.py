"""The command line: `copydesk COMMAND`. Each command is a module; this one puts them together."""

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
from api.cli.output.console import errors, output
from worker.errors import BadInput, CopydeskError


class _Commands(TyperGroup):
    """Ends what Typer would end by itself: without our words, or with 1 for a reader that has enough."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            errors.print("copydesk: interrupted; what was accepted stays accepted", markup=False)
            raise typer.Exit(130) from None
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)  # where Python puts at its end what it still holds
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


def _say_version(wanted: bool) -> None:
    if wanted:
        output.print(f"copydesk {version('copydesk')}", markup=False)
        raise typer.Exit


@app.callback()
def _before(
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="print the version and exit")
    ] = False,
) -> None:
    """What holds for all commands."""


app.command()(add.add)
app.command(context_settings=search.WORDS)(search.search)
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
    """Run the command. What we can explain ends in one line: exit code 2 for the user's mistake, 1 for the rest."""
    try:
        app()
    except CopydeskError as e:
        errors.print(f"copydesk: {e}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2 if isinstance(e, BadInput) else 1)
    except RedisError as e:
        advice = "start the stack with `copydesk run`, or check COPYDESK_REDIS_URL"
        errors.print(f"copydesk: the broker does not answer ({e}); {advice}", markup=False, soft_wrap=True)
        sys.exit(1)
