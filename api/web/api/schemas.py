"""Schemas of articles and revisions in the API.

An article is sent as worker/storage/document_json.py stores it, without its empty fields. `ArticleAnswer` describes
that JSON; a test checks that both have the same fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from api.presentation.revision_changes import Change, changes
from api.presentation.text_diff import Op
from worker.model.catalog import Revision
from worker.model.records import Kind

#: A time as text, in the form that is stored: "2026-11-24T08:00:00+00:00".
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class ImageAnswer(BaseModel):
    """A picture of an article."""

    url: str = ""
    caption: str = Field("", description="without the credit line")
    credit_text: str = Field("", description="the credit line as printed", examples=["Jung Yeon-je/Pool Photo via AP"])
    creator: list[str] = Field([], description="photographers")
    agency: str = Field("", examples=["AP"])
    alt: str = ""
    is_lead: bool


class ProvenanceAnswer(BaseModel):
    """The origin of a field's value."""

    source: str = Field(description="json-ld, meta, dom, text …")
    rule: str = Field(description="which rule of that source", examples=["og:title"])
    rivals: list[tuple[str, str]] = Field(description="values of other origins: (source and rule, value)")


class ArticleAnswer(BaseModel):
    """An article. Names follow schema.org's NewsArticle in snake_case. Empty fields are omitted."""

    url: str = Field(description="canonical URL, by which the ledger identifies the article")
    kind: Kind
    headline: str = ""
    description: str = ""
    article_body: str = Field("", description="paragraphs separated by newlines; without captions and boilerplate")
    article_html: str = Field(
        "",
        description="the body as safe HTML: headings, paragraphs, lists, quotes, tables, links and figures; a search "
        "answer has it only if `fields` names it",
    )
    agency: str = Field("", description="the wire agency that the article comes from", examples=["dpa"])
    article_section: str = ""
    language: str = Field("", description="ISO 639-1, detected from the text")
    date_precision: str = Field("", description="precision of date_published: second, minute or day")
    dateline: str = Field("", description="only the place", examples=["SEOUL"])
    publisher: str = ""
    canonical_url: str = Field("", description="the canonical link of the page")
    author: list[str] = Field([], description="people; agencies are in `agency`")
    byline: list[str] = Field([], description="all names in the byline, with organisations, as printed")
    keywords: list[str] = []
    caption_text: list[str] = Field([], description="the captions of all images")
    photographer: list[str] = Field([], description="the creators of all images")
    photo_agency: list[str] = Field([], description="the agencies of all images")
    date_published: Timestamp | None = None
    date_modified: Timestamp | None = None
    images: list[ImageAnswer] = []
    word_count: int
    content_hash: str = Field(description="hash of headline, authors, body, captions and credits")
    provenance: dict[str, ProvenanceAnswer] = Field({}, description="by field, the origin of its value")
    id: str
    version: int = Field(description="grows with each crawl and with each newer reader")
    page_url: str = Field(description="the URL from which the page was fetched")
    host: str
    source: str = Field(description="the source or client that queued the URL")
    fetched_at: Timestamp
    first_seen_at: Timestamp


class PieceAnswer(BaseModel):
    """A piece of a text that was kept, deleted or inserted."""

    op: Op = Field(description="keep, delete or insert")
    text: str


class ChangeAnswer(BaseModel):
    """The changes of one field."""

    field: str = Field(examples=["headline"])
    pieces: list[PieceAnswer] = Field(
        description="in order; kept and deleted pieces form the old text, kept and inserted pieces the new text; "
        "each paragraph, caption and credit ends with a newline; commas separate authors"
    )


class RevisionAnswer(BaseModel):
    """An earlier version of an article's text, and the changes that followed. Long texts are cut."""

    version: int = Field(description="version of the article at that time")
    fetched_at: Timestamp = Field(description="when this version was fetched")
    replaced_at: Timestamp = Field(description="when the next version was fetched")
    headline: str | None
    description: str | None
    article_body: str = Field(description="paragraphs separated by newlines")
    author: list[str]
    caption_text: list[str]
    credit_text: list[str]
    date_modified: Timestamp | None
    content_hash: str = Field(description="hash of headline, authors, body, captions and credits, before they were cut")
    changes: list[ChangeAnswer] = Field(description="the changes in the next version, by field")


class RevisionsAnswer(BaseModel):
    """The earlier revisions of an article."""

    id: str = Field(description="id of the article")
    version: int = Field(description="current version")
    revisions: list[RevisionAnswer] = Field(description="newest first")


def revisions_answer(id: str, revisions: Sequence[Revision]) -> RevisionsAnswer:
    """Return the earlier revisions. `revisions` is sorted by time; the last one is the current version."""
    found = [_revision(change) for change in changes(revisions)]
    return RevisionsAnswer(id=id, version=revisions[-1].version, revisions=found)


def _revision(change: Change) -> RevisionAnswer:
    before = change.before
    return RevisionAnswer(
        version=before.version,
        fetched_at=before.fetched_at.isoformat(),
        replaced_at=change.at.isoformat(),
        headline=before.headline,
        description=before.description,
        article_body=before.article_body,
        author=list(before.author),
        caption_text=list(before.caption_text),
        credit_text=list(before.credit_text),
        date_modified=before.date_modified.isoformat() if before.date_modified else None,
        content_hash=before.content_hash,
        changes=[
            ChangeAnswer(field=f.field, pieces=[PieceAnswer(op=p.op, text=p.text) for p in f.pieces])
            for f in change.fields
        ],
    )
