"""The dashboard for whoever runs the house: what waits, what fails where and why, how the reader does."""

from __future__ import annotations

from api.kibana import charts
from api.kibana.aggregations import count, filters, metric, over_time, percentiles, terms
from api.kibana.objects import Charts, Dashboard, DataView, Listing, Placed

FINISHED = "state:finished"
WAITING = "state:queued"
FAILED = f"{FINISHED} AND outcome:failed"
REJECTED = f"{FINISHED} AND outcome:rejected"
#: Reasons that the reader gives, rather than a host or a rule.
REFUSED = (
    f"{FINISHED} AND reason:(no-text OR unreadable OR reader-error OR breaks-reader OR index-refused OR section-page "
    "OR consent-page OR error-page OR other-page)"
)
#: What a good reading finds, as queries.
FOUND = {
    "headline": "_exists_:headline",
    "body": "_exists_:article_body",
    "date": "_exists_:date_published",
    "author": "_exists_:author",
    "publisher": "_exists_:publisher",
    "section": "_exists_:article_section",
    "caption": "_exists_:caption_text",
    "photographer": "_exists_:photographer",
    "all articles": "*",
}


def operations(prefix: str) -> Dashboard:
    """Over the ledger by the last change of each row, and over the articles by the time they were fetched."""
    ledger = DataView(id=f"{prefix}-ledger", name="Copydesk ledger", index=f"{prefix}-ledger", time_field="changed_at")
    fetched = DataView(
        id=f"{prefix}-articles-fetched",
        name="Copydesk articles, by fetch",
        index=f"{prefix}-articles-read",
        time_field="fetched_at",
    )
    chart = Charts(f"{prefix}-operations", ledger).chart
    reading = Charts(f"{prefix}-operations", fetched).chart
    urls, articles, waiting = count("URLs"), count("articles"), count("waiting")
    hosts, sources = metric("cardinality", "host", "hosts"), metric("cardinality", "source", "sources")
    host, reason = terms("host", "host", 20), terms("reason", "reason", 12)
    state, outcome, status = terms("state", "state"), terms("outcome", "outcome"), terms("http_status", "status")
    finished, queued = over_time("finished_at", "finished"), over_time("queued_at", "queued")
    lags = percentiles("lag_s", (50, 95), "seconds")

    accepted = chart("accepted", "Accepted", charts.numbers(), [urls, hosts, sources])
    queue = chart("waiting", "Waiting", charts.numbers(), [waiting, metric("min", "queued_at", "since")], query=WAITING)
    states = chart(
        "states",
        "States over time",
        charts.columns(),
        [urls],
        [over_time("changed_at", "last change"), state],
    )
    outcomes = chart(
        "outcomes",
        "Outcomes over time",
        charts.columns(),
        [urls],
        [finished, outcome],
        query=FINISHED,
    )
    failures = chart("failures", "Failures by host and reason", charts.table(), [urls], [host, reason], query=FAILED)
    rejections = chart("rejections", "Rejected by rule", charts.bars(), [urls], [reason], query=REJECTED)
    answers = chart("status", "HTTP status", charts.ring(), [urls], [status], query=FINISHED)
    lag = chart("lag", "Crawl lag: seconds from queued to finished", charts.lines(), [lags], [finished], query=FINISHED)
    age = chart("age", "What waits, and since when", charts.columns(), [waiting], [queued, host], query=WAITING)
    refused = chart("refused", "What the reader refused", charts.columns(), [urls], [finished, reason], query=REFUSED)
    found = reading("found", "What the reader found", charts.bars(), [articles], [filters(FOUND)])
    words = reading(
        "words",
        "Words an article",
        charts.lines(),
        [metric("avg", "word_count", "words")],
        [over_time("fetched_at", "fetched")],
    )
    undated = reading(
        "undated",
        "Hosts whose articles have no date",
        charts.table(),
        [articles],
        [host],
        query="NOT _exists_:date_published",
    )
    latest = Listing(
        id=f"{prefix}-operations-latest-failures",
        title="Latest failures",
        view=ledger,
        columns=("url", "reason", "detail", "http_status"),
        query=FAILED,
    )
    return Dashboard(
        id=f"{prefix}-operations",
        title="Copydesk: operations",
        description="States over time, failures by host and reason, crawl lag, reader health.",
        since="now-7d",
        rows=[
            [Placed(accepted, 24, 7), Placed(queue, 24, 7)],
            [Placed(states, 24, 13), Placed(outcomes, 24, 13)],
            [Placed(failures, 24, 15), Placed(rejections, 12, 15), Placed(answers, 12, 15)],
            [Placed(lag, 24, 13), Placed(age, 24, 13)],
            [Placed(refused, 24, 14), Placed(found, 12, 14), Placed(words, 12, 14)],
            [Placed(undated, 16, 16), Placed(latest, 32, 16)],
        ],
    )
