"""Candidates for the authors: from embedded data, meta tags, lines near the headline, and the last paragraph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from worker.extraction import word_tables
from worker.extraction.candidates import Candidate
from worker.extraction.fields import byline, byline_lines
from worker.extraction.fields.byline import Byline
from worker.extraction.fields.headline_context import HeadlineContext
from worker.extraction.fields.publisher import is_site
from worker.extraction.html.tree import Tree
from worker.extraction.page_data import EmbeddedArticle, PageData
from worker.extraction.text.normalize import name_key

_LONGEST_NAME = 60  #: characters of a last paragraph that is a name, at most


def candidates(
    tree: Tree,
    data: PageData,
    nearby: HeadlineContext,
    publisher: str | None,
    names: tuple[str, ...],
    headline: str | None = None,
    paragraphs: tuple[str, ...] = (),
    ending: tuple[str, ...] = (),
) -> Iterator[Candidate[Byline]]:
    """Yield the candidates, best first: people, then agencies, then other organisations, then the site itself.

    `paragraphs` are the body's; `ending` are the first lines after it.
    """
    found = [c for c in _all_candidates(tree, data, nearby, publisher, paragraphs, ending) if c.value.printed]
    if not any(c.value.people for c in found):
        found += (*byline_lines.only_line(tree, publisher), *byline_lines.elsewhere(tree, publisher))
    found = [c for c in found if c.source not in ("dom", "text") or not _is_headline(c.value, headline)]
    found = [replace(c, value=_without_address(c.value, tree, names)) for c in found]
    found.sort(key=lambda c: _rank(c, tree, names))
    if (agreed := _agreed(found)) is not None:
        yield agreed
    yield from (c for c in found if c is not agreed)


def _agreed(found: Sequence[Candidate[Byline]]) -> Candidate[Byline] | None:
    """Return the candidate that another source confirms, if it is better than the first one, or None.

    People that the page prints near the headline and that its data name win over people in the data alone. A byline
    with all people of the first one and more wins if another source has the others, too.
    """
    if not found or not (first := _keys(found[0])):
        return None
    printed = {k for c in found if c.source == "dom" for k in _keys(c)}
    given = {k for c in found if c.source not in ("dom", "text") for k in _keys(c)}
    if found[0].source != "dom" and printed and not first & printed:
        return next((c for c in found if _keys(c) & printed & given), None)
    larger = (c for c in found if first < (keys := _keys(c)) and _is_confirmed(c, keys - first, printed, given))
    return max(larger, key=lambda c: len(c.value.people), default=None)


def _is_confirmed(candidate: Candidate[Byline], more: set[str], printed: set[str], given: set[str]) -> bool:
    """Return True if another source has the people that a larger byline adds, or if the page says "By" before all."""
    if candidate.source == "dom":
        return more <= given or candidate.rule == byline_lines.OPENED
    return more <= printed


def _keys(candidate: Candidate[Byline]) -> set[str]:
    return {name_key(name) for name in candidate.value.people}


def _without_address(byline: Byline, tree: Tree, names: tuple[str, ...]) -> Byline:
    """Return the site's name without its address: "SPIEGEL ONLINE, Hamburg, Germany"."""
    if byline.people or byline.agency or not is_site(byline.printed[0], tree, names):
        return byline
    return replace(byline, printed=byline.printed[:1])


def _is_headline(byline: Byline, headline: str | None) -> bool:
    """Return True if the names are part of the headline.

    It may consist of capitalised words: "Historischer Markt".
    """
    return all(name_key(name) in name_key(headline or "") for name in byline.printed)


def _rank(candidate: Candidate[Byline], tree: Tree, names: tuple[str, ...]) -> int:
    """Return 0 for people, 1 for people in a less certain place, then agencies, other organisations, the site."""
    if candidate.rule in (byline_lines.NAMED_ELSEWHERE, byline_lines.ONLY_LINE):
        return 4
    if candidate.value.people:
        is_uncertain = candidate.rule == byline_lines.NAME_BESIDE_DATE or candidate.rule.endswith(
            byline_lines.FURTHER_DOWN
        )
        return 1 if candidate.source == "text" or is_uncertain else 0
    if candidate.value.agency:
        return 2
    if candidate.source == "dom":
        return 6
    return 5 if all(is_site(p, tree, names) for p in candidate.value.printed) else 3


def _all_candidates(
    tree: Tree,
    data: PageData,
    nearby: HeadlineContext,
    publisher: str | None,
    paragraphs: tuple[str, ...],
    ending: tuple[str, ...],
) -> Iterator[Candidate[Byline]]:
    found = [s for s in data.articles if s.authors]
    yield from (_from_article(s, publisher) for s in found if s.source in ("json-ld", "fusion", "next"))
    for name in word_tables.load("fields")["author_meta"]:
        found_values = tree.meta.get(name) or tree.meta_values.get(name) or ()
        if values := [v for v in found_values if not v.startswith(("http", "/"))]:
            yield Candidate("meta", name, byline.combine(values, publisher))
    yield from (_from_article(s, publisher) for s in found if s.source not in ("json-ld", "fusion", "next"))
    yield from byline_lines.near_headline(nearby, publisher)
    yield from _in_ending(paragraphs, ending, publisher)


def _from_article(article: EmbeddedArticle, publisher: str | None) -> Candidate[Byline]:
    names = [s.name for s in article.authors]
    return Candidate(article.source, f"{article.rule}.author", byline.combine(names, publisher))


def _in_ending(
    paragraphs: tuple[str, ...], ending: tuple[str, ...], publisher: str | None
) -> Iterator[Candidate[Byline]]:
    """Yield the names that sign the article, in its last paragraph or in one of the lines after it.

    A last paragraph may hold a name and nothing else.
    """
    for paragraph in paragraphs[-1:]:
        found = byline.parse(paragraph.strip("()[]"), publisher) if len(paragraph) < _LONGEST_NAME else Byline()
        if len(found.people) == len(found.printed) == 1 and 2 <= len(paragraph.split()) <= 3:
            yield Candidate("text", "last paragraph", found)
    for text in (*paragraphs[-1:], *ending):
        if (found := byline.signature(text, publisher)).people:
            yield Candidate("text", "signature", found)
