"""/metrics for Prometheus, computed at each scrape from the stores that all processes share.

Only the times of HTTP requests are those of this process.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate
from typing import TypeVar

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.auth.api_keys import CurrentContext
from worker.model.records import Outcome, State
from worker.services.context import AppContext
from worker.services.monitoring import Stock, Traffic, stock, traffic
from worker.telemetry import BOUNDS, Timing

Labels = TypeVar("Labels", bound=tuple[str, ...])

router = APIRouter(tags=["health"])
#: Name and help of the counters, by kind in worker/telemetry.py.
COUNTERS = {
    "fetched": ("copydesk_pages_fetched", "Answers of hosts: pages, redirects and 304s"),
    "finished": ("copydesk_urls_finished", "Crawls that ended, with any outcome"),
    "indexed": ("copydesk_articles_indexed", "Articles written into the index, new or changed"),
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
REQUEST_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


def install(api: FastAPI) -> None:
    """Measure every request."""
    registry = CollectorRegistry()
    names = ("method", "route", "status")
    text = "Time to answer a request"
    seconds = Histogram("copydesk_http_request_seconds", text, names, registry=registry, buckets=REQUEST_BOUNDS)
    api.state.requests = registry
    api.add_middleware(_Timer, seconds=seconds)


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request, context: CurrentContext) -> Response:
    """Return all metrics as text. For a part that does not answer, `copydesk_up` is 0 and its metrics are missing."""
    shared = CollectorRegistry(auto_describe=False)
    shared.register(_SharedMetrics(context))
    text = generate_latest(shared) + generate_latest(request.app.state.requests)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


class _SharedMetrics(Collector):
    """The state of the stores and of Redis as metric families."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families."""
        stores, broker = stock(self._context), traffic(self._context)
        yield _by("copydesk_info", "Version of Copydesk", ["version"], {(version("copydesk"),): 1})
        up = {("index",): stores.is_up, ("broker",): broker.is_up}
        yield _by("copydesk_up", "1 if a part answers, else 0", ["part"], up)
        if stores.is_up:
            yield from _stock(stores)
        if broker.is_up:
            yield from _traffic(broker)
            max_bytes = self._context.settings.spool_max_bytes
            yield _gauge("copydesk_spool_max_bytes", "Size of the spool above which fetching pauses", max_bytes)


def _stock(stores: Stock) -> Iterator[Metric]:
    states = {(str(state),): stores.counts.get(state, 0) for state in State}
    yield _by("copydesk_ledger_rows", "Accepted URLs", ["state"], states)
    outcomes = {(str(outcome),): stores.counts.get(outcome, 0) for outcome in Outcome}
    yield _by("copydesk_ledger_outcomes", "Finished URLs by the outcome of the last crawl", ["outcome"], outcomes)
    reasons = {tuple(name.split("/", 1)): n for name, n in stores.counts.items() if "/" in name}
    yield _by(
        "copydesk_ledger_reasons",
        "Finished URLs by outcome and reason of the last crawl",
        ["outcome", "reason"],
        reasons,
    )
    failing = {(host, reason): n for host, reason, n in stores.failing}
    yield _by("copydesk_failed_urls", "Failed URLs of the hosts with most of them", ["host", "reason"], failing)
    yield _gauge("copydesk_oldest_queued_seconds", "Age of the oldest queued URL", stores.oldest_queued_s)
    yield _gauge("copydesk_documents", "Articles in the index", stores.documents)


def _traffic(broker: Traffic) -> Iterator[Metric]:
    urls = {(state,): broker.frontier[state] for state in ("waiting", "in_flight")}
    yield _by("copydesk_frontier_urls", "URLs in the host queues", ["state"], urls)
    yield _gauge("copydesk_frontier_hosts", "Hosts with queued URLs, or visited a moment ago", broker.frontier["hosts"])
    yield _gauge("copydesk_paused_hosts", "Hosts that are paused after failures", broker.paused_hosts)
    pages = {(state,): broker.spool[state] for state in ("waiting", "leased")}
    yield _by("copydesk_spool_pages", "Pages in the spool: waiting, or leased to be read", ["state"], pages)
    yield _gauge("copydesk_spool_bytes", "Size of the pages in the spool", broker.spool["bytes"])
    messages = {(queue,): n for queue, n in broker.messages.items()}
    yield _by("copydesk_messages", "Messages in Celery's queues", ["queue"], messages)
    silent = {(queue,): seconds for queue, seconds in broker.silent_s.items()}
    yield _by("copydesk_silent_seconds", "Time since the last sign of life of a queue's worker", ["queue"], silent)
    for kind, (name, text) in COUNTERS.items():
        yield CounterMetricFamily(name, text, value=broker.totals[kind])
    yield _timings(broker.timings)


def _timings(by_stage: Mapping[str, Timing]) -> Metric:
    text = "One request (fetch), one page from bytes to article (read), one crawl from queued to finished (crawl)"
    family = HistogramMetricFamily("copydesk_stage_seconds", text, labels=["stage"])
    for stage, timing in by_stage.items():
        bounds = [str(float(bound)).replace("inf", "+Inf") for bound in BOUNDS]
        family.add_metric([stage], list(zip(bounds, accumulate(timing.counts), strict=True)), timing.total_s)
    return family


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _by(name: str, text: str, labels: Sequence[str], values: Mapping[Labels, float]) -> Metric:
    """Return a gauge with a value for each combination of labels."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for combination, value in values.items():
        family.add_metric(combination, value)
    return family


class _Timer:
    """ASGI middleware that measures each request by the pattern of its route, so that ids do not become labels."""

    def __init__(self, app: ASGIApp, seconds: Histogram) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), "500"

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._seconds.labels(method, _route(scope), status).observe(time.perf_counter() - began)


def _route(scope: Scope) -> str:
    """Return the pattern of the route; "none" for an unknown path."""
    if scope.get("route") is None:
        return "none"
    pattern: str = scope["route"].path  # it may lack the prefix of the router that it was included with
    prefix = scope["path"].split("/")[: -pattern.count("/")]
    return "/".join(prefix) + pattern
