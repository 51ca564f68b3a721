"""copydesk kibana export | import"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.output.console import errors
from api.kibana.client import Kibana
from api.kibana.newsroom import newsroom
from api.kibana.objects import lines
from api.kibana.operations import operations
from worker.config.loading import load
from worker.config.settings import Settings
from worker.errors import BadInput

app = typer.Typer(help="Data views and dashboards for Kibana.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def export(
    file: Annotated[Path | None, typer.Option(help="write them here instead of to standard output")] = None,
) -> None:
    """Print the saved objects for the configured indices, as Kibana imports them."""
    objects = saved_objects(load())
    if file is None:
        sys.stdout.write(objects)
        return
    try:
        file.write_text(objects, "utf-8")
    except OSError as e:
        raise BadInput(f"cannot write {file}: {e.strerror}") from None
    errors.print(f"{len(objects.splitlines())} objects written to {file}", markup=False, soft_wrap=True)


@app.command("import")
def import_(
    url: Annotated[str | None, typer.Option(help="where Kibana is; else COPYDESK_KIBANA_URL")] = None,
    space: Annotated[str, typer.Option(help="a space of Kibana; none: the default one")] = "",
    file: Annotated[Path | None, typer.Option(help="import this file instead of what `export` prints")] = None,
) -> None:
    """Import data views and dashboards into Kibana, over earlier ones of ours. Nothing else is touched."""
    settings = load()
    if url:
        if not url.startswith(("http://", "https://")):
            raise BadInput(f"--url {url}: write it like http://localhost:5601")
        settings = Settings.model_validate(settings.model_dump() | {"kibana_url": url})
    try:
        objects = file.read_text("utf-8") if file else saved_objects(settings)
    except (OSError, UnicodeDecodeError) as e:
        raise BadInput(f"cannot read {file}: {e}") from None
    count = Kibana(settings=settings, space=space).import_objects(objects)
    errors.print(f"{count} objects imported into {settings.kibana_url}", markup=False, soft_wrap=True)


def saved_objects(settings: Settings) -> str:
    """Both dashboards and what they show, over the indices of these settings, as NDJSON."""
    return lines([newsroom(settings.index_prefix), operations(settings.index_prefix)])
