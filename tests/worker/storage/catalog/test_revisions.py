"""The contract of revisions, on SQLite and on Elasticsearch: complete, bounded, and deletable."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.worker.storage.catalog.conftest import LATER, NOW
from worker.model.catalog import Revision
from worker.model.records import Article, Document, Image, Kind
from worker.storage.catalog import Catalog
from worker.storage.catalog.revisions import BODY_CHARS, HISTORY_CHARS, LINE_CHARS, LINES
from worker.storage.catalog.revisions import revision as made_of


def revision(version: int, **changes: Any) -> Revision:
    made = Revision(version=version, fetched_at=NOW, replaced_at=LATER, content_hash=f"{version:032x}")
    return replace(made, **changes)


def test_a_revision_comes_back_as_it_was_kept(catalog: Catalog) -> None:
    whole = revision(
        7,
        headline="Der Fluß 水位 \U0001f30a",
        description="",
        article_body="One.\nTwo.",
        author=("Nell Carrow", "Jung Yeon-je"),
        caption_text=("A gauge",),
        date_modified=NOW,
    )
    catalog.revisions.keep({"a": whole, "b": revision(1)}, most=3)
    assert catalog.revisions.of("a") == (whole,)
    assert catalog.revisions.of("b") == (revision(1),)
    assert catalog.revisions.of("c") == ()


def test_the_newest_revisions_stay_with_one_of_each_version(catalog: Catalog) -> None:
    for version in (1, 2, 3, 2):
        catalog.revisions.keep({"a": revision(version, headline="as first kept")}, most=3)
    catalog.revisions.keep({"a": revision(2, headline="again")}, most=3)
    assert [(r.version, r.headline) for r in catalog.revisions.of("a")] == [
        (1, "as first kept"),
        (2, "again"),
        (3, "as first kept"),
    ]
    catalog.revisions.keep({"a": revision(4)}, most=2)
    assert [r.version for r in catalog.revisions.of("a")] == [3, 4]


def test_a_history_is_bounded_and_always_has_the_newest_revision(catalog: Catalog) -> None:
    body = "x" * (HISTORY_CHARS // 2 - 1)
    for version in (1, 2, 3):
        catalog.revisions.keep({"a": revision(version, article_body=body)}, most=10)
    assert [r.version for r in catalog.revisions.of("a")] == [2, 3]
    catalog.revisions.keep({"a": revision(4, article_body="x" * (HISTORY_CHARS + 1))}, most=10)
    assert [r.version for r in catalog.revisions.of("a")] == [4]


def test_a_deleted_history_is_gone(catalog: Catalog) -> None:
    catalog.revisions.keep({"a": revision(1), "b": revision(1)}, most=3)
    assert catalog.revisions.forget(["a", "c"]) == 1
    assert catalog.revisions.of("a") == ()
    assert catalog.revisions.of("b") == (revision(1),)


def document(**more: Any) -> Document:
    article = Article(url="https://herald.example/a", kind=Kind.ARTICLE, headline="Floods", **more)
    return Document(
        id="a",
        version=3,
        article=article,
        url=article.url,
        host="https://herald.example",
        source="",
        fetched_at=NOW,
        first_seen_at=NOW,
    )


def test_a_revision_has_the_text_that_users_see(catalog: Catalog) -> None:
    images = (Image(caption="A gauge"), Image(alt="without a caption"))
    filed = document(article_body="One.\nTwo.", author=("Nell Carrow",), images=images, date_modified=NOW)
    catalog.revisions.keep({"a": made_of(filed, replaced_at=LATER)}, most=3)
    [kept] = catalog.revisions.of("a")
    assert (kept.version, kept.fetched_at, kept.replaced_at) == (3, NOW, LATER)
    assert (kept.headline, kept.description, kept.article_body) == ("Floods", None, "One.\nTwo.")
    assert (kept.author, kept.caption_text, kept.date_modified) == (("Nell Carrow",), ("A gauge",), NOW)
    assert kept.content_hash == filed.article.content_hash


def test_long_texts_are_cut() -> None:
    long = "é" * (BODY_CHARS + 1)
    filed = document(article_body=long, description=long, author=(long,) * 150, images=(Image(caption=long),))
    kept = made_of(filed)
    assert len(kept.article_body) == BODY_CHARS
    assert {len(text) for text in (str(kept.description), *kept.author, *kept.caption_text)} == {LINE_CHARS}
    assert len(kept.author) == LINES
    assert kept.content_hash == filed.article.content_hash
