"""The sources: add and remove them, find the one of a URL, judge their health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from shlex import quote

from worker import urls
from worker.discovery import schedule
from worker.discovery.source_history import SourceHistory
from worker.errors import BadInput
from worker.model.catalog import Source, SourceKind
from worker.services.context import AppContext
from worker.services.crawl.source_fetch import fetch_page
from worker.services.sources import names, websub
from worker.services.sources.page_links import detect_kind

UNHEALTHY = ("failing", "empty", "silent")


def register(
    context: AppContext,
    url: str,
    *,
    name: str = "",
    kind: SourceKind | None = None,
    every: str = "",
    paused: bool = False,
    known: dict[str, str] | None = None,
) -> Source:
    """Add a source and return it. Without a kind, fetch the URL to detect it.

    Raise `BadInput` if another source has the URL, if the name is taken or not allowed, or if the schedule is wrong. To
    add many, pass the result of `source_ids` as `known`; the new source is added to it.
    """
    every = every or context.settings.source_schedule
    schedule.parse(every)
    url = urls.clean(url)
    known = source_ids(context) if known is None else known
    if other := find_source(url, known):
        raise BadInput(
            f"The source {other!r} has this URL already. To see it, run: copydesk sources show {quote(other)}"
        )
    source = Source(
        name=names.check(name or names.default(url, known)),
        url=url,
        kind=kind or detect_kind(fetch_page(context, url)),
        schedule=every,
        paused=paused,
        created_at=context.now(),
        next_due_at=context.now(),
    )
    context.catalog.sources.add(source)
    known[source.name] = _id_of(url)
    return source


def source_ids(context: AppContext) -> dict[str, str]:
    """Return for the name of each source the id of its URL, which is the same for all spellings of the URL."""
    return {s.name: _id_of(s.url) for s in context.catalog.sources.all()}


def find_source(url: str, known: Mapping[str, str]) -> str | None:
    """Return the name of the source of `known` that has this URL. Raise `BadInput` if the URL is not valid."""
    id = _id_of(url)
    return next((name for name, other in known.items() if other == id), None)


def remove(context: AppContext, name: str) -> bool:
    """Remove a source; its articles stay. Return False if it is unknown."""
    websub.leave(context, name)
    return context.catalog.sources.remove(name)


def health(context: AppContext, source: Source) -> str:
    """Return the state of a source, judged by its own history.

    It is "ok", "failing", "empty", "silent", "unknown" or "paused".
    """
    if source.paused:
        return "paused"
    history, now = SourceHistory.from_dict(source.history), context.now().timestamp()
    found = history.health(now)
    if found == "silent" and (pushed := websub.last_push(context, source.name)):  # visits find nothing new after a push
        return replace(history, last_new_at=max(pushed.timestamp(), history.last_new_at or 0.0)).health(now)
    return found


def unhealthy(context: AppContext) -> dict[str, str]:
    """Return the sources that need attention, by name: "failing", "empty" or "silent"."""
    found = {s.name: health(context, s) for s in context.catalog.sources.all()}
    return {name: state for name, state in found.items() if state in UNHEALTHY}


def _id_of(url: str) -> str:
    return urls.url_id(urls.canonicalize(url))
