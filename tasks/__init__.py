"""When things happen: the Celery app that `celery -A tasks worker` loads. What happens stands in `worker.services`."""

from tasks.app import app

__all__ = ["app"]
