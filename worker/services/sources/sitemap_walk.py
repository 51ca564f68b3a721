"""Some steps of a walk through a tree of sitemaps."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

from worker.config.settings import Settings
from worker.discovery import sitemaps
from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.sitemap_tree import SitemapValidators, SitemapWalk
from worker.errors import FetchFailed, Unreadable
from worker.services.context import AppContext
from worker.services.crawl.polite_fetch import HOST_AWAY, longest_visit_s, visit

log = logging.getLogger(__name__)

SITEMAPS_A_VISIT = 20
PAGES_A_VISIT = 100_000  # after which no further sitemap is begun
VISIT_S = 120.0  # the same, in seconds: a visit must end before its claim does


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """Where the walk stands, and what the steps brought."""

    walk: SitemapWalk
    validators: SitemapValidators = field(default_factory=SitemapValidators)
    pages: tuple[DiscoveredLink, ...] = ()
    named: int = 0  #: pages and parts, those included that were left out as unchanged
    unchanged: int = 0  #: sitemaps that answered 304
    problems: tuple[str, ...] = ()  #: of sitemaps that were left out

    @property
    def more(self) -> bool:
        return self.walk.next_url is not None


def longest_s(settings: Settings) -> float:
    """Seconds that no walk on exceeds: the last sitemap is begun when its time is nearly over."""
    return VISIT_S + longest_visit_s(settings)


def walk_on(
    context: AppContext, walk: SitemapWalk, validators: SitemapValidators, *, most: int | None = None
) -> Walked:
    """`most` steps (`SITEMAPS_A_VISIT`), or fewer where they take long or name much. A sitemap that cannot be had is
    left out; where its host is away the steps end. Raises if that is so at the first step, or for the first of all."""
    walked = Walked(walk=walk, validators=validators)
    began = context.now().timestamp()
    for step in range(SITEMAPS_A_VISIT if most is None else most):
        address = walked.walk.next_url
        if address is None or context.now().timestamp() - began > VISIT_S or len(walked.pages) >= PAGES_A_VISIT:
            break
        try:
            walked = _step(context, walked, address)
        except (FetchFailed, Unreadable) as e:
            is_away = isinstance(e, FetchFailed) and e.reason in HOST_AWAY
            if walked.walk.visited == 0 or (is_away and step == 0):
                raise
            if is_away:
                break
            log.warning("Sitemap %s: %s", address, e)
            walked = replace(walked, walk=walked.walk.skip(), problems=(*walked.problems, f"{address}: {e}"))
    return walked


def _step(context: AppContext, walked: Walked, address: str) -> Walked:
    now = context.now().timestamp()
    etag, last_modified = walked.validators.get(address, now)
    fetched = visit(context, address, etag=etag, last_modified=last_modified)
    if fetched.status == 304:
        return replace(walked, walk=walked.walk.skip(), unchanged=walked.unchanged + 1)
    sitemap = sitemaps.parse(fetched.body, fetched.url, fetched.content_type)
    walk, pages = walked.walk.advance(sitemap)
    return replace(
        walked,
        walk=walk,
        # An index is asked for as a whole each time: its parts may change though it does not.
        validators=walked.validators if sitemap.sitemaps else walked.validators.with_response(address, fetched, now),
        pages=walked.pages + pages,
        named=walked.named + walk.named - walked.walk.named,
    )
