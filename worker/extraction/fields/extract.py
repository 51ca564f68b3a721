"""The article's fields besides body, images and kind, each chosen among its candidates, with provenance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from worker.extraction.candidates import Candidate, choose
from worker.extraction.fields import byline_candidates, headline, publisher, section
from worker.extraction.fields.byline import Byline
from worker.extraction.fields.dateline_search import find_dateline
from worker.extraction.fields.dates import find_dates
from worker.extraction.fields.headline_context import HeadlineContext, around_headline
from worker.extraction.html.tree import Tree, text_of
from worker.extraction.page_data import PageData
from worker.extraction.text import agencies, language_id
from worker.extraction.text.date_parser import ParsedDate
from worker.model.records import Provenance

_TAG_LIST = re.compile(r"(?:^|[-_ ])(?:tags|taglist|keywords|topics)(?:$|[-_ ])", re.I)
_LONGEST_TAG = 60  #: characters
_MAX_TAGS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Values for the Article's fields of the same names, and `provenance` by these names."""

    headline: str | None = None
    description: str | None = None
    author: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()  #: all names of the byline, organisations too
    agency: str | None = None
    article_section: str | None = None
    keywords: tuple[str, ...] = ()
    language: str | None = None
    date_published: datetime | None = None
    date_modified: datetime | None = None
    date_precision: str | None = None
    dateline: str | None = None
    publisher: str | None = None
    canonical_url: str | None = None
    provenance: Mapping[str, Provenance] = field(default_factory=dict)


def find_fields(
    tree: Tree,
    data: PageData,
    paragraphs: tuple[str, ...],
    latest: datetime | None = None,
    opening: tuple[str, ...] = (),
    ending: tuple[str, ...] = (),
) -> Fields:
    """Return every field. Never raises an error.

    `paragraphs` are the body's; `latest` is the time of the fetch, if known; `opening` are the texts of the blocks
    before the body, the nearest first; `ending` are those after it.
    """
    nearby = around_headline(tree)
    publishers = list(publisher.candidates(tree, data))
    names = tuple(dict.fromkeys(c.value for c in publishers))
    publisher_name, publisher_from = choose(publishers)
    title, title_from = choose(headline.candidates(tree, data, names))
    byline, byline_from = choose(
        byline_candidates.candidates(tree, data, nearby, publisher_name, names, title, paragraphs, ending), _joined
    )
    section_name, section_from = choose(
        section.candidates(tree, data, nearby, title, names, byline.printed if byline else ())
    )
    language_code, language_from = _language(tree, data, title, paragraphs)
    dates = find_dates(tree, data, nearby, language_code, latest)
    found = find_dateline(nearby, paragraphs, opening, title, names)
    if found is None:  # the body may lack its first lines
        found = find_dateline(HeadlineContext(), data.paragraphs, (), title, names)
    line = found.dateline if found else None
    agency, agency_from = choose(_agency(line.agency if line else None, byline, data))
    description, description_from = choose(_descriptions(tree, data))
    keywords, keywords_from = choose(_keyword_candidates(tree, data), ", ".join)
    canonical, canonical_from = choose(_canonical_urls(tree))
    provenance = {
        "publisher": publisher_from,
        "headline": title_from,
        "article_section": section_from,
        "author": byline_from,
        "language": language_from,
        "date_published": dates.published_from,
        "date_modified": dates.modified_from,
        "dateline": Provenance(source="text", rule=found.rule) if found and found.dateline.place else None,
        "agency": agency_from,
        "description": description_from,
        "keywords": keywords_from,
        "canonical_url": canonical_from,
    }
    return Fields(
        headline=title,
        description=description,
        author=byline.people if byline else (),
        byline=byline.printed if byline else (),
        agency=agency,
        article_section=section_name,
        keywords=keywords or (),
        language=language_code,
        date_published=_datetime(dates.published),
        date_modified=_datetime(dates.modified),
        date_precision=dates.published.precision if dates.published else None,
        dateline=line.place if line else None,
        publisher=publisher_name,
        canonical_url=canonical,
        provenance={name: source for name, source in provenance.items() if source is not None},
    )


def site_names(tree: Tree, data: PageData) -> tuple[str, ...]:
    """Return the names of the site, best first. They are used to distinguish the publication from a person."""
    return tuple(dict.fromkeys(c.value for c in publisher.candidates(tree, data)))


def _joined(byline: Byline) -> str:
    return ", ".join(byline.printed)


def _datetime(date: ParsedDate | None) -> datetime | None:
    return date.value if date else None


def _language(
    tree: Tree, data: PageData, title: str | None, paragraphs: tuple[str, ...]
) -> tuple[str | None, Provenance | None]:
    declared = [("html lang", tree.root.get("lang")), ("og:locale", tree.meta_first("og:locale", "content-language"))]
    declared += [(f"{s.rule}.inLanguage", v) for s, v in data.values(lambda s: s.language)]
    tag = next((v for _, v in declared if v), None)
    code, share = language_id.identify(" ".join((title or "", *paragraphs[:40])), tag)
    if code is None:
        return None, None
    source, rule = ("text", f"small words, {share:.2f}") if share else ("meta", "declared")
    return code, Provenance(source=source, rule=rule, rivals=tuple((n, v) for n, v in declared if v))


def _agency(dateline_agency: str | None, byline: Byline | None, data: PageData) -> list[Candidate[str]]:
    found = [Candidate("text", "dateline", dateline_agency)] if dateline_agency else []
    found += [Candidate("dom", "byline", byline.agency)] if byline and byline.agency else []
    for article, name in data.values(lambda s: s.agency):
        if (agency := agencies.find(name)) is not None and agency.is_wire:
            found.append(Candidate(article.source, f"{article.rule}.agency", agency.name))
    return found


def _descriptions(tree: Tree, data: PageData) -> list[Candidate[str]]:
    found = [
        Candidate("meta", n, v)
        for n in ("og:description", "description", "twitter:description")
        if (v := tree.meta_first(n))
    ]
    return found + [Candidate(s.source, f"{s.rule}.description", v) for s, v in data.values(lambda s: s.description)]


def _keyword_candidates(tree: Tree, data: PageData) -> list[Candidate[tuple[str, ...]]]:
    found = [Candidate(s.source, f"{s.rule}.keywords", v) for s, v in data.values(lambda s: s.keywords)]
    for name in ("article:tag", "news_keywords", "keywords", "parsely-tags"):
        values = tree.meta.get(name, ())
        if split := tuple(dict.fromkeys(k for v in values for p in v.split(",") if (k := p.strip()))):
            found.append(Candidate("meta", name, split))
    if not found and (tags := _tag_links(tree)):
        found.append(Candidate("dom", "list of tags", tags))
    return found


def _tag_links(tree: Tree) -> tuple[str, ...]:
    """Return the links of a list that is named for tags, or the links with rel=tag."""
    lists = (n for tag in ("ul", "ol", "div", "p") for n in tree.root.iter(tag))
    tag_list = next((n for n in lists if _TAG_LIST.search(n.get("class") or "")), None)
    links = list(tag_list.iter("a")) if tag_list is not None else []
    links = links or [a for a in tree.root.iter("a") if "tag" in (a.get("rel") or "").split()]
    texts = dict.fromkeys(t for a in links if 1 < len(t := text_of(a)) <= _LONGEST_TAG)
    return tuple(texts) if 0 < len(texts) <= _MAX_TAGS else ()


def _canonical_urls(tree: Tree) -> list[Candidate[str]]:
    """Return the canonical URL as the page names it, absolute. Hostile schemes are left out."""
    links = [n.get("href") for n in tree.root.iter("link") if "canonical" in (n.get("rel") or "").lower().split()]
    found = [Candidate("dom", "link rel=canonical", a) for href in links if (a := tree.absolute(href))]
    return found + [Candidate("meta", "og:url", a) for v in tree.meta.get("og:url", ()) if (a := tree.absolute(v))]
