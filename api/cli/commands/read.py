"""copydesk read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import AsJson, is_url
from api.cli.output.article import print_article
from api.cli.output.console import errors, output, print_json
from api.presentation.article_format import Format, render
from worker import extraction
from worker.config.loading import load
from worker.errors import BadInput
from worker.fetching.fetcher import Fetcher
from worker.storage.document_json import article_to_json


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of a page, from a file or a host."""

    body: bytes
    url: str
    content_type: str = ""
    is_plain_text: bool = False


def read(
    source: Annotated[str, typer.Argument(help="an HTML file, a .txt file of plain text as in WET, or a URL")],
    url: Annotated[str, typer.Option(help="the URL that the file came from")] = "",
    format: Annotated[
        Format | None, typer.Option(help="print only headline and body, in this format; json prints all fields")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read one page and print the article. Nothing is queued or stored."""
    if as_json and format not in (None, Format.JSON):
        raise BadInput(f"--json and --format {format} exclude each other. Give one of them.")
    page = load_page(source, url)
    if page.is_plain_text:
        article = extraction.read_text(page.body, page.url)
    else:
        article = extraction.read(page.body, page.url, content_type=page.content_type)
    if as_json or format is Format.JSON:
        print_json(article_to_json(article))
    elif format:
        if not article.kind.is_article:
            errors.print_line(f"The page is not an article, so it has no body. Its kind is {article.kind}.")
        output.print_line(render(article, format).rstrip("\n"))
    else:
        print_article(output, article)


def load_page(source: str, url: str) -> Page:
    """Return the page in a file, or fetch it from a URL with the SSRF guard that workers use."""
    if is_url(source):
        return _fetch(source)
    path = Path(source)
    try:
        body = path.read_bytes()
    except OSError as e:
        problem = f"Cannot read {source} ({e.strerror})."
        raise BadInput(f"{problem} Pass a file, or a URL that begins with http:// or https://.") from None
    return Page(body, url, is_plain_text=path.suffix == ".txt")


def _fetch(url: str) -> Page:
    settings = load()
    fetcher = Fetcher(settings)
    target = url
    for _ in range(settings.fetch_max_redirects + 1):
        fetched = fetcher.get(target)
        if not fetched.location:
            return Page(fetched.body, target, fetched.content_type)
        target = fetched.location
    raise BadInput(f"{url} redirects more than {settings.fetch_max_redirects} times.")
