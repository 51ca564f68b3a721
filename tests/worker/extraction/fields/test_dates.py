"""The dates of a page: which source, which meaning, which zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker import extraction
from worker.extraction import Hints
from worker.model.records import Article

STORY = "".join(
    f"<p>The ferry to the outer islands will sail on day {i} of the month, the harbour office told the town.</p>"
    for i in range(1, 6)
)


def _read(head: str = "", printed: str = "", url: str = "https://paper.example/news/1", **hints: datetime) -> Article:
    top = f"<html><head><title>Ferry sails again</title>{head}</head><body><article><h1>Ferry sails again</h1>"
    page = f"{top}{printed}{STORY}</article></body></html>"
    return extraction.read(page.encode(), url, hints=Hints(**hints) if hints else None)  # type: ignore[arg-type]


def _iso(date: datetime | None) -> str:
    return date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if date else ""


@pytest.mark.parametrize(
    ("printed", "published", "modified"),
    [
        (
            '<time itemprop="dateModified" datetime="2026-11-25T09:40:00+01:00">'
            "24/11/2026 21:57 | Actualizado a 25/11/2026 09:40</time>",
            "2026-11-24T21:57",
            "2026-11-25T08:40",
        ),
        (
            '<time datetime="2026-11-25T09:40:00+01:00">'
            "24.11.2026, 21:57 Uhr - Aktualisiert: 25.11.2026, 09:40 Uhr</time>",
            "2026-11-24T21:57",
            "2026-11-25T08:40",
        ),
        (
            '<time itemprop="datePublished" datetime="2026-11-24T21:57:00+01:00">'
            "24.11.2026, 21:57 | Updated 25.11.2026, 09:40</time>",
            "2026-11-24T20:57",
            "2026-11-25T09:40",
        ),
    ],
)
def test_an_attribute_has_one_meaning_in_a_line_of_two_dates(printed: str, published: str, modified: str) -> None:
    article = _read(printed=printed)
    assert (_iso(article.date_published), _iso(article.date_modified)) == (published, modified)


def test_a_printed_evening_refines_the_day_of_a_meta_tag() -> None:
    article = _read('<meta name="date" content="2026-07-14">', '<div class="date">July 14, 2026 9:30 PM EDT</div>')
    assert _iso(article.date_published) == "2026-07-15T01:30"


def test_another_day_does_not_refine() -> None:
    article = _read('<meta name="date" content="2026-07-14">', '<div class="date">July 15, 2026 2:30 AM UTC</div>')
    assert _iso(article.date_published) == "2026-07-14T00:00"


def test_a_time_without_a_zone_is_of_the_domains_country() -> None:
    printed = '<div class="date">2026年11月24日 21:15</div>'
    assert _iso(_read(printed=printed, url="https://paper.example.jp/1").date_published) == "2026-11-24T12:15"
    assert _iso(_read(printed=printed).date_published) == "2026-11-24T21:15"


def test_a_relative_stamp_counts_from_the_fetch() -> None:
    printed = '<div class="date">3 hours ago</div>'
    fetched = datetime(2026, 11, 24, 21, 15, tzinfo=UTC)
    assert _iso(_read(printed=printed, fetched_at=fetched).date_published) == "2026-11-24T18:15"
    assert _read(printed=printed).date_published is None


@pytest.mark.parametrize(
    "head",
    [
        '<meta value="2026-11-24T21:15:00Z" name="article:published_time">',
        '<meta name="Publish_Date" content="2026-11-24T21:15:00Z">',
    ],
)
def test_meta_tags_in_other_spellings(head: str) -> None:
    assert _iso(_read(head).date_published) == "2026-11-24T21:15"


@pytest.mark.parametrize(
    "printed",
    [
        "Aggiornato il 25/11/2026 alle 09:40 – Pubblicato il 24/11/2026 alle 21:57",
        "Aktualisiert: 25.11.2026, 09:40 Uhr | Erstellt am 24.11.2026 um 21:57 Uhr",
        "Mis à jour le 25 novembre 2026 à 9h40, publié le 24 novembre 2026 à 21h57",
        "Uppdaterad 25 nov 2026 kl. 09.40 Publicerad 24 nov 2026 kl. 21.57",
        "آخر تحديث: 25 نوفمبر 2026 09:40 | نشر في: 24 نوفمبر 2026 21:57",
        "최종수정 2026.11.25. 오전 9:40 | 입력 2026.11.24. 오후 9:57",
    ],
)
def test_the_date_of_the_change_may_come_first(printed: str) -> None:
    article = _read(printed=f'<p class="meta">{printed}</p>', url="https://paper.example/news/1")
    assert (_iso(article.date_published), _iso(article.date_modified)) == ("2026-11-24T21:57", "2026-11-25T09:40")


@pytest.mark.parametrize(
    ("attributes", "published", "modified"),
    [
        (
            'data-published="2026-11-24T21:57:00Z" data-modified="2026-11-25T09:40:00Z"',
            "2026-11-24T21:57",
            "2026-11-25T09:40",
        ),
        ('data-pub-date="2026-11-24 21:57"', "2026-11-24T21:57", ""),
        ('data-epoch="1795557420"', "2026-11-24T21:57", ""),
        ('data-id="1795557420" data-reading-time="5"', "", ""),
    ],
)
def test_dates_in_attributes_for_scripts(attributes: str, published: str, modified: str) -> None:
    article = _read(printed=f"<time {attributes}>yesterday</time>")
    assert (_iso(article.date_published), _iso(article.date_modified)) == (published, modified)


@pytest.mark.parametrize(
    ("slug", "day"),
    [
        ("bridge-closes-20261124-100.html", "2026-11-24T00:00"),
        ("bridge-closes-2026-11-24", "2026-11-24T00:00"),
        ("20261124_bridge.html", "2026-11-24T00:00"),
        ("bridge-closes-20261399.html", ""),
        ("bridge-closes-1202611240", ""),
    ],
)
def test_days_in_slugs(slug: str, day: str) -> None:
    assert _iso(_read(url=f"https://paper.example/local/{slug}").date_published) == day


def test_a_day_in_an_attribute_keeps_the_printed_time() -> None:
    printed = '<time datetime="2026-11-25"><span>November 25, 2026</span><span>5:00 AM ET</span></time>'
    assert _iso(_read(printed=printed).date_published) == "2026-11-25T10:00"
