"""All documents of a search, page by page, as they stood when it began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from worker.storage.elasticsearch.client import Client

PAGE = 1000  #: documents that one request brings
KEEP_ALIVE = "10m"  #: how long the reader may rest between two pages


def pages(
    client: Client, index: str, conditions: Sequence[Any], sort: Sequence[Any], limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """`_source` of what meets all conditions, as the last refresh showed it; at most `limit`."""
    pit = client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE)["id"]
    after, left = None, limit
    try:
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            answer = client.search(
                pit={"id": pit, "keep_alive": KEEP_ALIVE},
                query={"bool": {"filter": list(conditions)}},
                sort=sort,
                size=size,
                search_after=after,
                track_total_hits=False,
            )
            hits = answer["hits"]["hits"]
            yield from (hit["_source"] for hit in hits)
            if len(hits) < size:
                return
            after, left = hits[-1]["sort"], None if left is None else left - size
    finally:
        client.options(ignore_status=404).close_point_in_time(id=pit)
