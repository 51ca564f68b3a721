"""From bytes to an Article: parse, embedded state, images, body, kind, fields, in this order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from worker.extraction.boilerplate import select_body as story
from worker.extraction.boilerplate.host_repeats import HostBoilerplate
from worker.extraction.boilerplate.site_rules import rules_of
from worker.extraction.candidates import decide
from worker.extraction.classifier.block_features import Page
from worker.extraction.embedded.collect import read_state
from worker.extraction.fields import headline
from worker.extraction.fields.extract import Fields, find_fields, site_names
from worker.extraction.html import blocks
from worker.extraction.html.charset import decode
from worker.extraction.html.sanitize import printable
from worker.extraction.html.tree import Tree, is_split, parse
from worker.extraction.images.extract import Pictures, find_images
from worker.extraction.page_data import State
from worker.extraction.page_type import Evidence, classify
from worker.extraction.plain_text import extract
from worker.model.records import Article, Kind, Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What others say of the page: a feed's entry, a sitemap's, the fetch. Used where the page itself is silent."""

    headline: str | None = None
    author: tuple[str, ...] = ()
    date_published: datetime | None = None
    fetched_at: datetime | None = None  #: no date of the page may lie after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The Article, and how it came to be."""

    article: Article
    verdicts: tuple[story.Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A page parsed, with what is known of it before its blocks are judged."""

    tree: Tree
    state: State
    pictures: Pictures
    known: Page


def read(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    furniture: HostBoilerplate | None = None,
    hints: Hints | None = None,
) -> Article:
    """The article on a page. Raises `errors.Unreadable`, and nothing else, for bytes that hold no page."""
    return explain(body, url, content_type=content_type, furniture=furniture, hints=hints).article


def explain(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    furniture: HostBoilerplate | None = None,
    hints: Hints | None = None,
) -> Explanation:
    """As `read`, with a verdict on each block. An address that is none ("http://[bad") tells nothing of the page."""
    hints = hints or Hints()
    page = opened(body, url if is_split(url) else "", content_type)
    every = blocks.split(page.tree)
    verdicts = story.judge(every, page.known, page.pictures, furniture, rules_of(page.tree.url))
    kept = [v.block for v in verdicts if v.kept]
    paragraphs, body_from = story.arbitrate([b.text for b in kept], page.state, every)
    fields = find_fields(page.tree, page.state, paragraphs, hints.fetched_at)
    kind, kind_from = classify(
        Evidence(
            tree=page.tree,
            state=page.state,
            blocks=every,
            kept=kept,
            paragraphs=paragraphs,
            images=page.pictures.images,
            section=fields.article_section,
        )
    )
    article = _article(url, kind, paragraphs if kind.is_story else (), fields, page.pictures)
    provenance = {**article.provenance, "article_body": body_from, "kind": kind_from}
    article = _hinted(replace(article, provenance=provenance), hints)
    return Explanation(article=printable(article), verdicts=tuple(verdicts))


def read_text(body: bytes | str, url: str) -> Article:
    """The article in flattened text. Raises `errors.Unreadable` for what is empty or not text."""
    return printable(extract.read(body, url))


def opened(body: bytes, url: str, content_type: str = "") -> Opened:
    """The first half of reading: the tree, embedded state, pictures."""
    tree = parse(decode(body, content_type), url)
    state = read_state(tree)
    names = site_names(tree, state)
    title, _ = decide(headline.claims(tree, state, names))
    known = Page(
        headline=title or "",
        description=tree.meta_first("og:description", "description") or "",
        state="\n".join(state.paragraphs),
    )
    return Opened(tree=tree, state=state, pictures=find_images(tree, state, names[0] if names else None), known=known)


def _article(url: str, kind: Kind, paragraphs: tuple[str, ...], fields: Fields, pictures: Pictures) -> Article:
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
        images=pictures.images,
        provenance=fields.provenance,
    )


def _hinted(article: Article, hints: Hints) -> Article:
    """What the page does not say, as others say it."""
    changes: dict[str, object] = {}
    for name in ("headline", "author", "date_published"):
        if not getattr(article, name) and getattr(hints, name):
            changes[name] = getattr(hints, name)
    if not changes:
        return article
    told = {name: Provenance(source="hint", rule="feed or sitemap") for name in changes}
    return replace(article, **changes, provenance={**article.provenance, **told})  # type: ignore[arg-type]
