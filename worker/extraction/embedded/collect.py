"""What the page's embedded data says, from every system that we know: JSON-LD, microdata, Arc XP, Next.js, inline
state.
"""

from __future__ import annotations

from collections.abc import Iterator

from worker.extraction.embedded import json_images, json_story, jsonld, microdata, script_json
from worker.extraction.html.title_element import find_heading
from worker.extraction.html.tree import Tree, text_of
from worker.extraction.page_data import State, Story


def read_state(tree: Tree) -> State:
    """Never raises on any page. Stories in the order in which fields believe them: JSON-LD, the system's own data,
    microdata.
    """
    linked = jsonld.stories(tree)
    headlines = _headlines(tree, linked)
    scripts = script_json.scripts(tree)
    found = (json_story.find_story(root, headlines) for root in script_json.roots(scripts, headlines))
    own = sorted((s for s in found if s), key=lambda s: (s.source == "state", -sum(map(len, s.paragraphs))))
    return State(
        stories=(*linked, *own[:4], *microdata.stories(tree), *_galleries(scripts)),
        breadcrumbs=jsonld.breadcrumbs(tree),
        site=jsonld.site_name(tree),
    )


def _galleries(scripts: tuple[script_json.Script, ...]) -> Iterator[Story]:
    for root in script_json.galleries(scripts):
        if found := tuple(json_images.galleries(root.value)):
            yield Story(source="gallery", rule=root.name, pictures=found)


def _headlines(tree: Tree, linked: tuple[Story, ...]) -> tuple[str, ...]:
    """What the page's headline may be: by these its story is known in embedded data."""
    first = find_heading(tree)
    named = [s.headline for s in linked[:2]]
    named += [text_of(first) if first is not None else None, tree.meta_first("og:title", "twitter:title")]
    named.append((tree.title or "").partition(" | ")[0])
    return tuple(dict.fromkeys(h for h in named if h and len(h) > 5))
