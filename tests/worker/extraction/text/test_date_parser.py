"""Dates as sources write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.extraction import word_tables
from worker.extraction.text.date_parser import ParsedDate, parse

DATES = [
    ("2024-05-03T15:47:42.389Z", "2024-05-03T15:47:42", "second", True),
    ("2024-08-08T08:00Z", "2024-08-08T08:00:00", "minute", True),
    ("2024-04-30 16:17:29 +02:00", "2024-04-30T14:17:29", "second", True),
    ("2025-05-15T20:00:52.000+0900", "2025-05-15T11:00:52", "second", True),
    ("2023-04-28T13:53:25", "2023-04-28T13:53:25", "second", False),
    ("2025-06-30", "2025-06-30T00:00:00", "day", False),
    ("1762128000", "2025-11-03T00:00:00", "second", True),
    ("Tue, 24 Nov 2020 10:00:00 GMT", "2020-11-24T10:00:00", "second", True),
    ("03.05.2024, 15:47 Uhr", "2024-05-03T15:47:00", "minute", False),
    ("Publié le 16/06/2019 à 11h58", "2019-06-16T11:58:00", "minute", False),
    ("Published: 2:55 PM, November 5, 2017", "2017-11-05T14:55:00", "minute", False),
    ("10 PM EDT, Mon August 12, 2019", "2019-08-13T02:00:00", "minute", True),
    ("Veröffentlicht: 25. Juni 2021, 12:35 Uhr", "2021-06-25T12:35:00", "minute", False),
    ("23 de junio de 2022", "2022-06-23T00:00:00", "day", False),
    ("2025年1月13日 21時37分", "2025-01-13T21:37:00", "minute", False),
    ("2026.01.29 18:40", "2026-01-29T18:40:00", "minute", False),
    ("14 мая 2025", "2025-05-14T00:00:00", "day", False),
    ("20240503", "2024-05-03T00:00:00", "day", False),
    ("2024-03-05 2:30 PM", "2024-03-05T14:30:00", "minute", False),
    ("24/11/2026 14:30 GMT+7", "2026-11-24T07:30:00", "minute", True),
    ("입력 2026.11.24. 오후 3:05", "2026-11-24T15:05:00", "minute", False),
    ("2026年11月24日 上午9:05", "2026-11-24T09:05:00", "minute", False),
    ("24 нояб. 2026, 14:30", "2026-11-24T14:30:00", "minute", False),
    ("٢٤ نوفمبر ٢٠٢٦", "2026-11-24T00:00:00", "day", False),
    ("24 تشرين الثاني 2026", "2026-11-24T00:00:00", "day", False),
    ("24 नवंबर 2026, 02:30 PM IST", "2026-11-24T09:00:00", "minute", True),
    ("24 พฤศจิกายน 2569 14:30", "2026-11-24T14:30:00", "minute", False),
    ("24 tháng 11, 2026", "2026-11-24T00:00:00", "day", False),
    ("24 בנובמבר 2026", "2026-11-24T00:00:00", "day", False),
    ("24 listopada 2026, 14:30", "2026-11-24T14:30:00", "minute", False),
    ("20261122T184000+0300", "2026-11-22T15:40:00", "second", True),
    ("20261122T1840-05:00", "2026-11-22T23:40:00", "minute", True),
    ("2026-11-24T24:00:00Z", "2026-11-25T00:00:00", "second", True),
    ("2026-11-24T21:40:00[Europe/Berlin]", "2026-11-24T20:40:00", "second", True),
    ("2026-W48-2", "2026-11-24T00:00:00", "day", False),
    ("2026-328", "2026-11-24T00:00:00", "day", False),
    ("1795596000000", "2026-11-25T08:40:00", "second", True),
    ("/Date(1795596000000+0100)/", "2026-11-25T08:40:00", "second", True),
    ("Sun Nov 22 2026 18:40:41 GMT+0300 (East Africa Time)", "2026-11-22T15:40:41", "second", True),
    ("Tue Nov 24 21:15:00 EST 2026", "2026-11-25T02:15:00", "second", True),
    ("Tue, 24 Nov 26 10:00:00 -0500", "2026-11-24T15:00:00", "second", True),
    ("July 14, 2026 9:30 PM ET", "2026-07-15T01:30:00", "minute", True),
    ("January 14, 2026 9:30 p.m. ET", "2026-01-15T02:30:00", "minute", True),
    ("Updated 0405 GMT (1205 HKT) November 30, 2016", "2016-11-30T04:05:00", "minute", True),
    ("24 de noviembre de 2026 9:15 p. m.", "2026-11-24T21:15:00", "minute", False),
    ("24 พ.ย. 2569 | 21:15 น.", "2026-11-24T21:15:00", "minute", False),
    ("24 พ.ย. 69", "2026-11-24T00:00:00", "day", False),
    ("۳ آذر ۱۴۰۵ - ۲۱:۱۵", "2026-11-24T21:15:00", "minute", False),
    ("۱۴۰۵/۰۹/۰۳", "2026-11-24T00:00:00", "day", False),
    ("14 جمادى الآخرة 1448 هـ", "2026-11-24T00:00:00", "day", False),
    ("14 جمادى الآخرة 1448 هـ - 24 نوفمبر 2026 9:15 مساءً", "2026-11-24T21:15:00", "minute", False),
    ("令和8年11月24日 午後9時15分", "2026-11-24T21:15:00", "minute", False),
    ("令和元年5月1日", "2019-05-01T00:00:00", "day", False),
    ("R8.11.24", "2026-11-24T00:00:00", "day", False),
    ("民國115年11月24日", "2026-11-24T00:00:00", "day", False),
    ("115/11/24", "2026-11-24T00:00:00", "day", False),
    ("二〇二六年十一月二十四日", "2026-11-24T00:00:00", "day", False),
    ("Veröffentlicht am 24.11.2026 um 21 Uhr", "2026-11-24T21:00:00", "minute", False),
    ("Le 24 novembre 2026 à 21h15 est publié", "2026-11-24T21:15:00", "minute", False),
    ("2026. november 24. 21:15", "2026-11-24T21:15:00", "minute", False),
]


def _parse(text: str, *, day_first: bool = True) -> ParsedDate:
    found = parse(text, day_first=day_first)
    assert found is not None
    return found


@pytest.mark.parametrize(("text", "value", "precision", "zoned"), DATES)
def test_reads_a_date_with_its_precision(text: str, value: str, precision: str, zoned: bool) -> None:
    found = _parse(text)
    assert found.value == datetime.fromisoformat(value).replace(tzinfo=UTC)
    assert (found.precision, found.zoned) == (precision, zoned)


@pytest.mark.parametrize("text", ["", "hello", "99/99/9999", "2024-13-45", "13:37", "3 min read", "1234", "0001-01-01"])
def test_other_texts_are_not_dates(text: str) -> None:
    assert parse(text) is None


def test_caller_decides_an_ambiguous_order_of_day_and_month() -> None:
    assert _parse("03/04/2024", day_first=True).value.month == 4
    assert _parse("03/04/2024", day_first=False).value.month == 3
    assert _parse("25/04/2024", day_first=False).value.month == 4


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SECONDS = st.integers(800_000_000, 3_700_000_000)


@given(SECONDS, OFFSETS)
def test_iso_dates_are_read_exactly(seconds: int, zone: timezone) -> None:
    text = datetime.fromtimestamp(seconds, zone).isoformat()
    assert _parse(text).value == datetime.fromisoformat(text)


WORDS = st.sampled_from(
    [
        w
        for table in ("months", "jalali", "hijri", "halves")
        for words in word_tables.load("dates")[table].values()
        for w in words
    ]
    + [
        *word_tables.load("dates")["zones"],
        *word_tables.load("dates")["zone_phrases"],
        "年",
        "月",
        "日",
        "GMT+",
        "T",
        "ago",
    ]
)


@given(st.lists(WORDS | st.integers(0, 3000).map(str) | st.sampled_from([*" .,:/-–'"]), max_size=14), st.booleans())
@settings(max_examples=300, deadline=None)
def test_words_of_the_tables_in_any_order_are_read_without_an_error(parts: list[str], day_first: bool) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    for text in ("".join(parts), " ".join(parts)):
        found = parse(text, day_first=day_first, zone="Asia/Tokyo", now=now)
        assert found is None or found.value.tzinfo is UTC


def test_a_stamp_without_a_date_needs_the_time_of_the_fetch() -> None:
    assert parse("vor 3 Stunden") is None
    found = parse("vor 3 Stunden", now=datetime(2026, 11, 24, 21, 15, tzinfo=UTC))
    assert found is not None
    assert found.value == datetime(2026, 11, 24, 18, 15, tzinfo=UTC)


def test_a_date_keeps_the_day_where_it_was_written() -> None:
    found = _parse("July 14, 2026 9:30 PM EDT")
    assert (found.value.day, found.day.day) == (15, 14)


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error_and_dates_are_aware(text: str) -> None:
    found = parse(text)
    assert found is None or found.value.tzinfo is UTC
