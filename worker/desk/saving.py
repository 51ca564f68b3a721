"""Saved searches: made, held, resumed and forgotten."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from worker.catalog import SavedSearch
from worker.desk.parts import Desk
from worker.errors import BadInput
from worker.fetching.webhooks import new_secret
from worker.queries import Query, Results
from worker.storing.query_language import MAX_CHARS, All, parse

MAX_NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class Saved:
    """A new search, and what it finds today; its secret is shown this once."""

    search: SavedSearch
    today: Results


def save(desk: Desk, name: str, query: Query, *, webhook: str | None = None) -> Saved:
    """From now on, tell of each new or changed article that the query finds. `BadInput` for a query that cannot be
    asked, a webhook that nothing may be sent to, and beyond `saved_searches_max`."""
    if not 0 < len(name.strip()) <= MAX_NAME_CHARS:
        raise BadInput(f"give the search a name of 1 to {MAX_NAME_CHARS} characters")
    if len(query.text) > MAX_CHARS:
        raise BadInput(f"a search may have {MAX_CHARS:,} characters, not {len(query.text):,}; make several of it")
    if query.text.strip() and parse(query.text).node == All():
        raise BadInput(f"no word in {query.text!r} can be looked for; give words, or no text at all to find everything")
    most = desk.settings.saved_searches_max
    if sum(1 for _ in desk.catalog.saved_searches.all()) >= most:
        raise BadInput(f"there are {most} saved searches already (saved_searches_max); remove one, or allow more")
    asked = Query(
        text=_storable(query.text),
        filters=query.filters,
        since=query.since,
        until=query.until,
        scope=query.scope,
        sort="newest",
    )
    today = desk.index.search(replace(asked, size=1))
    search = SavedSearch(
        id=secrets.token_hex(6),
        name=_storable(name.strip()),
        query=asked,
        created_at=desk.now(),
        webhook=desk.webhooks.check(webhook) if webhook else None,
        secret=new_secret() if webhook else None,
    )
    desk.catalog.saved_searches.add(search)
    return Saved(search, today)


def find(desk: Desk, id: str) -> SavedSearch:
    """`BadInput` where there is none of that id."""
    return _known(desk.catalog.saved_searches.get(id), id)


def pause(desk: Desk, id: str) -> SavedSearch:
    """Match nothing until it is resumed; what waits for its webhook is kept. `BadInput` if unknown."""
    return _known(desk.catalog.saved_searches.change(id, lambda s: replace(s, paused=True)), id)


def resume(desk: Desk, id: str) -> SavedSearch:
    """Match again, and send at once what was kept. `BadInput` if unknown."""
    search = _known(desk.catalog.saved_searches.resume(id), id)
    desk.outbox.rest(id, desk.now().timestamp())
    return search


def remove(desk: Desk, id: str) -> None:
    """Forget a search and what waits for its webhook. `BadInput` if unknown."""
    if not desk.catalog.saved_searches.remove(id):
        raise _unknown(id)
    desk.outbox.drop(id)


def _storable(text: str) -> str:
    """Without characters that no UTF-8 can carry, which a command line may hold."""
    return text.encode(errors="replace").decode()


def _known(search: SavedSearch | None, id: str) -> SavedSearch:
    if search is None:
        raise _unknown(id)
    return search


def _unknown(id: str) -> BadInput:
    return BadInput(f"there is no saved search {id!r}; `copydesk searches list` names them all")
