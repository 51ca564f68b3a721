"""What a page that was read is filed as: its document, and the hash by which a later crawl sees whether it changed."""

from __future__ import annotations

import hashlib
import re

from worker import extraction, urls
from worker.errors import BadInput
from worker.model.records import Article, Document, Page, Row, document_version

BESIDE = (
    "kind", "description", "byline", "agency", "article_section", "keywords", "language", "date_published",
    "date_modified", "dateline", "publisher",
)  # fmt: skip
MARKUP = re.compile(rb"<(?:!doctype|html|head|body|div|p)\b", re.IGNORECASE)


def is_flat(page: Page) -> bool:
    """Text without markup, as WET archives hold it. Hosts say text/plain of HTML now and then, so the bytes decide."""
    return page.content_type.lower().startswith("text/plain") and not MARKUP.search(page.body[:4096])


def revised_hash(article: Article, revision: int) -> str:
    """What the article says, what is known of it beside, and which reader read it. Where only the last two differ, the
    article is filed anew, yet that is no news to anybody."""
    beside = "\x00".join(str(getattr(article, name)) for name in BESIDE)
    digest = hashlib.blake2b(beside.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{article.content_hash}.{digest}.{revision}"


def document(row: Row, page: Page, article: Article) -> Document:
    """As today's reader files it for this crawl of the row."""
    return Document(
        id=row.id,
        version=document_version(row.crawl, extraction.REVISION),
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
