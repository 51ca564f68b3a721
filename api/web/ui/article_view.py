"""One article, or what became of its address, as its page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from api.presentation.revision_changes import Change, changes
from api.web.ui.search_view import Shown, shown
from api.web.ui.templates import when
from worker.model.records import REVISION_BITS, Article, Document, Image, Provenance, Row
from worker.services.articles.revisions import revisions
from worker.services.context import AppContext
from worker.services.ledger import lookup

SIMILAR = 5
VALUE_CHARS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a field was read."""

    field: str
    value: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    row: Row | None
    document: Document | None
    similar: tuple[Shown, ...] = ()
    changes: tuple[Change, ...] = ()  #: of its story, the newest first

    @property
    def can_be_explained(self) -> bool:
        """Whether it was rejected for what its page says."""
        return self.row is not None and lookup.is_rejected_by_reading(self.row)

    @property
    def readings(self) -> list[Reading]:
        return list(_readings(self.document.article)) if self.document else []

    @property
    def facts(self) -> list[tuple[str, str]]:
        return list(_facts(self.row)) if self.row else []

    @property
    def lead_picture(self) -> Image | None:
        """The picture that stands above the story: the first that has something to tell."""
        images = self.document.article.images if self.document else ()
        told = [i for i in images if i.caption or i.credit_text]
        return min(told, key=lambda i: not i.is_lead, default=None)

    @property
    def other_pictures(self) -> list[Image]:
        images = self.document.article.images if self.document else ()
        return [i for i in images if i is not self.lead_picture]

    @property
    def crawl(self) -> int:
        return self.document.version >> REVISION_BITS if self.document else 0

    @property
    def revision(self) -> int:
        """Of the reader."""
        return self.document.version & ((1 << REVISION_BITS) - 1) if self.document else 0


def look_up(context: AppContext, id: str) -> Filed | None:
    """The row of that id and the article it leads to; None if nothing of that id was ever accepted or filed."""
    row, document = lookup.row(context, id), lookup.document(context, id)
    if row is None and document is None:
        return None
    similar = context.index.similar(document.id, SIMILAR).hits if document else ()
    changed = changes(revisions(context, document)) if document else ()
    return Filed(row=row, document=document, similar=tuple(shown(hit) for hit in similar), changes=tuple(changed))


def _readings(article: Article) -> Iterator[Reading]:
    for name, provenance in article.provenance.items():
        value = getattr(article, name, None)
        yield Reading(field=name.replace("_", " "), value=_short(_plain(value)), provenance=provenance)


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return when(value)
        case tuple():
            return f"{len(value)}" if value and not isinstance(value[0], str) else ", ".join(value)
        case _:
            return " ".join(str(value).split())


def _short(text: str) -> str:
    return text if len(text) <= VALUE_CHARS else text[:VALUE_CHARS].rstrip() + " …"


def _facts(row: Row) -> Iterator[tuple[str, str]]:
    """The ledger's row for people: only what it has."""
    facts = {
        "State": row.state.value,
        "Outcome": row.outcome.value if row.outcome else None,
        "Reason": " – ".join(filter(None, [row.reason, row.detail])),
        "Address": row.url,
        "Canonical": row.canonical_url if row.canonical_url != row.url else None,
        "Host": row.host,
        "Source": row.source,
        "HTTP status": row.http_status,
        "Crawls": row.crawl,
        "Attempts": row.attempts or None,
        "First seen": _when(row.first_seen_at),
        "Queued": _when(row.queued_at),
        "Settled": _when(row.finished_at),
        "Gone since": _when(row.gone_at),
        "Due again": _when(row.next_crawl_at),
        "Article": row.article_id if row.article_id != row.id else None,
        "Content hash": row.content_hash,
        "Id": row.id,
    }
    return ((name, str(value)) for name, value in facts.items() if value not in (None, ""))


def _when(moment: datetime | None) -> str | None:
    return when(moment) if moment else None
