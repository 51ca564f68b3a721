"""copydesk read"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from api.cli.output.article import print_article
from api.cli.output.console import output, print_json
from worker import extraction
from worker.config.loading import load
from worker.errors import BadInput
from worker.fetching.fetcher import Fetcher
from worker.storage.document_json import article_to_json


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be read."""

    body: bytes
    url: str
    content_type: str = ""
    is_flat: bool = False  #: text without markup


def read(
    source: Annotated[str, typer.Argument(help="an HTML file, a .txt file of flattened text as in WET, or an address")],
    url: Annotated[str, typer.Option(help="the address that a file came from")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print JSON with all fields")] = False,
) -> None:
    """Read one page and print the article. Nothing is queued or stored."""
    page = fetch(source, url)
    if page.is_flat:
        article = extraction.read_text(page.body, page.url)
    else:
        article = extraction.read(page.body, page.url, content_type=page.content_type)
    if as_json:
        print_json(article_to_json(article))
    else:
        print_article(output, article)


def fetch(source: str, url: str) -> Source:
    """A file's bytes, or an address's, fetched through the same guard as everything else."""
    if source.startswith(("http://", "https://")):
        settings = load()
        fetcher = Fetcher(settings)
        address = source
        for _ in range(settings.fetch_max_redirects + 1):
            fetched = fetcher.get(address)
            if not fetched.location:
                return Source(fetched.body, address, fetched.content_type)
            address = fetched.location
        raise BadInput(f"{source}: more than {settings.fetch_max_redirects} redirects")
    path = Path(source)
    try:
        body = path.read_bytes()
    except OSError as e:
        problem = f"cannot read {source} ({e.strerror}); give a file, or an address with http:// or https://"
        raise BadInput(problem) from None
    return Source(body, url, is_flat=path.suffix == ".txt")
