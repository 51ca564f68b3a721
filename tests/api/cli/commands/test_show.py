"""`copydesk show --revisions` as text and as JSON."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tests.api.cli.conftest import Command
from tests.worker.services.conftest import Ingest, Web, clock, context, ingest, page, web
from worker.model.records import Outcome
from worker.services.context import AppContext

__all__ = ["clock", "context", "ingest", "web"]


@pytest.fixture
def show(copydesk: Command, context: AppContext) -> Command:
    """Return the command with the same stores as `context`."""
    return partial(copydesk, "show", COPYDESK_DATA_DIR=str(context.settings.data_dir))


def test_changed_words_are_marked(show: Command, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Two people died", seed="Flood")
    ingest(web.url("/s"))
    assert "The article has not changed since it was first crawled." in show(web.url("/s"), "--revisions").out
    changed = page("Three people died", seed="Flood")
    web["/s"] = changed.replace("paragraph 3 tells", "paragraph 3 [b]wrongly[/b] tells")
    ingest(web.url("/s"), force=True)
    shown = show(web.url("/s"), "--revisions").out
    assert "[-Two-]{+Three+} people died" in shown
    assert "… 3 paragraphs unchanged" in shown
    assert "Flood: paragraph 3 {+[b]wrongly[/b] +}tells" in shown
    assert "[-" not in show(web.url("/s")).out


def test_json_has_revisions_with_their_changes(show: Command, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Two people died", seed="Flood")
    row = ingest(web.url("/s"))
    web["/s"] = page("Three people died", seed="Flood")
    ingest(web.url("/s"), force=True)
    found = json.loads(show(row.id, "--revisions", "--json").out)
    [revision] = found["revisions"]
    assert revision["revision"]["headline"] == "Two people died"
    assert revision["changes"] == [
        {
            "field": "headline",
            "pieces": [
                {"op": "delete", "text": "Two"},
                {"op": "insert", "text": "Three"},
                {"op": "keep", "text": " people died"},
            ],
        }
    ]
    assert "revisions" not in json.loads(show(row.id, "--json").out)
    web["/gone"] = ""
    ingest(web.url("/gone"))
    assert json.loads(show(web.url("/gone"), "--revisions", "--json").out)["revisions"] == []


def test_rejected_page_points_to_explain(show: Command, web: Web, ingest: Ingest) -> None:
    links = "".join(f'<li><a href="/{n}">Article number {n} of this day</a></li>' for n in range(40))
    web["/sport/"] = web["/tests;reboot/"] = f"<html><body><h1>Sport</h1><ul>{links}</ul></body></html>"
    row = ingest(web.url("/sport/"))
    assert row.outcome is Outcome.REJECTED
    shown = show(web.url("/sport/")).out
    assert "it links to articles and is not one" in shown
    assert f"copydesk explain {web.url('/sport/')}" in shown
    ingest(web.url("/tests;reboot/"))
    explained = f"copydesk explain '{web.url('/tests;reboot/')}'"
    assert explained in show(web.url("/tests;reboot/")).out, "the URL must be quoted for the shell"
