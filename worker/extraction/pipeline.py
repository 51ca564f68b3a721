"""The steps from bytes to an Article: parse, embedded data, images, body, kind, fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from worker.extraction.article_html import article_html, html_of_paragraphs
from worker.extraction.boilerplate import select_body
from worker.extraction.boilerplate.host_repeats import HostBoilerplate
from worker.extraction.boilerplate.site_rules import site_rules_for
from worker.extraction.candidates import choose
from worker.extraction.classifier.block_features import PageContext
from worker.extraction.embedded.collect import collect_page_data
from worker.extraction.fields import headline
from worker.extraction.fields.byline import is_opened
from worker.extraction.fields.extract import Fields, find_fields, site_names
from worker.extraction.html import blocks
from worker.extraction.html.charset import decode
from worker.extraction.html.json_page import as_html
from worker.extraction.html.sanitize import sanitize
from worker.extraction.html.tree import Tree, is_parsable_url, parse
from worker.extraction.images.extract import PageImages, find_images
from worker.extraction.page_data import PageData
from worker.extraction.page_evidence import PageEvidence
from worker.extraction.page_type import classify
from worker.extraction.plain_text import extract
from worker.model.records import Article, Kind, Provenance

_OPENING = 3  #: blocks before the body that may hold its dateline
_ENDING = 3  #: lines after the body that may be a signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """Data from other sources (a feed's or a sitemap's entry) for fields that the page does not give."""

    headline: str | None = None
    author: tuple[str, ...] = ()
    date_published: datetime | None = None
    fetched_at: datetime | None = None  #: a date of the page after this time is not trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The article, and a verdict on every block of the page."""

    article: Article
    verdicts: tuple[select_body.Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """A parsed page and its data, before its blocks are classified."""

    tree: Tree
    data: PageData
    images: PageImages
    context: PageContext


def read(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    boilerplate: HostBoilerplate | None = None,
    hints: Hints | None = None,
    with_html: bool = True,
) -> Article:
    """Return the article on a page.

    `boilerplate` says which blocks the host repeats on its pages. Without `with_html`, `article_html` is empty.
    Raises `errors.Unreadable`, and no other error, if the bytes do not hold a page.
    """
    return explain(
        body, url, content_type=content_type, boilerplate=boilerplate, hints=hints, with_html=with_html
    ).article


def explain(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    boilerplate: HostBoilerplate | None = None,
    hints: Hints | None = None,
    with_html: bool = True,
) -> Explanation:
    """Return the article on a page, with a verdict on each block.

    Takes the same arguments as `read`. A URL that cannot be parsed ("http://[bad") is treated as unknown.
    """
    hints = hints or Hints()
    page = parse_page(body, url if is_parsable_url(url) else "", content_type)
    page_blocks = page.tree.cached(blocks.split)
    verdicts = select_body.select_blocks(
        page_blocks, page.context, page.images, boilerplate, site_rules_for(page.tree.url)
    )
    kept = [v.block for v in verdicts if v.kept]
    paragraphs, body_from = select_body.choose_body(
        [b.text for b in kept], page.data, page_blocks, page.context.headline
    )
    before, after = _opening(page_blocks, kept), _ending(verdicts)
    fields = find_fields(page.tree, page.data, paragraphs, hints.fetched_at, before, after)
    kind, kind_from = classify(
        PageEvidence(
            tree=page.tree,
            data=page.data,
            blocks=page_blocks,
            kept=kept,
            paragraphs=paragraphs,
            images=page.images.images,
            section=fields.article_section,
        )
    )
    article = _article(url, kind, paragraphs if kind.is_article else (), fields, page.images)
    provenance = {**article.provenance, "article_body": body_from, "kind": kind_from}
    article = _with_hints(replace(article, provenance=provenance), hints)
    if with_html and kind.is_article:
        html = article_html(page_blocks, kept, paragraphs, page.images.images, page.tree)
        article = replace(article, article_html=html)
    return Explanation(article=sanitize(article), verdicts=tuple(verdicts))


def _ending(verdicts: list[select_body.Verdict]) -> tuple[str, ...]:
    """Return the first lines after the body, where an author may sign. A link counts only if it is a byline."""
    last = max((i for i, v in enumerate(verdicts) if v.kept), default=len(verdicts))
    blocks_after = (v.block for v in verdicts[last + 1 : last + 1 + _ENDING])
    return tuple(b.text for b in blocks_after if not b.links or is_opened(b.text))


def read_text(body: bytes | str, url: str, *, with_html: bool = True) -> Article:
    """Return the article in plain text. Raises `errors.Unreadable` if the input is empty or not text."""
    article = extract.read(body, url)
    if with_html and article.kind.is_article:
        html = html_of_paragraphs(article.article_body.split("\n"), article.images)
        article = replace(article, article_html=html)
    return sanitize(article)


def parse_page(body: bytes, url: str, content_type: str = "") -> ParsedPage:
    """Return the tree, the embedded data and the images of a page: the first half of reading."""
    tree = parse(as_html(decode(body, content_type)), url)
    data = collect_page_data(tree)
    names = site_names(tree, data)
    title, _ = choose(headline.candidates(tree, data, names))
    context = PageContext(
        headline=title or "",
        description=tree.meta_first("og:description", "description") or "",
        embedded_text="\n".join(data.paragraphs),
    )
    return ParsedPage(
        tree=tree, data=data, images=find_images(tree, data, names[0] if names else None), context=context
    )


def _opening(page_blocks: list[blocks.Block], kept: list[blocks.Block]) -> tuple[str, ...]:
    """Return the texts of the blocks before the body, the nearest first."""
    first = kept[0].index if kept else 0
    return tuple(b.text for b in reversed(page_blocks[max(0, first - _OPENING) : first]))


def _article(url: str, kind: Kind, paragraphs: tuple[str, ...], fields: Fields, images: PageImages) -> Article:
    return Article(
        url=url,
        kind=kind,
        headline=fields.headline,
        description=fields.description,
        article_body="\n".join(paragraphs),
        author=fields.author,
        byline=fields.byline,
        agency=fields.agency,
        article_section=fields.article_section,
        keywords=fields.keywords,
        language=fields.language,
        date_published=fields.date_published,
        date_modified=fields.date_modified,
        date_precision=fields.date_precision,
        dateline=fields.dateline,
        publisher=fields.publisher,
        canonical_url=fields.canonical_url,
        images=images.images,
        provenance=fields.provenance,
    )


def _with_hints(article: Article, hints: Hints) -> Article:
    """Return the article with the hints for the fields that the page does not give."""
    changes: dict[str, object] = {}
    for name in ("headline", "author", "date_published"):
        if not getattr(article, name) and getattr(hints, name):
            changes[name] = getattr(hints, name)
    if not changes:
        return article
    provenance = {name: Provenance(source="hint", rule="feed or sitemap") for name in changes}
    return replace(article, **changes, provenance={**article.provenance, **provenance})  # type: ignore[arg-type]
