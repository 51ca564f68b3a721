"""The jobs in a host's queue beside URLs: visits of sources, and subscription requests to hubs.

A URL's job is the id of its row. The id of another job says its kind and holds all that the job needs.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass

SOURCE = "source:"
HUB = "hub:"


@dataclass(frozen=True, slots=True)
class SourceJob:
    """One visit of a claimed source. It continues at another host if a redirect leads there."""

    name: str
    claim: int
    url: str = ""  #: URL to fetch next, if it is not the URL of the source
    hops: int = 0  #: redirects that led to `url`

    @property
    def id(self) -> str:
        """The id of the job in a host's queue."""
        return SOURCE + json.dumps(astuple(self))


@dataclass(frozen=True, slots=True)
class HubJob:
    """One request to the hub of a source's feed."""

    name: str  #: of the source

    @property
    def id(self) -> str:
        """The id of the job in a host's queue."""
        return HUB + self.name


def parse_job(id: str) -> SourceJob | HubJob | None:
    """Return the job of an id, or None if it is a URL's."""
    if id.startswith(SOURCE):
        return SourceJob(*json.loads(id.removeprefix(SOURCE)))
    return HubJob(id.removeprefix(HUB)) if id.startswith(HUB) else None
