"""The reader behind the call that scorers of readers use: bytes and address in, a plain dict out."""

from __future__ import annotations

from typing import Any

from worker import extraction
from worker.model.records import Article, Kind

_KINDS = {Kind.SECTION: "section", Kind.CONSENT: "consent", Kind.ERROR: "error", Kind.OTHER: "error"}


def read(html: bytes, url: str) -> dict[str, Any]:
    """A page."""
    return _plain(extraction.read(html, url))


def read_text(text: bytes, url: str) -> dict[str, Any]:
    """Flattened text."""
    return _plain(extraction.read_text(text, url))


def _plain(article: Article) -> dict[str, Any]:
    return {
        "body": article.article_body,
        "title": article.headline,
        "authors": list(article.byline or article.author),
        "published": article.date_published.isoformat() if article.date_published else None,
        "images": [
            {"caption": i.caption, "credit": i.credit_text, "creator": list(i.creator), "agency": i.agency}
            for i in article.images
        ],
        "section": article.article_section,
        "dateline": article.dateline,
        "kind": _KINDS.get(article.kind, "article"),
    }
