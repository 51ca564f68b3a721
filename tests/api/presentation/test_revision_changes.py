"""Changes between versions of an article, by field and paragraph."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.presentation.revision_changes import MAX_PASSAGES, FieldChange, Passage, changes
from api.presentation.text_diff import Op, diff
from tests.support.pages.corpus import document
from worker.model.catalog import Revision
from worker.model.records import Image
from worker.storage.catalog.revisions import revision

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST = Revision(
    version=1,
    fetched_at=NOW,
    replaced_at=NOW + timedelta(hours=1),
    content_hash="0",
    headline="Two dead in flood",
    article_body="One.\nTwo.\nThree.",
    author=("Nell Carrow",),
    caption_text=("A gauge",),
)


def shown(old: str, new: str) -> list[str]:
    """Return paragraphs with [-deletions-] and {+insertions+}, or the number of unchanged ones."""
    marks = {Op.KEEP: "{}", Op.DELETE: "[-{}-]", Op.INSERT: "{{+{}+}}"}
    passages = FieldChange(field="article_body", pieces=diff(old, new)).passages
    return ["".join(marks[q.op].format(q.text) for q in p.pieces) or str(p.unchanged) for p in passages]


def test_newest_change_is_first_with_its_fields() -> None:
    second = replace(FIRST, version=2, headline="Three dead in flood", replaced_at=NOW + timedelta(hours=2))
    third = replace(
        second,
        version=3,
        description="New.",
        article_body="One.\nTwo.\nThree.\nFour.",
        author=("Nell Carrow", "Jo Ray"),
        caption_text=("A gauge", "A bridge"),
        replaced_at=None,
    )
    newest, oldest = changes([FIRST, second, third])
    assert (newest.before.version, newest.at) == (2, NOW + timedelta(hours=2))
    assert [f.field for f in newest.fields] == ["description", "author", "article_body", "caption_text"]
    assert (oldest.before.version, oldest.at, [f.field for f in oldest.fields]) == (1, FIRST.replaced_at, ["headline"])
    body = newest.fields[2]
    assert [(p.op, p.text) for p in body.pieces] == [(Op.KEEP, "One.\nTwo.\nThree.\n"), (Op.INSERT, "Four.\n")]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"headline": "Three dead in flood"}, "headline"),
        ({"author": ("Jo Ray",)}, "author"),
        ({"article_body": "One.\nTwo."}, "article_body"),
        ({"images": (Image(caption="A bridge", credit_text="AP"),)}, "caption_text"),
        ({"images": (Image(caption="A gauge", credit_text="Reuters"),)}, "credit_text"),
    ],
)
def test_every_field_of_the_content_hash_is_compared(changed: dict[str, Any], field: str) -> None:
    one = document("a", author=("Nell Carrow",), images=(Image(caption="A gauge", credit_text="AP"),))
    other = replace(one, version=one.version + 1, article=replace(one.article, **changed))
    assert one.article.content_hash != other.article.content_hash
    (change,) = changes([revision(one, replaced_at=NOW), revision(other)])
    assert [f.field for f in change.fields] == [field]


def test_single_version_has_no_changes() -> None:
    assert changes([FIRST]) == []


def test_change_in_the_cut_part_has_no_fields() -> None:
    assert changes([FIRST, replace(FIRST, version=2, content_hash="1")])[0].fields == ()


def test_unchanged_paragraphs_are_counted() -> None:
    old = "One here.\nTwo here.\nThree people died.\nFour here.\n"
    assert shown(old, old.replace("Three people", "Five people")) == ["2", "[-Three-]{+Five+} people died.", "1"]
    assert shown(old, old + "New.\n") == ["4", "{+New.+}"]
    assert shown(old, "") == ["[-One here.-]", "[-Two here.-]", "[-Three people died.-]", "[-Four here.-]"]


def test_only_the_first_of_many_changes_are_shown() -> None:
    old = "".join(f"{n} here.\n" for n in range(MAX_PASSAGES + 10))
    passages = FieldChange(field="article_body", pieces=diff(old, "")).passages
    assert len(passages) == MAX_PASSAGES + 1
    assert all(p.pieces for p in passages[:MAX_PASSAGES])
    assert passages[-1] == Passage()


def test_split_and_joined_paragraphs_show_a_mark() -> None:
    one, two = "The river rises. More rain came.\n", "The river rises.\nMore rain came.\n"
    assert shown(one, two) == ["The river rises.[- -]{+¶+}", "1"]
    assert shown(two, one) == ["The river rises.[-¶-]", "{+ +}More rain came."]
