"""An article as the API gives it: what worker/storing/documents.py stores, with a type and a word for each field.
Fields that are empty are left out of the JSON."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import BaseModel, Field

from worker.records import Document, Kind
from worker.storing.documents import to_json

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
