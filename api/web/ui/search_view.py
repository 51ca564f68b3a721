"""The content of a search page: hits, filters, facets, histogram, and links to the pages beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from api.presentation.highlight_markup import END, START, as_html, without_controls
from api.presentation.query_input import parse_filters
from api.web.ui import labels
from api.web.ui.histogram import Histogram, histogram
from api.web.ui.search_state import MAX_PAGES, PAGE_SIZE, SearchState, to_query, without_invalid_parts
from worker.errors import BadInput
from worker.model.query import Bucket, Hit, Results
from worker.model.records import Article, Document, Image
from worker.search.service import SearchService
from worker.storage.document_json import from_json

TEASER_CHARS = 280
SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "؟", "।")
CLOSING_MARKS = "\"'”’»)]」』" + END
FACET_ROWS = 6  #: values of a facet that are visible at first; the others unfold


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A condition of the search, and the URL of the search without it."""

    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """A value of a facet that narrows the search, or that can be removed from it."""

    value: str
    count: int
    url: str  #: URL of the search with this value, or without it if it is selected
    is_selected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A facet with its most frequent values."""

    name: str
    label: str
    first: tuple[FacetValue, ...]  #: visible at first
    rest: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """A photo caption with the credit line of its picture."""

    text: Markup
    credit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HitView:
    """A hit as HTML: matches are in <em>, everything else is escaped."""

    document: Document
    headline: Markup
    teaser: Markup
    captions: tuple[Caption, ...]

    @property
    def article(self) -> Article:
        """The article of the hit."""
        return self.document.article

    @property
    def byline(self) -> tuple[str, ...]:
        """The byline as printed, or else the authors, or else the wire agency."""
        article = self.article
        return article.byline or article.author or ((article.agency,) if article.agency else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchView:
    """The content of a search page."""

    state: SearchState
    total: int
    hits: tuple[HitView, ...]
    chips: tuple[Chip, ...]
    facets: tuple[Facet, ...]
    dates: Histogram | None
    notes: tuple[str, ...]
    suggestion: str | None
    previous: str | None  #: URLs of the pages beside this one
    next: str | None

    @property
    def first(self) -> int:
        """Number of the first hit on the page, from 1."""
        return (self.state.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        """Number of the last hit on the page."""
        return self.first + len(self.hits) - 1


def search_view(search: SearchService, state: SearchState) -> SearchView:
    """Return the content of a search page. Invalid parts of the search are ignored and noted, never an error."""
    state, notes = without_invalid_parts(state)
    try:
        results = search.find(to_query(state, tuple(labels.FACETS)))
    except BadInput as e:
        if not state.cursors:
            raise
        state, notes = replace(state, cursors=(), skipped=0), (*notes, f"{e} The first page is shown instead.")
        results = search.find(to_query(state, tuple(labels.FACETS)))
    return SearchView(
        state=state,
        total=results.total,
        hits=tuple(hit_view(hit) for hit in results.hits),
        chips=tuple(_chips(state)),
        facets=tuple(_facet(state, name, buckets) for name, buckets in results.facets.items() if buckets),
        dates=histogram(state, results.histogram, results.interval),
        notes=(*notes, *results.notes),
        suggestion=results.suggestion,
        previous=state.previous_page() if state.cursors else None,
        next=_next(state, results),
    )


def hit_view(hit: Hit) -> HitView:
    """Return a hit as HTML."""
    document = from_json(hit.fields)
    article, fragments = document.article, hit.highlights
    headline = fragments.get("headline") or (without_controls(article.headline or document.url),)
    texts = fragments.get("article_body") or fragments.get("description") or (without_controls(_beginning(article)),)
    return HitView(
        document=document,
        headline=_safe(headline[0]),
        teaser=Markup(" ").join(_safe(_with_ellipsis(" ".join(text.split()))) for text in texts),
        captions=tuple(_captions(article, fragments.get("caption_text", ()))),
    )


def _safe(fragment: str) -> Markup:
    return Markup(as_html(fragment))  # noqa: S704 - as_html escapes everything but its own <em>


def _beginning(article: Article) -> str:
    text = article.description or article.article_body
    return text if len(text) <= TEASER_CHARS else text[:TEASER_CHARS].rsplit(None, 1)[0]


def _with_ellipsis(fragment: str) -> str:
    """Return the fragment, with an ellipsis unless it ends with a sentence."""
    if not fragment or fragment.rstrip(CLOSING_MARKS)[-1:] in SENTENCE_ENDS:
        return fragment
    return f"{fragment}\N{NO-BREAK SPACE}…"


def _captions(article: Article, fragments: Sequence[str]) -> list[Caption]:
    """Return the captions that match, or else the first caption, each with the credit line of its picture."""
    pictures = [image for image in article.images if image.caption]
    if not fragments:
        return [Caption(text=escape(str(i.caption)), credit=i.credit_text) for i in pictures[:1]]
    return [Caption(text=_safe(f), credit=_credit(pictures, f)) for f in fragments]


def _credit(pictures: Sequence[Image], fragment: str) -> str | None:
    plain = fragment.replace(START, "").replace(END, "")
    return next((i.credit_text for i in pictures if plain in str(i.caption)), None)


def _next(state: SearchState, results: Results) -> str | None:
    if results.next_cursor is None or state.page >= MAX_PAGES:
        return None
    return state.next_page(results.next_cursor)


def _chips(state: SearchState) -> list[Chip]:
    chips = [
        Chip(label=labels.facet(name), value=labels.value(value, name), url=state.without_filter(name, value))
        for name, values in parse_filters(state.filters).items()
        for value in values
    ]
    if state.since:
        chips.append(Chip(label="From", value=state.since, url=state.url(since="")))
    if state.until:
        chips.append(Chip(label="Before", value=state.until, url=state.url(until="")))
    if state.scope != "all":
        chips.append(Chip(label="Words in", value=labels.SCOPES[state.scope], url=state.url(scope="all")))
    return chips


def _facet(state: SearchState, name: str, buckets: Sequence[Bucket]) -> Facet:
    values = tuple(_facet_value(state, name, bucket) for bucket in buckets)
    return Facet(name=name, label=labels.facet(name), first=values[:FACET_ROWS], rest=values[FACET_ROWS:])


def _facet_value(state: SearchState, name: str, bucket: Bucket) -> FacetValue:
    is_selected = f"{name}={bucket.value}" in state.filters
    url = state.without_filter if is_selected else state.with_filter
    return FacetValue(
        value=labels.value(bucket.value, name),
        count=bucket.count,
        url=url(name, bucket.value),
        is_selected=is_selected,
    )
