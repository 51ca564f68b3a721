"""When things happen: the Celery app. What happens stands in `worker.services`."""

from tasks.app import app

__all__ = ["app"]
