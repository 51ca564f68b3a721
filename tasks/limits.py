"""The longest duration of tasks. A module without Celery, for supervisors and health checks."""

from __future__ import annotations

from worker.config.settings import Settings
from worker.services.sources.sitemap_walk import longest_walk_s


def longest_task_s(settings: Settings) -> int:
    """Return the maximum duration of a task in seconds.

    The longest is a host visit with the request under way at its end, a visit of a source, or a digest batch.
    """
    visit_s = settings.fetch_visit_s + 4 * settings.fetch_total_timeout_s
    return int(max(visit_s, longest_walk_s(settings), 2 * settings.digest_lease_s))
