"""From bytes to an Article: parse, embedded state, images, body, kind, fields, in this order."""

from __future__ import annotations

from dataclasses import dataclass

from worker.errors import Unreadable
from worker.reading import blocks, flat
from worker.reading import body as story
from worker.reading.decoding import decode, strip_controls
from worker.reading.furniture import Furniture
from worker.reading.tree import Tree, parse, text_of
from worker.records import Article, Image, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What others say of the page: a feed's entry, a sitemap's. Used where the page itself is silent."""

    headline: str | None = None
    author: tuple[str, ...] = ()
    date_published: str | None = None  #: as the feed has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The Article, and how it came to be."""

    article: Article
    verdicts: tuple[story.Verdict, ...]


def read(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    furniture: Furniture | None = None,
    hints: Hints | None = None,
) -> Article:
    """The article on a page. Raises `errors.Unreadable`, and nothing else, for bytes that hold no page."""
    return explain(body, url, content_type=content_type, furniture=furniture, hints=hints).article


def explain(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    furniture: Furniture | None = None,
    hints: Hints | None = None,
) -> Explanation:
    """As `read`, with a verdict on each block."""
    del furniture, hints
    tree = parse(decode(body, content_type), url)
    verdicts = story.judge(blocks.split(tree), frozenset())
    paragraphs = [v.block.text for v in verdicts if v.kept]
    article = Article(
        url=url,
        kind=Kind.ARTICLE if paragraphs else Kind.OTHER,
        headline=_headline(tree),
        description=tree.meta_first("og:description", "description"),
        article_body="\n".join(paragraphs),
        canonical_url=None,
    )
    return Explanation(article=article, verdicts=tuple(verdicts))


def read_text(body: bytes | str, url: str) -> Article:
    """The article in flattened text. Raises `errors.Unreadable` for what is empty or not text."""
    text = strip_controls(body) if isinstance(body, str) else decode(body)
    if not text.strip():
        raise Unreadable("The text is empty. Give a file that holds the page's text.")
    found = flat.find_story(text)
    images = tuple(
        Image(caption=caption, credit_text=credit, creator=_creator(credit), agency=_agency(credit))
        for caption, credit in found.captions
    )
    return Article(
        url=url,
        kind=Kind.ARTICLE if found.paragraphs else Kind.OTHER,
        headline=found.headline,
        article_body="\n".join(found.paragraphs),
        dateline=found.dateline,
        images=images,
    )


def _headline(tree: Tree) -> str | None:
    h1 = next(iter(tree.root.iter("h1")), None)
    return (text_of(h1) if h1 is not None else None) or tree.meta_first("og:title") or tree.title


def _creator(credit: str) -> tuple[str, ...]:
    name = credit.split("/", maxsplit=1)[0].strip()
    return (name,) if name.count(" ") in (1, 2) and "Photo" not in name else ()


def _agency(credit: str) -> str | None:
    return next((a for a in ("AP", "AFP", "Reuters", "dpa", "EFE") if a in credit), None)
