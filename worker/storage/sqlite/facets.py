"""What is counted over the documents that a query finds: the values of a field, and dates."""

from __future__ import annotations

from collections import Counter
from datetime import date

from worker.model.query import FIELDS, Bucket
from worker.search.dates import beginning, fitting
from worker.storage.sqlite.result_set import Found


def facet(found: Found, name: str, size: int) -> tuple[Bucket, ...]:
    """The most frequent values, counted without the filter of that name."""
    source, parameters = found.source("article_values", without=name, is_driven_by_table=found.is_most(1))
    rows = found.execute(
        f"SELECT t.value, count(*) AS count {source} AND t.field = ? GROUP BY t.value "
        "ORDER BY count DESC, t.value LIMIT ?",
        [*parameters, FIELDS[name], size],
    )
    return tuple(Bucket(value=row["value"], count=row["count"]) for row in rows)


def histogram(found: Found, asked: str) -> tuple[str, tuple[Bucket, ...]]:
    """The interval, fitting if "auto" is asked for, and documents by the date on which theirs begins, in order."""
    source, parameters = found.source("articles")
    days = found.execute(
        f"SELECT t.day, count(*) AS count, min(t.oldest) AS first, max(t.oldest) AS last {source} "
        "AND t.day IS NOT NULL GROUP BY t.day ORDER BY t.day",
        parameters,
    ).fetchall()
    span_ms = days[-1]["last"] - days[0]["first"] if days else 0
    interval = fitting(span_ms) if asked == "auto" else asked
    counts: Counter[date] = Counter()
    for row in days:
        counts[beginning(date.fromordinal(row["day"]), interval)] += row["count"]
    return interval, tuple(Bucket(value=begin.isoformat(), count=count) for begin, count in counts.items())
