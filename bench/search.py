"""Answer times of eight query shapes on both backends, and of the same requests sent to Elasticsearch without us.

    python -m bench search                          10,000 invented articles
    python -m bench search --documents 100000
    python -m bench search --only sqlite
    COPYDESK_INDEX_URL=http://… python -m bench search      on that Elasticsearch, under a prefix of its own

Each shape is asked with 25 different words, four times over, after one round that does not count, by one client.
"ratio" is our p50 over that of the bare request: the very body that we send, without our reading of the query and of
the results, and without highlights, which we make. Without COPYDESK_INDEX_URL the Elasticsearch of the tests is
started, if it is there (`make services`).
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

from bench.stories import Stories, phrases
from tests.support import elasticsearch_node
from worker.config.settings import Settings
from worker.model.query import Query
from worker.search.query_parser import parse
from worker.storage.elasticsearch import request_body
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


def shapes(stories: Stories) -> dict[str, list[Query]]:
    """Eight things that people do, each with words of its own kind."""
    sample = [stories.document(n) for n in range(VARIANTS)]
    usual, telling, rare = (stories.words[start : start + 3 * VARIANTS] for start in (80, 900, 9000))
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
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "bench.db")
        yield SqliteIndex(database), None
        database.close()


@contextmanager
def elastic() -> Iterator[tuple[Index, str]]:
    """The index, and the address of its searches for the bare requests."""
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


def fill(index: Index, stories: Stories, count: int) -> float:
    """Documents a second, written in batches by one thread."""
    index.setup()
    documents, spent = stories.documents(count), 0.0
    while batch := list(islice(documents, BATCH)):
        began = time.perf_counter()
        index.write(batch)
        spent += time.perf_counter() - began
    index.refresh()
    return count / spent


def bare(address: str, query: Query) -> Callable[[], object]:
    """The main request of a search as anybody could send it, with its answer parsed. The interval is finished."""
    interval = "month" if query.histogram else None
    body = request_body.body(query, parse(query.text), interval=interval)
    text = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    return lambda: json.loads(RAW.request("POST", address, body=text, headers=headers).data)


def milliseconds(asked: Sequence[Callable[[], object]]) -> list[float]:
    times = []
    for round_ in range(1 + ROUNDS):
        for ask in asked:
            began = time.perf_counter()
            ask()
            if round_:
                times.append((time.perf_counter() - began) * 1000)
    return times


def measure(index: Index, address: str | None, stories: Stories) -> Iterator[dict[str, object]]:
    for name, queries in shapes(stories).items():
        found = statistics.median(index.search(query).total for query in queries)
        ours = milliseconds([lambda q=query: index.search(q) for query in queries])  # type: ignore[misc]
        row: dict[str, object] = {"shape": name, "found": found, **percentiles(ours)}
        if address:
            raw = percentiles(milliseconds([bare(address, query) for query in queries]))
            row |= {"raw p50": raw["p50"], "raw p95": raw["p95"], "ratio": round(row["p50"] / raw["p50"], 2)}  # type: ignore[operator]
        yield row


def percentiles(times: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=20)
    return {"p50": round(cuts[9], 2), "p95": round(cuts[18], 2)}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench search", description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--only", choices=["sqlite", "elastic"])
    options = parser.parse_args(arguments)
    print(f"{options.documents:,} documents, {os.cpu_count()} cores, Python {platform.python_version()}")
    stories = Stories()
    for name, opened in (("sqlite", sqlite), ("elastic", elastic)):
        if options.only in (None, name):
            with opened() as (index, address):
                rate = fill(index, stories, options.documents)
                generation = index.generations()[-1]
                print(f"\n{index.check()}\nwritten at {rate:,.0f} documents/s, {generation.size_bytes / 1e6:,.0f} MB")
                for row in measure(index, address, stories):
                    print(
                        "  ".join(
                            f"{key} {value!s:22}" if key == "shape" else f"{key} {value}" for key, value in row.items()
                        )
                    )
