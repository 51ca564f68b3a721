"""All article data of a page, from every known system: JSON-LD, microdata, Arc XP, Next.js, inline state."""

from __future__ import annotations

from collections.abc import Iterator

from worker.extraction.embedded import json_article, json_images, jsonld, microdata, script_json
from worker.extraction.html.heading import find_heading
from worker.extraction.html.tree import Tree, text_of
from worker.extraction.page_data import EmbeddedArticle, PageData


def collect_page_data(tree: Tree) -> PageData:
    """Return the page's embedded data. Never raises an error.

    The articles are in the order of trust: JSON-LD, the publishing system's own data, microdata.
    """
    linked = jsonld.articles(tree)
    headlines = _headlines(tree, linked)
    scripts = script_json.scripts(tree)
    found = (json_article.find_article(root, headlines) for root in script_json.find_values(scripts, headlines))
    own = sorted((s for s in found if s), key=lambda s: (s.source == "state", -sum(map(len, s.paragraphs))))
    return PageData(
        articles=(*linked, *own[:4], *microdata.articles(tree), *_gallery_articles(scripts)),
        breadcrumbs=jsonld.breadcrumbs(tree),
        site=jsonld.site_name(tree),
    )


def _gallery_articles(scripts: tuple[script_json.Script, ...]) -> Iterator[EmbeddedArticle]:
    for root in script_json.find_galleries(scripts):
        if found := tuple(json_images.find_galleries(root.value)):
            yield EmbeddedArticle(source="gallery", rule=root.name, images=found)


def _headlines(tree: Tree, linked: tuple[EmbeddedArticle, ...]) -> tuple[str, ...]:
    """Return the texts that may be the page's headline. They identify the article in embedded data."""
    first = find_heading(tree)
    named = [s.headline for s in linked[:2]]
    named += [text_of(first) if first is not None else None, tree.meta_first("og:title", "twitter:title")]
    named.append((tree.title or "").partition(" | ")[0])
    return tuple(dict.fromkeys(h for h in named if h and len(h) > 5))
