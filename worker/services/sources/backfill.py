"""Queue all that an address lists, however old: a site's whole archive, sitemap by sitemap."""

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
from worker.services.crawl.polite_fetch import kind_of, listed, visit
from worker.services.intake.feed_hints import add_found
from worker.services.sources.registry import Crawled
from worker.services.sources.sitemap_walk import walk_on

log = logging.getLogger(__name__)


def backfill(context: AppContext, url: str, *, source: str = "") -> Iterator[Crawled]:
    """One `Crawled` for each sitemap of a tree, one for anything else; `source_max_age_days` does not count.

    Where the walk stands is kept under `data_dir` once a sitemap's addresses are in the ledger: after an error or a
    break the same call goes on from there. `BadInput` for what lists nothing, `CopydeskError` where the host is away.
    """
    url, source = urls.clean(url), source or urls.site(url)
    place = _Place(context.settings.data_dir / "walks" / f"{urls.url_id(urls.canonicalize(url))}.json")
    try:
        walk = place.read()
        if walk is None:
            fetched = visit(context, url)
            kind = kind_of(fetched)
            if kind is not SourceKind.SITEMAP:
                found = listed(kind, fetched)
                yield Crawled(listed=len(found), answers=tuple(add_found(context, found, source=source)))
                return
            walk = SitemapWalk.begin([url])
        while walk.next_url:
            walked = walk_on(context, walk, SitemapValidators(), most=1)
            answers = add_found(context, walked.pages, source=source)
            walk = walked.walk
            place.write(walk)
            problem = "; ".join(walked.problems) or None
            yield Crawled(listed=len(walked.pages), answers=tuple(answers), problem=problem, more=walked.more)
        place.forget()
    except Unreadable as e:
        raise BadInput(f"{url} lists no articles that can be read: {e}") from None
    except FetchFailed as e:
        go_on = ". The same command goes on where it stood" if place.read() else ""
        raise CopydeskError(f"{url} cannot be crawled: {e}{go_on}") from None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands, as a file that is there as a whole or not at all."""

    path: Path

    def read(self) -> SitemapWalk | None:
        try:
            return SitemapWalk.from_dict(json.loads(self.path.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as e:
            log.warning("%s cannot be read, so the walk begins anew: %s", self.path, e)
            return None

    def write(self, walk: SitemapWalk) -> None:
        make_private_folder(self.path.parent)
        new = self.path.with_suffix(".new")
        create_private_file(new)
        new.write_text(json.dumps(walk.as_dict()), "utf-8")
        new.replace(self.path)

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)
