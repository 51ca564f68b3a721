"""What a perfect reader finds on the sample's pages: `expected.toml` as records."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sample.site import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedImage:
    """An image of the story. Names follow `worker.model.records.Image`."""

    caption: str
    path: str | None = None  #: of its URL; None for flattened text, which has no images
    credit_text: str | None = None  #: without brackets, label ("Foto:", "Photo by") and sign
    creator: tuple[str, ...] = ()
    agency: str | None = None
    is_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedPage:
    """A page. Names follow `worker.model.records.Article`; the story's fields are empty where there is no story."""

    site: str  #: publisher's folder
    path: str
    kind: str | None = None  #: value of `worker.model.records.Kind`; None where there is no page
    status: int = 200
    location: str | None = None  #: path to which a redirect leads
    disallowed: bool = False  #: by robots.txt
    canonical: str | None = None  #: path that the page names as its own, where it is another
    headline: str | None = None
    description: str | None = None
    author: tuple[str, ...] = ()
    agency: str | None = None
    date_published: datetime | None = None
    article_section: str | None = None
    keywords: tuple[str, ...] = ()
    language: str | None = None
    dateline: str | None = None  #: the place as printed: "STORVIK, Norway"
    publisher: str | None = None
    paragraphs: int = 0  #: lines of the body
    body_starts: str = ""
    body_ends: str = ""
    absent: tuple[str, ...] = ()  #: strings of the page that must not stand in the body
    image: tuple[ExpectedImage, ...] = ()

    @property
    def is_article(self) -> bool:
        return self.headline is not None


def pages() -> tuple[ExpectedPage, ...]:
    """Every page of the sample that is worth a word."""
    entries = tomllib.loads((ROOT / "expected.toml").read_text("utf-8"))["page"]
    return tuple(ExpectedPage(**_frozen(e) | {"image": tuple(_photo(i) for i in e.get("image", []))}) for e in entries)


def articles() -> tuple[ExpectedPage, ...]:
    """The pages of the three sites that hold a story and may be read."""
    return tuple(page for page in pages() if page.is_article and page.site)


def flattened() -> tuple[str, ExpectedPage]:
    """`flattened.txt`, a page as plain text without any markup, and what it holds."""
    expected = next(page for page in pages() if not page.site)
    return (ROOT / expected.path).read_text("utf-8"), expected


def _photo(entry: dict[str, Any]) -> ExpectedImage:
    return ExpectedImage(**_frozen(entry))


def _frozen(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
