"""Queue all articles that a URL lists, however old: for example the whole archive of a site, sitemap by sitemap."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from worker import urls
from worker.config.folders import create_private_file, make_private_folder
from worker.discovery.sitemap_tree import SitemapValidators, SitemapWalk
from worker.errors import BadInput, CopydeskError, FetchFailed, Unreadable
from worker.model.catalog import SourceKind
from worker.services.context import AppContext
from worker.services.crawl.source_fetch import ImmediateFetch
from worker.services.intake.feed_hints import add_found
from worker.services.sources.page_links import article_links, detect_kind
from worker.services.sources.sitemap_walk import walk_part
from worker.services.sources.visits import VisitResult

log = logging.getLogger(__name__)


def backfill(context: AppContext, url: str, *, source: str = "") -> Iterator[VisitResult]:
    """Yield a result for each sitemap of a tree, or one for another page. `source_max_age_days` does not apply.

    The position of the walk is saved under `data_dir` after each sitemap's URLs are in the ledger. After an error or
    an interruption the same call continues from there. Raise `BadInput` if the page lists nothing, and `CopydeskError`
    if it cannot be fetched.
    """
    url, source = urls.clean(url), source or urls.site(url)
    position = _Position(context.settings.data_dir / "walks" / f"{urls.url_id(urls.canonicalize(url))}.json")
    fetch = ImmediateFetch(context)
    try:
        walk = position.read()
        if walk is None:
            fetched = fetch(url)
            kind = detect_kind(fetched)
            if kind is not SourceKind.SITEMAP:
                links = article_links(kind, fetched)
                yield VisitResult(listed=len(links), answers=tuple(add_found(context, links, source=source)))
                return
            walk = SitemapWalk.begin([url])
        while walk.next_url:
            part = walk_part(fetch, walk, SitemapValidators(), context.now().timestamp(), steps=1)
            answers = add_found(context, part.pages, source=source)
            walk = part.walk
            position.write(walk)
            problem = "; ".join(part.problems) or None
            yield VisitResult(listed=len(part.pages), answers=tuple(answers), problem=problem, more=part.more)
        position.delete()
    except Unreadable as e:
        raise BadInput(f"{url} lists no articles that can be read: {e}") from None
    except FetchFailed as e:
        advice = ". To continue from this point, run the same command again." if position.read() else ""
        raise CopydeskError(f"{url} cannot be crawled: {e}{advice}") from None


@dataclass(frozen=True, slots=True)
class _Position:
    """The position of a walk, in a file that is replaced as a whole."""

    path: Path

    def read(self) -> SitemapWalk | None:
        try:
            return SitemapWalk.from_dict(json.loads(self.path.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as e:
            log.warning("Position not readable, so the walk starts from the beginning: %s: %s", self.path, e)
            return None

    def write(self, walk: SitemapWalk) -> None:
        make_private_folder(self.path.parent)
        new = self.path.with_suffix(".new")
        create_private_file(new)
        new.write_text(json.dumps(walk.as_dict()), "utf-8")
        new.replace(self.path)

    def delete(self) -> None:
        self.path.unlink(missing_ok=True)
