"""copydesk search."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.context import open_context
from api.cli.options import AsJson, SearchFilter, SearchScope
from api.cli.output.article import format_published
from api.cli.output.console import errors, output, print_json
from api.presentation.highlight_markup import as_text
from api.presentation.query_input import join_words, parse_date, parse_fields, parse_filters
from worker.errors import BadInput
from worker.model.query import Bucket, Hit, Query, Results
from worker.storage.document_json import HIT_FIELDS, from_json, select_fields


def search(
    query: Annotated[list[str], typer.Argument(help='words, "a phrase", -without, this OR that, begin*, author:name')],
    filter: SearchFilter = None,
    facet: Annotated[
        list[str] | None, typer.Option("--facet", help="count the values of this field, repeatable")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="published at or after this date, or within the last 12h, 7d, 2w")
    ] = None,
    until: Annotated[str | None, typer.Option(help="published before this date, or before 12h, 7d, 2w ago")] = None,
    scope: SearchScope = "all",
    sort: Annotated[str, typer.Option(help="relevance, newest or oldest")] = "relevance",
    size: Annotated[int, typer.Option(min=0, max=100, help="hits per page")] = 10,
    cursor: Annotated[str | None, typer.Option(help="cursor of the next page, from the previous page")] = None,
    fields: Annotated[
        list[str] | None, typer.Option(help="with --json: print only these article fields, as url,headline")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Search the articles."""
    json_fields = parse_fields(fields or [])
    if json_fields and not as_json:
        raise BadInput("--fields selects the fields of the JSON output. Give it with --json.")
    results = open_context().search.find(
        Query(
            text=join_words(query),
            filters=parse_filters(filter or []),
            facets=tuple(facet or ()),
            since=parse_date(since) if since else None,
            until=parse_date(until) if until else None,
            scope=scope,
            sort=sort,
            size=size,
            cursor=cursor,
        )
    )
    if as_json:
        print_json(_results_to_json(results, json_fields))
    else:
        print_results(results)
        if results.next_cursor:
            errors.print_line(f"\nnext page: --cursor {results.next_cursor}")


def _results_to_json(results: Results, fields: Collection[str]) -> dict[str, object]:
    hits = [
        {"article": select_fields(h.fields, fields or HIT_FIELDS), "score": h.score, "highlights": h.highlights}
        for h in results.hits
    ]
    return {
        "total": results.total,
        "hits": hits,
        "facets": results.facets,
        "next_cursor": results.next_cursor,
        "suggestion": results.suggestion,
        "notes": results.notes,
    }


def print_results(results: Results) -> None:
    """Print the hits with highlights, then the facets."""
    for note in results.notes:
        errors.print_line(note)
    output.print(f"{results.total} article{'' if results.total == 1 else 's'}", style="bold")
    if results.suggestion:
        output.print(Text(f"Did you mean: {results.suggestion}"))
    for hit in results.hits:
        _print_hit(hit)
    if results.facets:
        output.print()
        output.print(facets_table({name: results.facets[name] for name in results.facets}))


def _print_hit(hit: Hit) -> None:
    document = from_json(hit.fields)
    article = document.article
    date = format_published(article) or "no date"
    origin = " · ".join(filter(None, [article.publisher or document.host, article.article_section, date]))
    headline = hit.highlights.get("headline")
    output.print()
    output.print(as_text(headline[0]) if headline else Text(article.headline or "(no headline)"), style="bold cyan")
    output.print(Text(origin, style="dim"))
    for name, fragments in hit.highlights.items():
        for fragment in fragments if name != "headline" else ():
            label = "  … " if name == "article_body" else f"  {name}: "
            output.print(Text.assemble((label, "dim"), as_text(" ".join(fragment.split()))))
    output.print_line(Text(document.url, style="dim"))


def facets_table(facets: dict[str, tuple[Bucket, ...]]) -> Table:
    """Return a table with a column per facet, most frequent values first."""
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="bold")
    for name in facets:
        table.add_column(name)
    longest = max((len(b) for b in facets.values()), default=0)
    for n in range(longest):
        table.add_row(*(Text(f"{b[n].count:>3} {b[n].value}") if n < len(b) else Text() for b in facets.values()))
    return table
