"""An article as the API gives it: what worker/storage/document_json.py stores, with a type and a word for each field.
Fields that are empty are left out of the JSON.

The revisions of an article as the API gives them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from api.presentation.revision_changes import Change, changes
from api.presentation.text_diff import Op
from worker.model.catalog import Revision
from worker.model.records import Document, Kind
from worker.storage.document_json import to_json

#: Told as text, so that it goes out in the very form that is stored: "2026-11-24T08:00:00+00:00".
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class ImageAnswer(BaseModel):
    url: str = ""
    caption: str = Field("", description="without its credit")
    credit_text: str = Field("", description="the credit line as printed", examples=["Jung Yeon-je/Pool Photo via AP"])
    creator: list[str] = Field([], description="photographers")
    agency: str = Field("", examples=["AP"])
    alt: str = ""
    is_lead: bool


class ProvenanceAnswer(BaseModel):
    source: str = Field(description="json-ld, meta, dom, text …")
    rule: str = Field(description="which rule of that source", examples=["og:title"])
    rivals: list[tuple[str, str]] = Field(description="what other sources said: source and rule, value")


class ArticleAnswer(BaseModel):
    """Names follow schema.org's NewsArticle in snake_case. Fields that are empty are left out."""

    url: str = Field(description="canonical, as the ledger identifies it")
    kind: Kind
    headline: str = ""
    description: str = ""
    article_body: str = Field("", description="paragraphs separated by newlines; no captions, no furniture")
    agency: str = Field("", description="the wire that the story came by", examples=["dpa"])
    article_section: str = ""
    language: str = Field("", description="ISO 639-1, by the text")
    date_precision: str = Field("", description="of date_published: second, minute or day")
    dateline: str = Field("", description="the place alone", examples=["SEOUL"])
    publisher: str = ""
    canonical_url: str = Field("", description="as the page names it")
    author: list[str] = Field([], description="people; agencies stand in `agency`")
    byline: list[str] = Field([], description="everyone who signed, organisations too, as printed")
    keywords: list[str] = []
    caption_text: list[str] = Field([], description="the captions of all images")
    photographer: list[str] = Field([], description="the creators of all images")
    photo_agency: list[str] = Field([], description="the agencies of all images")
    date_published: Moment | None = None
    date_modified: Moment | None = None
    images: list[ImageAnswer] = []
    word_count: int
    content_hash: str = Field(description="of headline, authors, body, captions and credits")
    provenance: dict[str, ProvenanceAnswer] = Field({}, description="where each field's value came from")
    id: str
    version: int = Field(description="grows with each crawl and each newer reader")
    page_url: str = Field(description="where the page was read")
    host: str
    source: str = Field(description="who asked for it")
    fetched_at: Moment
    first_seen_at: Moment


def article_answer(document: Document, fields: Collection[str] = ()) -> ArticleAnswer:
    """Routes that give it leave out what is not set (`response_model_exclude_unset`): with `fields`, all but these."""
    whole = ArticleAnswer.model_validate(to_json(document))
    named = {name: getattr(whole, name) for name in whole.model_fields_set if not fields or name in fields}
    return ArticleAnswer.model_construct(set(named), **named)


class PieceAnswer(BaseModel):
    op: Op = Field(description="keep, delete or insert")
    text: str


class ChangeAnswer(BaseModel):
    field: str = Field(examples=["headline"])
    pieces: list[PieceAnswer] = Field(
        description="in order: what is kept and deleted makes the old text, what is kept and inserted the new one; "
        "each paragraph of the body, each caption and each credit ends with a newline, authors are parted by commas"
    )


class RevisionAnswer(BaseModel):
    """What the article said until it changed, and the change. Long texts are cut."""

    version: int = Field(description="of the article at that time")
    fetched_at: Moment = Field(description="when it was found to say this")
    replaced_at: Moment = Field(description="when it was found to say something else")
    headline: str | None
    description: str | None
    article_body: str = Field(description="paragraphs separated by newlines")
    author: list[str]
    caption_text: list[str]
    credit_text: list[str]
    date_modified: Moment | None
    content_hash: str = Field(description="of headline, authors, body, captions and credits, before they were cut")
    changes: list[ChangeAnswer] = Field(description="what differs in the version that followed, by field")


class RevisionsAnswer(BaseModel):
    id: str = Field(description="of the article")
    version: int = Field(description="that stands")
    revisions: list[RevisionAnswer] = Field(description="the newest first")


def revisions_answer(id: str, revisions: Sequence[Revision]) -> RevisionsAnswer:
    """`revisions`: the oldest first, and last the one that stands."""
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
