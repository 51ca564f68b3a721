"""All article data of a page, from every known system: JSON-LD, microdata, Arc XP, Next.js, inline state."""

from __future__ import annotations

from collections.abc import Iterator

from worker.extraction.embedded import json_article, json_images, jsonld, microdata, script_json
from worker.extraction.html.heading import find_heading
from worker.extraction.html.tree import Tree, text_of
from worker.extraction.page_data import EmbeddedArticle, PageData
from worker.extraction.text import text_size


def collect_page_data(tree: Tree) -> PageData:
    """Return the page's embedded data. Never raises an error.

    The articles are in the order of trust: JSON-LD, the publishing system's own data, microdata.
    """
    from_json_ld = jsonld.articles(tree)
    headlines = _headlines(tree, from_json_ld)
    scripts = script_json.scripts(tree)
    return PageData(
        articles=(
            *from_json_ld,
            *_state_articles(tree, scripts, headlines)[:4],
            *microdata.articles(tree),
            *_gallery_articles(scripts),
        ),
        breadcrumbs=jsonld.breadcrumbs(tree),
        site=jsonld.site_name(tree),
    )


def _state_articles(
    tree: Tree, scripts: tuple[script_json.Script, ...], headlines: tuple[str, ...]
) -> list[EmbeddedArticle]:
    """Return the page's article in scripts and attributes: the publishing system's own data first, then the longest.

    On a page whose elements show no prose and name no article, the only article in the data is the page's.
    """
    is_bare = not script_json.shows_prose(tree)
    wanted = json_article.Wanted.of(headlines, tree.url, is_bare=is_bare)
    values = list(script_json.find_values(tree, scripts, (*headlines, *wanted.names), is_bare=is_bare))
    found = [s for value in values if (s := json_article.find_article(value, wanted))]
    if not found and is_bare and not _names_article(tree):
        alone = [s for value in values for s in json_article.find_only_article(value)]
        found = alone if len({(s.headline, s.paragraphs[0]) for s in alone}) == 1 else []
    return sorted(found, key=lambda s: (s.source == "state", -sum(map(len, s.paragraphs))))


def _names_article(tree: Tree) -> bool:
    """Return True if the page has a headline outside of its title, which may be the site's name."""
    named = tree.meta_first("og:title", "twitter:title") or ""
    return find_heading(tree) is not None or text_size.words(named) > 3


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
