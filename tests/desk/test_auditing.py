"""The audit sees each way in which ledger and index can differ."""

from __future__ import annotations

from dataclasses import replace

from tests.desk.conftest import Ingest, Web, page
from worker.desk.auditing import audit
from worker.desk.parts import Desk


def test_a_clean_house(desk: Desk, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Filed")
    ingest(web.url("/s"))
    ingest(web.url("/missing"))
    result = audit(desk)
    assert (result.rows, result.settled, result.with_document, result.documents) == (2, 2, 1, 1)
    assert result.is_clean


def test_a_document_that_went_missing(desk: Desk, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Lost")
    row = ingest(web.url("/s"))
    desk.index.delete([row.id])
    assert "not in the index" in audit(desk).problems[0]


def test_a_document_without_a_row(desk: Desk, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Stray")
    document = desk.index.get([ingest(web.url("/s")).id])[0]
    assert document
    desk.index.write([replace(document, id="f" * 32)])
    assert "no row" in audit(desk).problems[0]
