"""copydesk show --revisions: what an article said before, for people and for programs."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tests.cli.conftest import Command
from tests.desk.conftest import Ingest, Web, clock, desk, ingest, page, web
from worker.desk.parts import Desk

__all__ = ["clock", "desk", "ingest", "web"]


@pytest.fixture
def show(copydesk: Command, desk: Desk) -> Command:
    """The command over the same stores as `desk`."""
    return partial(copydesk, "show", COPYDESK_DATA_DIR=str(desk.settings.data_dir))


def test_what_changed_is_marked(show: Command, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Two people died", seed="Flood")
    ingest(web.url("/s"))
    assert "It says what it always said here." in show(web.url("/s"), "--revisions").out
    story = page("Three people died", seed="Flood")
    web["/s"] = story.replace("paragraph 3 tells", "paragraph 3 [b]wrongly[/b] tells")
    ingest(web.url("/s"), force=True)
    shown = show(web.url("/s"), "--revisions").out
    assert "[-Two-]{+Three+} people died" in shown
    assert "… 3 paragraphs unchanged" in shown
    assert "Flood: paragraph 3 {+[b]wrongly[/b] +}tells" in shown
    assert "[-" not in show(web.url("/s")).out


def test_programs_get_the_texts_and_the_words(show: Command, web: Web, ingest: Ingest) -> None:
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
