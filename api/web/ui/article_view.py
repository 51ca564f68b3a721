"""The content of an article's page, which is also the page of a URL without an article."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from api.presentation.revision_changes import Change, changes
from api.web.ui.article_body import body_parts
from api.web.ui.search_view import HitView, hit_view
from api.web.ui.templates import long_date
from worker.model.records import REVISION_BITS, Article, Document, Image, Provenance, Row
from worker.services.articles.revisions import revisions
from worker.services.context import AppContext
from worker.services.ledger import lookup

MAX_SIMILAR = 5
MAX_VALUE_CHARS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOrigin:
    """A field of the article with its value and its provenance."""

    field: str
    value: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """The content of the page: the ledger row of a URL, and the article that it leads to."""

    row: Row | None
    document: Document | None
    similar: tuple[HitView, ...] = ()
    changes: tuple[Change, ...] = ()  #: changes of the article's text, newest first

    @property
    def can_be_explained(self) -> bool:
        """True if the page was rejected for its content."""
        return self.row is not None and lookup.is_rejected_by_reading(self.row)

    @property
    def origins(self) -> list[FieldOrigin]:
        """The fields of the article with their provenance."""
        return list(_origins(self.document.article)) if self.document else []

    @property
    def row_facts(self) -> list[tuple[str, str]]:
        """The columns of the ledger row that have a value, as (label, text)."""
        return list(_row_facts(self.row)) if self.row else []

    @property
    def body(self) -> list[Markup | Image]:
        """The body as HTML, split at its figures, and the image of each figure in its place."""
        return list(body_parts(self.document.article)) if self.document else []

    @property
    def crawl(self) -> int:
        """Number of the crawl that wrote the article."""
        return self.document.version >> REVISION_BITS if self.document else 0

    @property
    def reader_revision(self) -> int:
        """Revision of the reader that read the article."""
        return self.document.version & ((1 << REVISION_BITS) - 1) if self.document else 0


def article_view(context: AppContext, id: str) -> ArticleView | None:
    """Return the row with this id and the article that it leads to, or None for an unknown id."""
    row, document = lookup.row(context, id), lookup.document(context, id)
    if row is None and document is None:
        return None
    similar = context.search.similar(document.id, MAX_SIMILAR).hits if document else ()
    changed = changes(revisions(context, document)) if document else ()
    return ArticleView(
        row=row, document=document, similar=tuple(hit_view(hit) for hit in similar), changes=tuple(changed)
    )


def _origins(article: Article) -> Iterator[FieldOrigin]:
    for name, provenance in article.provenance.items():
        value = getattr(article, name, None)
        yield FieldOrigin(field=name.replace("_", " "), value=_shortened(_as_text(value)), provenance=provenance)


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return long_date(value)
        case tuple():
            return f"{len(value)}" if value and not isinstance(value[0], str) else ", ".join(value)
        case _:
            return " ".join(str(value).split())


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_VALUE_CHARS else text[:MAX_VALUE_CHARS].rstrip() + " …"


def _row_facts(row: Row) -> Iterator[tuple[str, str]]:
    facts = {
        "State": row.state.value,
        "Outcome": row.outcome.value if row.outcome else None,
        "Reason": " – ".join(filter(None, [row.reason, row.detail])),
        "URL": row.url,
        "Canonical URL": row.canonical_url if row.canonical_url != row.url else None,
        "Host": row.host,
        "Source": row.source,
        "HTTP status": row.http_status,
        "Crawls": row.crawl,
        "Attempts": row.attempts or None,
        "First seen": _date(row.first_seen_at),
        "Queued": _date(row.queued_at),
        "Finished": _date(row.finished_at),
        "Gone since": _date(row.gone_at),
        "Next crawl": _date(row.next_crawl_at),
        "Article": row.article_id if row.article_id != row.id else None,
        "Content hash": row.content_hash,
        "Id": row.id,
    }
    return ((name, str(value)) for name, value in facts.items() if value not in (None, ""))


def _date(moment: datetime | None) -> str | None:
    return long_date(moment) if moment else None
