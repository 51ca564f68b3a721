"""What a page that was read is filed as: its document, and the hash by which a later crawl sees whether it changed."""

from __future__ import annotations

import re

from worker import reading, urls
from worker.errors import BadInput
from worker.records import Article, Document, Page, Row, document_version

MARKUP = re.compile(rb"<(?:!doctype|html|head|body|div|p)\b", re.IGNORECASE)


def is_flat(page: Page) -> bool:
    """Text without markup, as WET archives hold it. Hosts say text/plain of HTML now and then, so the bytes decide."""
    return page.content_type.lower().startswith("text/plain") and not MARKUP.search(page.body[:4096])


def revised_hash(article: Article, revision: int) -> str:
    """What the article says and which reader read it: a page that has not changed is filed anew by a better reader, yet
    that is no news to anybody."""
    return f"{article.content_hash}.{revision}"


def document(row: Row, page: Page, article: Article) -> Document:
    """As today's reader files it for this crawl of the row."""
    return Document(
        id=row.id,
        version=document_version(row.crawl, reading.REVISION),
        article=article,
        url=_address(row, article),
        host=row.host,
        source=row.source,
        fetched_at=page.fetched_at,
        first_seen_at=row.first_seen_at or page.fetched_at,
    )


def _address(row: Row, article: Article) -> str:
    """The address to show: as the page spells its own, where that is the same one (not its AMP or mobile form)."""
    try:
        claimed = urls.canonicalize(article.canonical_url) if article.canonical_url else ""
    except BadInput:
        return row.canonical_url
    return claimed if claimed and urls.url_id(claimed) == row.id else row.canonical_url
