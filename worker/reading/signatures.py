"""Who wrote the story: what each source says, from embedded data to the line under the headline."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.reading import authors
from worker.reading.arbiter import Claim
from worker.reading.authors import Byline
from worker.reading.story import State
from worker.reading.tree import Element, Tree, text_of

_META = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "citation_author", "cxenseparse:author", "article:author_name", "og:article:author", "twitter:data1", "creator")  # fmt: skip
_BYLINE = re.compile(r"(?:^|[-_ ]|(?<=[a-z]))(?:by-?line|[Bb]y[Ll]ine|authors?|Authors?|autore?n?|Autor(?:en)?|auteurs?|autores|autora|redactor|writer|writers|reporter|reporters|journalist|signature|firma|vcard|contributors?|creator|skribent|schrijver|lb-by|post-author|article-author|story-author)(?:$|[-_ ]|(?=[A-Z]))")  # fmt: skip
_NO_BYLINE = re.compile(r"bio\b|about|more-?from|social|comment|related|follow|card-list|avatar|newsletter|photo|image|caption|credit", re.I)  # fmt: skip
_LONGEST = 200


def claims(tree: Tree, state: State, publisher: str | None) -> Iterator[Claim[Byline]]:
    """What each source says, best first, people before organisations."""
    found = [c for c in _all(tree, state, publisher) if c.value.printed]
    yield from (c for c in found if c.value.people)
    yield from (c for c in found if not c.value.people)


def _all(tree: Tree, state: State, publisher: str | None) -> Iterator[Claim[Byline]]:
    for story in state.stories:
        if story.authors and story.source in ("json-ld", "fusion", "next"):
            yield Claim(story.source, f"{story.rule}.author", _told(story, publisher))
    for name in _META:
        if values := [v for v in tree.meta.get(name, ()) if not v.startswith(("http", "/"))]:
            yield Claim("meta", name, authors.combine(values, publisher))
    for story in state.stories:
        if story.authors and story.source not in ("json-ld", "fusion", "next"):
            yield Claim(story.source, f"{story.rule}.author", _told(story, publisher))
    yield from _printed(tree, publisher)


def _told(story: object, publisher: str | None) -> Byline:
    signatures = getattr(story, "authors", ())
    return authors.combine((s.name for s in signatures), publisher)


def _printed(tree: Tree, publisher: str | None) -> Iterator[Claim[Byline]]:
    """Lines near the headline that are named for the author, and links of rel=author."""
    for node, rule in _near_headline(tree):
        text = text_of(node)
        if 3 <= len(text) <= _LONGEST:
            names = [t for a in node.iter("a") if (t := text_of(a))]
            byline = authors.combine([text], publisher)
            linked = authors.combine(names, publisher)
            yield Claim("dom", rule, linked if len(linked.people) >= max(1, len(byline.people)) else byline)


def _near_headline(tree: Tree) -> Iterator[tuple[Element, str]]:
    title = next(iter(tree.root.iter("h1")), None)
    place = next((i for i, n in enumerate(tree.nodes) if n is title), 0) if title is not None else 0
    for node in (*tree.nodes[place : place + 200], *tree.nodes[max(0, place - 40) : place]):
        label = f"{node.get('class') or ''} {node.get('id') or ''}"
        if node.get("rel") == "author" or "author" in (node.get("itemprop") or ""):
            yield node, "rel=author" if node.get("rel") == "author" else "itemprop=author"
        elif _BYLINE.search(label) and not _NO_BYLINE.search(label):
            yield node, "byline"
