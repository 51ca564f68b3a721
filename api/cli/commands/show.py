"""copydesk show."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer

from api.cli.context import open_context
from api.cli.options import AsJson
from api.cli.output.article import print_article
from api.cli.output.console import output, print_json
from api.cli.output.revision_changes import changes_to_json, print_changes
from api.cli.output.tables import facts_table
from worker.errors import BadInput
from worker.model.records import Row
from worker.services.articles.revisions import revisions
from worker.services.ledger import lookup
from worker.storage.document_json import to_json


def show(
    url_or_id: Annotated[str, typer.Argument(help="a URL, or an id that `copydesk add` printed")],
    with_revisions: Annotated[
        bool, typer.Option("--revisions", help="include earlier revisions and the words that changed")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the state of a URL: its row in the ledger and its article."""
    context = open_context()
    id = lookup.identify(url_or_id)
    row, document = lookup.row(context, id), lookup.document(context, id)
    if row is None:
        raise BadInput(f"Unknown URL: {url_or_id}. To queue it: copydesk add {quote(url_or_id)}")
    history = revisions(context, document) if with_revisions and document else []
    if as_json:
        result = {"row": row, "article": to_json(document) if document else None}
        print_json(result | ({"revisions": changes_to_json(history)} if with_revisions else {}))
        return
    output.print(facts_table(_row_facts(row)))
    if document:
        output.print()
        print_article(output, document.article)
    if history:
        print_changes(output, history)


def _row_facts(row: Row) -> dict[str, object]:
    return {
        "id": row.id,
        "url": row.url,
        "state": row.state,
        "outcome": row.outcome,
        "reason": f"{row.reason}: {row.detail}" if row.detail else row.reason,
        "details": f"copydesk explain {quote(row.url)}" if lookup.is_rejected_by_reading(row) else None,
        "crawl": row.crawl,
        "HTTP status": row.http_status,
        "first seen": row.first_seen_at,
        "finished": row.finished_at,
        "gone since": row.gone_at,
    }
