"""copydesk read"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.article import print_article
from api.cli.console import output, print_json
from worker import reading
from worker.errors import BadInput
from worker.fetching.session import Fetcher
from worker.records import Article
from worker.settings import load
from worker.storing.documents import article_to_json


def read(
    source: Annotated[str, typer.Argument(help="an HTML file, a .txt file of flattened text as in WET, or an address")],
    url: Annotated[str, typer.Option(help="the address that a file came from")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print JSON with all fields")] = False,
) -> None:
    """Read one page and print the article. Nothing is queued or stored."""
    article = _read(source, url)
    if as_json:
        print_json(article_to_json(article))
    else:
        print_article(output, article)


def _read(source: str, url: str) -> Article:
    if source.startswith(("http://", "https://")):
        fetched = Fetcher(load()).get(source)
        if fetched.location:
            raise BadInput(f"{source} redirects to {fetched.location}; read that address")
        return reading.read(fetched.body, source, content_type=fetched.content_type)
    path = Path(source)
    try:
        body = path.read_bytes()
    except OSError as e:
        raise BadInput(
            f"cannot read {source}: {e.strerror}; give a file, or an address with http:// or https://"
        ) from None
    return reading.read_text(body, url) if path.suffix == ".txt" else reading.read(body, url)
