"""Log lines: for people, or one JSON object a line for machines (`log_format`)."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from worker.settings import Settings

QUIET = ("celery.app.trace", "celery.worker.strategy", "celery.beat")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up(settings: Settings) -> None:
    """Send every logger to standard error in the form that the settings name."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else text)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)  # what Elasticsearch calls deprecated, among others
    # Below, urllib3 logs whole addresses, and those of webhooks may be secrets.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    if settings.log_level != "debug":
        # Each failed request three times over, with tracebacks; what comes of it is told by our own errors.
        logging.getLogger("elastic_transport").setLevel(logging.ERROR)
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
