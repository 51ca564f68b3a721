"""copydesk kibana export | import."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.output.console import errors
from api.kibana.client import Kibana, saved_objects
from worker.config.loading import load
from worker.config.settings import Settings
from worker.errors import BadInput

app = typer.Typer(
    help="Export or import data views and dashboards for Kibana.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def export(
    file: Annotated[Path | None, typer.Option(help="write to this file instead of standard output")] = None,
) -> None:
    """Print the saved objects for the configured indices, in Kibana's import format."""
    objects = saved_objects(load().index_prefix)
    if file is None:
        sys.stdout.write(objects)
        return
    try:
        file.write_text(objects, "utf-8")
    except OSError as e:
        raise BadInput(f"Cannot write {file}: {e.strerror}.") from None
    errors.print(f"{len(objects.splitlines())} objects written to {file}", markup=False, soft_wrap=True)


@app.command("import")
def import_(
    url: Annotated[str | None, typer.Option(help="URL of Kibana; default: COPYDESK_KIBANA_URL")] = None,
    space: Annotated[str, typer.Option(help="a Kibana space; default: the default space")] = "",
    file: Annotated[Path | None, typer.Option(help="import this file instead of Copydesk's own objects")] = None,
) -> None:
    """Import data views and dashboards into Kibana.

    Objects of an earlier import are replaced, all other objects are kept.
    """
    settings = load()
    if url:
        if not url.startswith(("http://", "https://")):
            raise BadInput(f"--url {url} is not a URL. Write it like http://localhost:5601.")
        settings = Settings.model_validate(settings.model_dump() | {"kibana_url": url})
    try:
        objects = file.read_text("utf-8") if file else saved_objects(settings.index_prefix)
    except (OSError, UnicodeDecodeError) as e:
        raise BadInput(f"Cannot read {file}: {e}.") from None
    count = Kibana(settings=settings, space=space).import_objects(objects)
    errors.print(f"{count} objects imported into {settings.kibana_url}", markup=False, soft_wrap=True)
