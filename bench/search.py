"""Response times of eight query shapes on both backends, compared with bare requests to Elasticsearch.

    python -m bench search                          10,000 invented articles
    python -m bench search --documents 100000
    python -m bench search --only sqlite
    COPYDESK_INDEX_URL=http://… python -m bench search      on that Elasticsearch, with a separate prefix

One client sends each shape with 25 different words, four times, after one round that does not count. "ratio" is our
p50 over that of the bare request: the same request body, without our parsing of query and results and without
highlights. Without COPYDESK_INDEX_URL the Elasticsearch of the tests is started, if it is installed (`make services`).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import urllib3

from bench.articles import InventedArticles, phrases
from tests.support.servers import elasticsearch_node
from worker.config.settings import Settings
from worker.model.query import Query
from worker.search.query_parser import parse
from worker.search.service import SearchRequest, SearchService
from worker.storage.elasticsearch import search_request
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect
from worker.storage.ports import Index
from worker.storage.sqlite.article_index import SqliteIndex
from worker.storage.sqlite.database import Database

VARIANTS = 25
ROUNDS = 4
BATCH = 500
FULL_SPEED = "-Xms1g -Xmx1g"
RAW = urllib3.PoolManager(maxsize=1)


def shapes(articles: InventedArticles) -> dict[str, list[Query]]:
    """Return the queries of eight typical shapes, each with words of its own kind."""
    sample = [articles.document(n) for n in range(VARIANTS)]
    usual, telling, rare = (articles.words[start : start + 3 * VARIANTS] for start in (80, 900, 9000))
    numbers = range(VARIANTS)
    since, until = sample[0].fetched_at.replace(year=2025), sample[0].fetched_at.replace(year=2026)
    front_page = Query(facets=("publisher", "section", "lang"), histogram="auto", sort="newest")
    return {
        "one word": [Query(text=telling[n]) for n in numbers],
        "three words": [Query(text=" ".join((usual[n], usual[n + 25], telling[n]))) for n in numbers],
        "phrase": [Query(text=f'"{phrase}"') for phrase in phrases(sample)],
        "prefix": [Query(text=f"{rare[n][:5]}*") for n in numbers],
        "either, without": [Query(text=f"{telling[n]} OR {telling[n + 25]} -{usual[n]}") for n in numbers],
        "filters and dates": [
            Query(
                text=usual[n],
                filters={"publisher": (f"Publisher {n}",), "lang": ("en", "de")},
                since=since,
                until=until,
            )
            for n in numbers
        ],
        "facets and histogram": [
            replace(
                front_page, text=usual[n], sort="relevance", facets=("publisher", "section", "author", "photographer")
            )
            for n in numbers
        ],
        "front page": [replace(front_page, size=10 + n % 2) for n in numbers],
    }


@contextmanager
def sqlite() -> Iterator[tuple[Index, None]]:
    """Open an index on SQLite until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "bench.db")
        yield SqliteIndex(database), None
        database.close()


@contextmanager
def elastic() -> Iterator[tuple[Index, str]]:
    """Open an index on Elasticsearch until the block ends, with its search URL for the bare requests."""
    url, node = os.environ.get("COPYDESK_INDEX_URL", ""), None
    if not url.startswith("http"):
        node = elasticsearch_node.start(os.getpid(), java_options=FULL_SPEED)
        url = node.url
    settings = Settings.model_validate({"index_url": url, "index_prefix": f"bench{os.getpid()}"})
    client = connect(settings)
    try:
        yield ElasticIndex(client, settings), f"{url}/{settings.index_prefix}-articles-read/_search"
    finally:
        for name in client.indices.get(index=f"{settings.index_prefix}-articles-v*"):
            client.indices.delete(index=name)
        if node:
            node.end()


def fill(index: Index, articles: InventedArticles, count: int) -> float:
    """Write documents in batches by one thread, and return how many were written per second."""
    index.setup()
    documents, spent = articles.documents(count), 0.0
    while batch := list(islice(documents, BATCH)):
        began = time.perf_counter()
        index.write(batch)
        spent += time.perf_counter() - began
    index.refresh()
    return count / spent


def bare(address: str, query: Query) -> Callable[[], object]:
    """Return a function that sends the main request of a search directly, and parses the response."""
    body = search_request.page_body(SearchRequest(query=query, node=parse(query.text).node), None)
    text = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    return lambda: json.loads(RAW.request("POST", address, body=text, headers=headers).data)


def milliseconds(asked: Sequence[Callable[[], object]]) -> list[float]:
    """Return the times of all requests in all rounds but the first."""
    times = []
    for round_ in range(1 + ROUNDS):
        for ask in asked:
            began = time.perf_counter()
            ask()
            if round_:
                times.append((time.perf_counter() - began) * 1000)
    return times


def measure(index: Index, address: str | None, articles: InventedArticles) -> Iterator[dict[str, object]]:
    """Yield a row of figures for each shape."""
    search = SearchService(index)
    for name, queries in shapes(articles).items():
        found = statistics.median(search.find(query).total for query in queries)
        ours = milliseconds([lambda q=query: search.find(q) for query in queries])  # type: ignore[misc]
        row: dict[str, object] = {"shape": name, "found": found, **percentiles(ours)}
        if address:
            raw = percentiles(milliseconds([bare(address, query) for query in queries]))
            row |= {"raw p50": raw["p50"], "raw p95": raw["p95"], "ratio": round(row["p50"] / raw["p50"], 2)}  # type: ignore[operator]
        yield row


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """Return the 50th and the 95th percentile."""
    cuts = statistics.quantiles(times, n=20)
    return {"p50": round(cuts[9], 2), "p95": round(cuts[18], 2)}


def main(arguments: list[str]) -> None:
    """Run the measurement and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench search", description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--only", choices=["sqlite", "elastic"])
    options = parser.parse_args(arguments)
    print(f"{options.documents:,} documents, {os.cpu_count()} cores, Python {platform.python_version()}")
    articles = InventedArticles()
    for name, opened in (("sqlite", sqlite), ("elastic", elastic)):
        if options.only in (None, name):
            with opened() as (index, address):
                rate = fill(index, articles, options.documents)
                generation = index.generations()[-1]
                print(f"\n{index.check()}\nwritten at {rate:,.0f} documents/s, {generation.size_bytes / 1e6:,.0f} MB")
                for row in measure(index, address, articles):
                    print(
                        "  ".join(
                            f"{key} {value!s:22}" if key == "shape" else f"{key} {value}" for key, value in row.items()
                        )
                    )
