"""copydesk search"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.context import open_context
from api.cli.output.article import published
from api.cli.output.console import errors, output, print_json
from api.presentation.highlight_markup import as_text
from api.presentation.query_input import join_words, parse_date, parse_fields, parse_filters
from worker.errors import BadInput
from worker.model.query import Bucket, Hit, Query, Results
from worker.storage.document_json import to_json

#: An unknown option that begins with one hyphen is a word to leave out: copydesk search flood -storm
WORDS = {"ignore_unknown_options": True}


def search(
    query: Annotated[list[str], typer.Argument(help='words, "a phrase", -without, this OR that, begin*, author:name')],
    filter: Annotated[list[str] | None, typer.Option("--filter", help="field=value, repeatable")] = None,
    facet: Annotated[
        list[str] | None, typer.Option("--facet", help="count the values of this field, repeatable")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="published at or after this date, or in the last 12h, 7d, 2w")
    ] = None,
    until: Annotated[str | None, typer.Option(help="published before this date, or so long ago")] = None,
    scope: Annotated[str, typer.Option(help="where words are looked for: all, headline, body, captions")] = "all",
    sort: Annotated[str, typer.Option(help="relevance, newest or oldest")] = "relevance",
    size: Annotated[int, typer.Option(min=0, max=100, help="hits a page")] = 10,
    cursor: Annotated[str | None, typer.Option(help="the next page, as the last one named it")] = None,
    fields: Annotated[
        list[str] | None, typer.Option(help="with --json: of articles these alone, as url,headline")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Search the articles."""
    wanted = parse_fields(fields or [])
    if wanted and not as_json:
        raise BadInput("--fields chooses what JSON holds; give it with --json")
    asked = Query(
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
    results = open_context().index.search(asked)
    if as_json:
        print_json(_as_json(results, wanted))
    else:
        print_results(results)
        if results.next_cursor:
            errors.print(f"\nnext page: --cursor {results.next_cursor}", markup=False, soft_wrap=True)


def _as_json(results: Results, fields: Collection[str]) -> dict[str, object]:
    hits = [
        {"article": to_json(h.document, fields), "score": h.score, "highlights": h.highlights} for h in results.hits
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
    """Hits with highlights, then facets."""
    for note in results.notes:
        errors.print(note, markup=False)
    output.print(f"{results.total} article{'' if results.total == 1 else 's'}", style="bold")
    if results.suggestion:
        output.print(Text(f"Did you mean: {results.suggestion}"))
    for hit in results.hits:
        _print_hit(hit)
    if results.facets:
        output.print()
        output.print(facet_table({name: results.facets[name] for name in results.facets}))


def _print_hit(hit: Hit) -> None:
    article = hit.document.article
    date = published(article) or "no date"
    origin = " · ".join(filter(None, [article.publisher or hit.document.host, article.article_section, date]))
    headline = hit.highlights.get("headline")
    output.print()
    output.print(as_text(headline[0]) if headline else Text(article.headline or "(no headline)"), style="bold cyan")
    output.print(Text(origin, style="dim"))
    for name, fragments in hit.highlights.items():
        for fragment in fragments if name != "headline" else ():
            label = "  … " if name == "article_body" else f"  {name}: "
            output.print(Text.assemble((label, "dim"), as_text(" ".join(fragment.split()))))
    output.print(Text(hit.document.url, style="dim"), soft_wrap=True)


def facet_table(facets: dict[str, tuple[Bucket, ...]]) -> Table:
    """One column a facet, the most frequent values first."""
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="bold")
    for name in facets:
        table.add_column(name)
    longest = max((len(b) for b in facets.values()), default=0)
    for n in range(longest):
        table.add_row(*(Text(f"{b[n].count:>3} {b[n].value}") if n < len(b) else Text() for b in facets.values()))
    return table
