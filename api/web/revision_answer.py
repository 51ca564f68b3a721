"""The revisions of an article as the API gives them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field

from api.changes import Change, changes
from api.diff import Op
from api.web.article_answer import Moment
from worker.catalog import Revision


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
