"""Saved searches: made, held, resumed and forgotten."""

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
    """A new search, and what it finds today; its secret is shown this once."""

    search: SavedSearch
    today: Results


def save(context: AppContext, name: str, query: Query, *, webhook: str | None = None) -> Saved:
    """From now on, tell of each new or changed article that the query finds. `BadInput` for a query that cannot be
    asked, a webhook that nothing may be sent to, and beyond `saved_searches_max`."""
    if not 0 < len(name.strip()) <= MAX_NAME_CHARS:
        raise BadInput(f"give the search a name of 1 to {MAX_NAME_CHARS} characters")
    if len(query.text) > MAX_CHARS:
        raise BadInput(f"a search may have {MAX_CHARS:,} characters, not {len(query.text):,}; make several of it")
    if query.text.strip() and parse(query.text).node == All():
        raise BadInput(f"no word in {query.text!r} can be looked for; give words, or no text at all to find everything")
    most = context.settings.saved_searches_max
    if sum(1 for _ in context.catalog.saved_searches.all()) >= most:
        raise BadInput(f"there are {most} saved searches already (saved_searches_max); remove one, or allow more")
    asked = Query(
        text=_storable(query.text),
        filters=query.filters,
        since=query.since,
        until=query.until,
        scope=query.scope,
        sort="newest",
    )
    today = context.search.find(replace(asked, size=1))
    search = SavedSearch(
        id=secrets.token_hex(6),
        name=_storable(name.strip()),
        query=asked,
        created_at=context.now(),
        webhook=context.webhooks.check(webhook) if webhook else None,
        secret=new_secret() if webhook else None,
    )
    context.catalog.saved_searches.add(search)
    return Saved(search, today)


def find(context: AppContext, id: str) -> SavedSearch:
    """`BadInput` where there is none of that id."""
    return _known(context.catalog.saved_searches.get(id), id)


def pause(context: AppContext, id: str) -> SavedSearch:
    """Match nothing until it is resumed; what waits for its webhook is kept. `BadInput` if unknown."""
    return _known(context.catalog.saved_searches.change(id, lambda s: replace(s, paused=True)), id)


def resume(context: AppContext, id: str) -> SavedSearch:
    """Match again, and send at once what was kept. `BadInput` if unknown."""
    search = _known(context.catalog.saved_searches.resume(id), id)
    context.outbox.pause(id, context.now().timestamp())
    return search


def remove(context: AppContext, id: str) -> None:
    """Forget a search and what waits for its webhook. `BadInput` if unknown."""
    if not context.catalog.saved_searches.remove(id):
        raise _unknown(id)
    context.outbox.drop(id)


def _storable(text: str) -> str:
    """Without characters that no UTF-8 can carry, which a command line may hold."""
    return text.encode(errors="replace").decode()


def _known(search: SavedSearch | None, id: str) -> SavedSearch:
    if search is None:
        raise _unknown(id)
    return search


def _unknown(id: str) -> BadInput:
    return BadInput(f"there is no saved search {id!r}; `copydesk searches list` names them all")
