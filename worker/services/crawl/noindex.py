"""Pages that forbid indexing (`fetch_noindex`), by the X-Robots-Tag header or by a meta element for robots."""

from __future__ import annotations

import re

from worker.config.settings import Settings
from worker.fetching.robots import forbids_listing, product_token
from worker.model.records import Fetched

HEAD_BYTES = 200_000
META = re.compile(rb"<meta\b[^>]{0,1000}>", re.IGNORECASE)
ATTRIBUTE = re.compile(rb"""\b(name|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)


def forbids_indexing(settings: Settings, fetched: Fetched) -> bool:
    """Return True if the setting is on and the page forbids indexing, for all robots or for ours by name."""
    if not settings.fetch_noindex:
        return False
    agent = settings.fetch_user_agent
    header = fetched.headers.get("x-robots-tag", "")
    names = (b"robots", product_token(agent).lower().encode())
    return forbids_listing(header, agent) or any(
        forbids_listing(content, agent) for content in _meta(fetched.body[:HEAD_BYTES], names)
    )


def _meta(head: bytes, names: tuple[bytes, ...]) -> list[str]:
    """Return the contents of the meta elements that have one of the names."""
    found = []
    for element in META.findall(head):
        values = {key.lower(): a or b or c for key, a, b, c in ATTRIBUTE.findall(element)}
        if values.get(b"name", b"").strip().lower() in names:
            found.append(values.get(b"content", b"").decode("utf-8", "replace"))
    return found
