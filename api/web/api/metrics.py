"""/metrics for Prometheus: computed when it is scraped, from what all processes share. Only the times of HTTP requests
are this process's own."""

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
from tasks.app import ALIVE, app
from worker.model.records import Outcome, State
from worker.services.context import AppContext
from worker.services.monitoring import Stock, Traffic, stock, traffic
from worker.telemetry import BOUNDS, Timing

Labels = TypeVar("Labels", bound=tuple[str, ...])

router = APIRouter(tags=["health"])
#: What was done, by stage: kind of worker/telemetry.py -> name and help of the counter.
DONE = {
    "fetched": ("copydesk_pages_fetched", "Pages, redirects and 304s that hosts answered with"),
    "finished": ("copydesk_urls_settled", "Crawls that ended, whatever their outcome"),
    "indexed": ("copydesk_articles_indexed", "Articles written into the index, new or changed"),
}


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
REQUEST_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


def install(api: FastAPI) -> None:
    """Measure every request from now on."""
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
    """Text format. A part that does not answer is `copydesk_up 0`, and its metrics are missing."""
    house = CollectorRegistry(auto_describe=False)
    house.register(_House(context))
    text = generate_latest(house) + generate_latest(request.app.state.requests)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


class _House(Collector):
    """The whole of Copydesk as metric families."""

    def __init__(self, context: AppContext) -> None:
        self._desk = context

    def collect(self) -> Iterator[Metric]:
        lies, moves = stock(self._desk), traffic(self._desk, sorted(app.amqp.queues), ALIVE)
        yield _by("copydesk_info", "What runs here", ["version"], {(version("copydesk"),): 1})
        up = {("index",): lies.is_up, ("broker",): moves.is_up}
        yield _by("copydesk_up", "Whether a part answers", ["part"], up)
        if lies.is_up:
            yield from _stock(lies)
        if moves.is_up:
            yield from _traffic(moves)
            yield _gauge("copydesk_spool_max_bytes", "Above this, fetching pauses", self._desk.settings.spool_max_bytes)


def _stock(lies: Stock) -> Iterator[Metric]:
    states = {(str(state),): lies.counts.get(state, 0) for state in State}
    yield _by("copydesk_ledger_rows", "URLs that were accepted", ["state"], states)
    outcomes = {(str(outcome),): lies.counts.get(outcome, 0) for outcome in Outcome}
    yield _by("copydesk_ledger_outcomes", "Settled URLs by the outcome of the last crawl", ["outcome"], outcomes)
    reasons = {tuple(name.split("/", 1)): n for name, n in lies.counts.items() if "/" in name}
    yield _by("copydesk_ledger_reasons", "The same with the reason", ["outcome", "reason"], reasons)
    failing = {(host, reason): n for host, reason, n in lies.failing}
    yield _by("copydesk_failed_urls", "URLs that stand as failed, where most do", ["host", "reason"], failing)
    yield _gauge("copydesk_oldest_queued_seconds", "How long the oldest queued URL waits", lies.oldest_queued_s)
    yield _gauge("copydesk_documents", "Articles in the index", lies.documents)


def _traffic(moves: Traffic) -> Iterator[Metric]:
    urls = {(state,): moves.frontier[state] for state in ("waiting", "in_flight")}
    yield _by("copydesk_frontier_urls", "URLs in the queues of their hosts", ["state"], urls)
    yield _gauge("copydesk_frontier_hosts", "Hosts with URLs, or visited just now", moves.frontier["hosts"])
    yield _gauge("copydesk_paused_hosts", "Hosts left alone for a while, since they fail", moves.paused_hosts)
    pages = {(state,): moves.spool[state] for state in ("waiting", "leased")}
    yield _by("copydesk_spool_pages", "Pages that wait to be read, or are being read", ["state"], pages)
    yield _gauge("copydesk_spool_bytes", "Bytes of these pages", moves.spool["bytes"])
    messages = {(queue,): n for queue, n in moves.messages.items()}
    yield _by("copydesk_messages", "Messages in Celery's queues", ["queue"], messages)
    silent = {(queue,): seconds for queue, seconds in moves.silent_s.items()}
    yield _by("copydesk_silent_seconds", "Since a worker of the queue gave a sign of life", ["queue"], silent)
    for kind, (name, text) in DONE.items():
        yield CounterMetricFamily(name, text, value=moves.totals[kind])
    yield _timings(moves.timings)


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
    """A gauge with a value for each combination of labels."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for combination, value in values.items():
        family.add_metric(combination, value)
    return family


class _Timer:
    """Middleware: how long each request took, by the route's pattern, so that ids make no series of their own."""

    def __init__(self, app: ASGIApp, seconds: Histogram) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), "500"

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._seconds.labels(method, _route(scope), status).observe(time.perf_counter() - began)


def _route(scope: Scope) -> str:
    """The pattern of the address that was asked for; "none" where there is no such page."""
    if scope.get("route") is None:
        return "none"
    pattern: str = scope["route"].path  # it may lack the prefix of the router that it was included with
    prefix = scope["path"].split("/")[: -pattern.count("/")]
    return "/".join(prefix) + pattern
