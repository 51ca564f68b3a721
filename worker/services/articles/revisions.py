"""Revisions: the earlier texts of an article, kept when a recrawl replaces them and deleted with the article."""

from __future__ import annotations

from collections.abc import Sequence

from worker.model.catalog import Revision
from worker.model.records import Document
from worker.services.context import AppContext
from worker.storage.catalog.revisions import revision


def keep_former(context: AppContext, documents: Sequence[Document]) -> None:
    """Keep the indexed texts that these documents are about to replace.

    Safe to repeat: a repetition finds the new document, or keeps the earlier one under the same version.
    """
    limit = context.settings.revisions_kept
    if not (documents and limit):
        return
    former = context.index.get([d.id for d in documents])
    replaced = {
        new.id: revision(old, replaced_at=new.fetched_at)
        for old, new in zip(former, documents, strict=True)
        if old and old.version < new.version
    }
    if replaced:
        context.catalog.revisions.keep(replaced, limit)


def revisions(context: AppContext, document: Document) -> list[Revision]:
    """Return the earlier texts of an article, oldest first, and its current text last."""
    limit = context.settings.revisions_kept
    former = context.catalog.revisions.of(document.id) if limit else ()
    # If the index refused the new document, the text that was kept is still the current one.
    return [*[r for r in former if r.version < document.version][-limit:], revision(document)]


def erase(context: AppContext, ids: Sequence[str]) -> int:
    """Delete documents and their revisions. Return the number of documents.

    Revisions are deleted first. After a crash in between, the document can still be found and deleted.
    """
    context.catalog.revisions.forget(ids)
    return context.index.delete(ids)
