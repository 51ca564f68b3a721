"""What the page's embedded data says, from every system that we know: JSON-LD, microdata, Arc XP, Next.js, inline
state.
"""

from __future__ import annotations

from collections.abc import Iterator

from worker.reading import depicted, embedded, inline, jsonld, microdata
from worker.reading.heading import find_heading
from worker.reading.story import State, Story
from worker.reading.tree import Tree, text_of


def read_state(tree: Tree) -> State:
    """Never raises on any page. Stories in the order in which fields believe them: JSON-LD, the system's own data,
    microdata.
    """
    linked = jsonld.stories(tree)
    headlines = _headlines(tree, linked)
    scripts = inline.scripts(tree)
    found = (embedded.find_story(root, headlines) for root in inline.roots(scripts, headlines))
    own = sorted((s for s in found if s), key=lambda s: (s.source == "state", -sum(map(len, s.paragraphs))))
    return State(
        stories=(*linked, *own[:4], *microdata.stories(tree), *_galleries(scripts)),
        breadcrumbs=jsonld.breadcrumbs(tree),
        site=jsonld.site_name(tree),
    )


def _galleries(scripts: tuple[inline.Script, ...]) -> Iterator[Story]:
    for root in inline.galleries(scripts):
        if found := tuple(depicted.galleries(root.value)):
            yield Story(source="gallery", rule=root.name, pictures=found)


def _headlines(tree: Tree, linked: tuple[Story, ...]) -> tuple[str, ...]:
    """What the page's headline may be: by these its story is known in embedded data."""
    first = find_heading(tree)
    named = [s.headline for s in linked[:2]]
    named += [text_of(first) if first is not None else None, tree.meta_first("og:title", "twitter:title")]
    named.append((tree.title or "").partition(" | ")[0])
    return tuple(dict.fromkeys(h for h in named if h and len(h) > 5))
