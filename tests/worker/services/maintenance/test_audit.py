"""The audit finds each kind of difference between ledger and index."""

from __future__ import annotations

from dataclasses import replace

from tests.worker.services.conftest import Ingest, Web, page
from worker.services.context import AppContext
from worker.services.maintenance.audit import audit


def test_an_audit_without_differences_is_clean(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Filed")
    ingest(web.url("/s"))
    ingest(web.url("/missing"))
    result = audit(context)
    assert (result.rows, result.finished, result.with_document, result.documents) == (2, 2, 1, 1)
    assert result.is_clean


def test_a_missing_document_is_reported(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Lost")
    row = ingest(web.url("/s"))
    context.index.delete([row.id])
    assert "not in the index" in audit(context).problems[0]


def test_a_document_without_a_row_is_reported(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Stray")
    document = context.index.get([ingest(web.url("/s")).id])[0]
    assert document
    context.index.write([replace(document, id="f" * 32)])
    assert "no row" in audit(context).problems[0]
