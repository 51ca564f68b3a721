"""All hits of a search, page by page, from one snapshot of the index (a point in time)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from worker.storage.elasticsearch.client import Client

PAGE = 1000  #: hits of one request, unless the caller sets another number
KEEP_ALIVE = "10m"  #: longest time that the caller may take for one page

Hit = dict[str, Any]


def scan_pages(
    client: Client, index: str, *, sort: Any, size: int = PAGE, preference: str | None = None, **body: Any
) -> Iterator[list[Hit]]:
    """Yield the hits of a search in pages of `size`, none of them empty. `body` holds the query and its options."""
    pit = client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE, preference=preference)["id"]
    after = None
    try:
        while True:
            response = client.search(
                pit={"id": pit, "keep_alive": KEEP_ALIVE},
                sort=sort,
                size=size,
                search_after=after,
                track_total_hits=False,
                **body,
            )
            pit, hits = response["pit_id"], response["hits"]["hits"]
            if hits:
                yield hits
            if len(hits) < size:
                return
            after = hits[-1]["sort"]
    finally:
        client.options(ignore_status=404).close_point_in_time(id=pit)


def scan(client: Client, index: str, *, sort: Any, limit: int | None = None, **body: Any) -> Iterator[Hit]:
    """Yield the hits of a search one by one, at most `limit`. A limit of one page takes a single request."""
    if limit is not None and limit <= PAGE:
        yield from client.search(index=index, sort=sort, size=limit, track_total_hits=False, **body)["hits"]["hits"]
        return
    pages = scan_pages(client, index, sort=sort, **body)
    yield from islice(chain.from_iterable(pages), limit)


def all_of(*conditions: Any) -> dict[str, Any]:
    """Return a query for the documents that meet all conditions, without scores."""
    return {"bool": {"filter": list(conditions)}}


def any_of(*conditions: Any) -> dict[str, Any]:
    """Return a query for the documents that meet at least one of the conditions."""
    return {"bool": {"should": list(conditions), "minimum_should_match": 1}}
