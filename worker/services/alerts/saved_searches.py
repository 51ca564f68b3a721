"""Save, pause, resume and remove saved searches."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from worker.errors import BadInput
from worker.fetching.webhooks import new_secret
from worker.model.catalog import SavedSearch
from worker.model.query import Query, Results
from worker.search.query_parser import MAX_CHARS, All, parse
from worker.services.context import AppContext

MAX_NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class Saved:
    """A new saved search with its current results. Its secret is shown only now."""

    search: SavedSearch
    today: Results


def save(context: AppContext, name: str, query: Query, *, webhook: str | None = None) -> Saved:
    """Save a search: from now on, each new or changed article that the query finds is an alert.

    Raises `BadInput` for an invalid name or query, a webhook that is not allowed, and beyond `saved_searches_max`.
    """
    if not 0 < len(name.strip()) <= MAX_NAME_CHARS:
        raise BadInput(f"The name of a saved search has 1 to {MAX_NAME_CHARS} characters.")
    if len(query.text) > MAX_CHARS:
        raise BadInput(f"The query has {len(query.text):,} characters; at most {MAX_CHARS:,} characters are allowed.")
    if query.text.strip() and parse(query.text).node == All():
        raise BadInput(f"The query {query.text!r} has no word. Give words, or an empty text to find every article.")
    limit = context.settings.saved_searches_max
    if sum(1 for _ in context.catalog.saved_searches.all()) >= limit:
        raise BadInput(f"There are {limit} saved searches already. Remove one, or increase saved_searches_max.")
    saved = Query(
        text=_storable(query.text),
        filters=query.filters,
        since=query.since,
        until=query.until,
        scope=query.scope,
        sort="newest",
    )
    today = context.search.find(replace(saved, size=1))
    search = SavedSearch(
        id=secrets.token_hex(6),
        name=_storable(name.strip()),
        query=saved,
        created_at=context.now(),
        webhook=context.webhooks.check(webhook) if webhook else None,
        secret=new_secret() if webhook else None,
    )
    context.catalog.saved_searches.add(search)
    return Saved(search, today)


def find(context: AppContext, id: str) -> SavedSearch:
    """Return a saved search by id. Raises `BadInput` if it is unknown."""
    return _known(context.catalog.saved_searches.get(id), id)


def pause(context: AppContext, id: str) -> SavedSearch:
    """Stop matching until the search is resumed; waiting deliveries are kept. Raises `BadInput` if it is unknown."""
    return _known(context.catalog.saved_searches.change(id, lambda s: replace(s, paused=True)), id)


def resume(context: AppContext, id: str) -> SavedSearch:
    """Match again, and send the waiting deliveries at once. Raises `BadInput` if the search is unknown."""
    search = _known(context.catalog.saved_searches.resume(id), id)
    context.outbox.pause(id, context.now().timestamp())
    return search


def remove(context: AppContext, id: str) -> None:
    """Delete a search and its waiting deliveries. Raises `BadInput` if it is unknown."""
    if not context.catalog.saved_searches.remove(id):
        raise _unknown(id)
    context.outbox.drop(id)


def _storable(text: str) -> str:
    """Replace characters that UTF-8 cannot encode; a command line may contain them."""
    return text.encode(errors="replace").decode()


def _known(search: SavedSearch | None, id: str) -> SavedSearch:
    if search is None:
        raise _unknown(id)
    return search


def _unknown(id: str) -> BadInput:
    return BadInput(f"Unknown saved search: {id!r}. To list all: copydesk searches list")
