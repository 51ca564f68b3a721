"""The links that a fetched page lists: which kind of source it is, and which of its articles are recent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from worker.discovery import feeds, section_links, sitemaps
from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.link_shapes import ShapeStatistics
from worker.errors import Unreadable
from worker.model.catalog import SourceKind
from worker.model.records import Fetched
from worker.services.context import AppContext


def detect_kind(fetched: Fetched) -> SourceKind:
    """Return whether a page is a feed, a sitemap, or a page with links. Raise `Unreadable` if it is none of these."""
    for kind, parse in ((SourceKind.FEED, feeds.parse), (SourceKind.SITEMAP, sitemaps.parse)):
        try:
            parse(fetched.body, fetched.url, fetched.content_type)
        except Unreadable:
            continue
        return kind
    section_links.find_articles(fetched.body, fetched.url, fetched.content_type)
    return SourceKind.SECTION


def recent_links(context: AppContext, links: Sequence[DiscoveredLink]) -> list[DiscoveredLink]:
    """Return the links that are not older than `source_max_age_days`, so that no archive of decades is queued."""
    days = context.settings.source_max_age_days
    if not days:
        return list(links)
    oldest = context.now() - timedelta(days=days)
    return [link for link in links if (link.modified or link.published or oldest) >= oldest]


def article_links(
    kind: SourceKind, fetched: Fetched, learned: ShapeStatistics | None = None
) -> tuple[DiscoveredLink, ...]:
    """Return the articles that a feed or a section page lists. Raise `Unreadable` if it is not one."""
    if kind is SourceKind.FEED:
        return feeds.parse(fetched.body, fetched.url, fetched.content_type).links
    return section_links.find_articles(fetched.body, fetched.url, fetched.content_type, learned)
