"""Read a page into a typed result: the article, or the reason why there is none."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace

from worker import extraction
from worker.errors import Unreadable
from worker.model.catalog import HostBlocks
from worker.model.reasons import Reason
from worker.model.records import Article, Page

log = logging.getLogger(__name__)
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|div|p)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTask:
    """A page to read, with everything that the reader needs beside it."""

    page: Page
    host_blocks: HostBlocks  #: blocks that the host shows on other pages
    hints: extraction.Hints = field(default_factory=extraction.Hints)  #: facts that a source lists
    wants_fingerprints: bool = False
    wants_html: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """The article on a page, or the reason why there is none."""

    article: Article | None = None
    reason: Reason | None = None  #: None if there is an article
    detail: str = ""  #: the reason in one sentence, for people
    fingerprints: frozenset[str] | None = None  #: of the page's blocks, if the task wants them


def read_page(task: ReadTask) -> ReadResult:
    """Read a page. An error of the reader is a result too, so that it cannot stop the other pages of a batch."""
    page = task.page
    try:
        article, fingerprints = _read(task)
    except Unreadable as e:
        return ReadResult(reason=Reason.UNREADABLE, detail=str(e))
    except Exception as e:
        log.exception("Reading %s failed", page.url)
        return ReadResult(reason=Reason.READER_ERROR, detail=f"{type(e).__name__}: {e}")
    reason = None
    if not article.kind.is_article:
        reason = Reason.not_an_article(article.kind)
    elif not (article.article_body or article.images):
        reason = Reason.NO_TEXT
    if reason:
        return ReadResult(reason=reason, detail=reason.explanation, fingerprints=fingerprints)
    return ReadResult(article=article, fingerprints=fingerprints)


def _read(task: ReadTask) -> tuple[Article, frozenset[str] | None]:
    page, blocks = task.page, task.host_blocks
    if _is_plain_text(page):
        return extraction.read_text(page.body, page.url, with_html=task.wants_html), None
    explained = extraction.explain(
        page.body,
        page.url,
        content_type=page.content_type,
        boilerplate=extraction.HostBoilerplate(pages=blocks.pages, seen=blocks.seen),
        hints=replace(task.hints, fetched_at=page.fetched_at),
        with_html=task.wants_html,
    )
    if not task.wants_fingerprints:
        return explained.article, None
    return explained.article, extraction.fingerprints(v.block.text for v in explained.verdicts)


def _is_plain_text(page: Page) -> bool:
    """Return True for text without markup, as in WET archives. Some hosts send HTML as text/plain: the bytes decide."""
    return page.content_type.lower().startswith("text/plain") and not _MARKUP.search(page.body[:4096])
