"""The result of a perfect extraction of each page of the sample: `expected.toml` as records."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sample.site import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedImage:
    """An image of an article. Its fields are named as in `worker.model.records.Image`."""

    caption: str
    path: str | None = None  #: of its URL; None in plain text, which has no images
    credit_text: str | None = None  #: without brackets, label ("Foto:", "Photo by") and "©"
    creator: tuple[str, ...] = ()
    agency: str | None = None
    is_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedPage:
    """A page. Its fields are named as in `worker.model.records.Article`; those of the article may be empty."""

    site: str  #: folder of the publisher
    path: str
    kind: str | None = None  #: value of `worker.model.records.Kind`; None without a page
    status: int = 200
    location: str | None = None  #: target path of a redirect
    disallowed: bool = False  #: by robots.txt
    canonical: str | None = None  #: path of the canonical link, if it differs
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
    absent: tuple[str, ...] = ()  #: strings of the page that must not be in the body
    image: tuple[ExpectedImage, ...] = ()

    @property
    def is_article(self) -> bool:
        """True if the page contains an article."""
        return self.headline is not None


def pages() -> tuple[ExpectedPage, ...]:
    """Return the pages that `expected.toml` describes."""
    entries = tomllib.loads((ROOT / "expected.toml").read_text("utf-8"))["page"]
    return tuple(ExpectedPage(**_frozen(e) | {"image": tuple(_photo(i) for i in e.get("image", []))}) for e in entries)


def articles() -> tuple[ExpectedPage, ...]:
    """Return the pages of the three sites that contain an article."""
    return tuple(page for page in pages() if page.is_article and page.site)


def flattened() -> tuple[str, ExpectedPage]:
    """Return `flattened.txt`, a page as plain text without markup, and its expected result."""
    expected = next(page for page in pages() if not page.site)
    return (ROOT / expected.path).read_text("utf-8"), expected


def _photo(entry: dict[str, Any]) -> ExpectedImage:
    return ExpectedImage(**_frozen(entry))


def _frozen(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
