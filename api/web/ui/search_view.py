"""One search as its page shows it: hits, chips, facets, pages to turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from api.presentation.highlight_markup import END, START, as_html, without_controls
from api.presentation.query_input import parse_filters
from api.web.ui import labels
from api.web.ui.histogram import Histogram, histogram
from api.web.ui.search_state import MOST_PAGES, PAGE_SIZE, Asked, query, understood
from worker.errors import BadInput
from worker.model.query import Bucket, Hit, Results
from worker.model.records import Article, Document, Image
from worker.storage.ports import Index

TEASER_CHARS = 280
STOPS = (".", "!", "?", "…", "。", "！", "？", "؟", "।")
CLOSING = "\"'”’»)]」』" + END
FACET_ROWS = 6  #: of a facet that are seen at once; the others unfold


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A condition that the search has, and the address of the search without it."""

    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    value: str
    count: int
    url: str  #: of the search with this value, or without it if it is chosen
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    name: str
    label: str
    first: tuple[Choice, ...]
    rest: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    text: Markup
    credit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A hit: what was found stands in <em>, all else is escaped."""

    document: Document
    headline: Markup
    teaser: Markup
    captions: tuple[Caption, ...]

    @property
    def article(self) -> Article:
        return self.document.article

    @property
    def signed(self) -> tuple[str, ...]:
        """Who signed the story."""
        article = self.article
        return article.byline or article.author or ((article.agency,) if article.agency else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    asked: Asked
    total: int
    hits: tuple[Shown, ...]
    chips: tuple[Chip, ...]
    facets: tuple[Facet, ...]
    dates: Histogram | None
    notes: tuple[str, ...]
    suggestion: str | None
    previous: str | None  #: addresses of the pages beside this one
    next: str | None

    @property
    def first(self) -> int:
        """Number of the first hit shown, from 1."""
        return (self.asked.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.hits) - 1


def find(index: Index, asked: Asked) -> Found:
    """Never `BadInput`: what cannot be read is passed over, and said."""
    asked, notes = understood(asked)
    try:
        results = index.search(query(asked, tuple(labels.FACETS)))
    except BadInput as e:
        if not asked.trail:
            raise
        asked, notes = replace(asked, trail=(), skipped=0), (*notes, f"{e}: this is its first page")
        results = index.search(query(asked, tuple(labels.FACETS)))
    return Found(
        asked=asked,
        total=results.total,
        hits=tuple(shown(hit) for hit in results.hits),
        chips=tuple(_chips(asked)),
        facets=tuple(_facet(asked, name, buckets) for name, buckets in results.facets.items() if buckets),
        dates=histogram(asked, results.histogram, results.interval),
        notes=(*notes, *results.notes),
        suggestion=results.suggestion,
        previous=asked.previous_page() if asked.trail else None,
        next=_next(asked, results),
    )


def shown(hit: Hit) -> Shown:
    article, found = hit.document.article, hit.highlights
    headline = found.get("headline") or (without_controls(article.headline or hit.document.url),)
    texts = found.get("article_body") or found.get("description") or (without_controls(_beginning(article)),)
    return Shown(
        document=hit.document,
        headline=_safe(headline[0]),
        teaser=Markup(" ").join(_safe(_open_ended(" ".join(text.split()))) for text in texts),
        captions=tuple(_captions(article, found.get("caption_text", ()))),
    )


def _safe(fragment: str) -> Markup:
    return Markup(as_html(fragment))  # noqa: S704 - as_html escapes all but its own marks


def _beginning(article: Article) -> str:
    text = article.description or article.article_body
    return text if len(text) <= TEASER_CHARS else text[:TEASER_CHARS].rsplit(None, 1)[0]


def _open_ended(fragment: str) -> str:
    """With an ellipsis unless it ends where a sentence does."""
    return fragment if not fragment or fragment.rstrip(CLOSING)[-1:] in STOPS else f"{fragment}\N{NO-BREAK SPACE}…"


def _captions(article: Article, fragments: Sequence[str]) -> list[Caption]:
    """Those in which something was found, else the first; each with the credit of its picture."""
    pictures = [image for image in article.images if image.caption]
    if not fragments:
        return [Caption(text=escape(str(i.caption)), credit=i.credit_text) for i in pictures[:1]]
    return [Caption(text=_safe(f), credit=_credit(pictures, f)) for f in fragments]


def _credit(pictures: Sequence[Image], fragment: str) -> str | None:
    plain = fragment.replace(START, "").replace(END, "")
    return next((i.credit_text for i in pictures if plain in str(i.caption)), None)


def _next(asked: Asked, results: Results) -> str | None:
    if results.next_cursor is None or asked.page >= MOST_PAGES:
        return None
    return asked.next_page(results.next_cursor)


def _chips(asked: Asked) -> list[Chip]:
    chips = [
        Chip(label=labels.facet(name), value=labels.value(value, name), url=asked.without_filter(name, value))
        for name, values in parse_filters(asked.filters).items()
        for value in values
    ]
    if asked.since:
        chips.append(Chip(label="From", value=asked.since, url=asked.url(since="")))
    if asked.until:
        chips.append(Chip(label="Before", value=asked.until, url=asked.url(until="")))
    if asked.scope != "all":
        chips.append(Chip(label="Words in", value=labels.SCOPES[asked.scope], url=asked.url(scope="all")))
    return chips


def _facet(asked: Asked, name: str, buckets: Sequence[Bucket]) -> Facet:
    choices = tuple(_choice(asked, name, bucket) for bucket in buckets)
    return Facet(name=name, label=labels.facet(name), first=choices[:FACET_ROWS], rest=choices[FACET_ROWS:])


def _choice(asked: Asked, name: str, bucket: Bucket) -> Choice:
    is_chosen = f"{name}={bucket.value}" in asked.filters
    turn = asked.without_filter if is_chosen else asked.with_filter
    return Choice(
        value=labels.value(bucket.value, name),
        count=bucket.count,
        url=turn(name, bucket.value),
        is_chosen=is_chosen,
    )
