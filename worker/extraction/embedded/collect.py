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
    from_json_ld = jsonld.articles(tree)
    headlines = _headlines(tree, from_json_ld)
    scripts = script_json.scripts(tree)
    found = (json_article.find_article(value, headlines) for value in script_json.find_values(scripts, headlines))
    from_scripts = sorted((s for s in found if s), key=lambda s: (s.source == "state", -sum(map(len, s.paragraphs))))
    return PageData(
        articles=(*from_json_ld, *from_scripts[:4], *microdata.articles(tree), *_gallery_articles(scripts)),
        breadcrumbs=jsonld.breadcrumbs(tree),
        site=jsonld.site_name(tree),
    )


def _gallery_articles(scripts: tuple[script_json.Script, ...]) -> Iterator[EmbeddedArticle]:
    for value in script_json.find_galleries(scripts):
        if found := tuple(json_images.find_galleries(value.value)):
            yield EmbeddedArticle(source="gallery", rule=value.name, images=found)


def _headlines(tree: Tree, from_json_ld: tuple[EmbeddedArticle, ...]) -> tuple[str, ...]:
    """Return the texts that may be the page's headline. They identify the article in embedded data."""
    first = find_heading(tree)
    named = [s.headline for s in from_json_ld[:2]]
    named += [text_of(first) if first is not None else None, tree.meta_first("og:title", "twitter:title")]
    named.append((tree.title or "").partition(" | ")[0])
    return tuple(dict.fromkeys(h for h in named if h and len(h) > 5))
