"""What articles said before: the version that a recrawl replaces is kept, and goes when its article goes."""

from __future__ import annotations

from collections.abc import Sequence

from worker.model.catalog import Revision
from worker.model.records import Document
from worker.services.context import AppContext
from worker.storage.catalog.revisions import revision


def keep_former(context: AppContext, documents: Sequence[Document]) -> None:
    """Keep what the index holds in place of these documents, which are about to be written.

    A repetition finds the new document, or keeps the former one anew under the same version: neither does harm.
    """
    most = context.settings.revisions_kept
    if not (documents and most):
        return
    former = context.index.get([d.id for d in documents])
    replaced = {
        new.id: revision(old, replaced_at=new.fetched_at)
        for old, new in zip(former, documents, strict=True)
        if old and old.version < new.version
    }
    if replaced:
        context.catalog.revisions.keep(replaced, most)


def revisions(context: AppContext, document: Document) -> list[Revision]:
    """What this article said before, the oldest first, and last what it says now."""
    most = context.settings.revisions_kept
    before = context.catalog.revisions.of(document.id) if most else ()
    # One that was kept though the index then refused what was to replace it still stands.
    return [*[r for r in before if r.version < document.version][-most:], revision(document)]


def erase(context: AppContext, ids: Sequence[str]) -> int:
    """Delete documents and all that they said before. Returns how many documents there were.

    The revisions go first, so that a crash leaves a document that somebody will find, and no text that nobody does.
    """
    context.catalog.revisions.forget(ids)
    return context.index.delete(ids)
