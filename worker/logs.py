"""Log lines: for people, or one JSON object a line for machines (`log_format`)."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from worker.config.settings import Settings

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


class _OnceAMinute(logging.Filter):
    """Of celery.beat, which tells of each task that it cannot send, each second, with two tracebacks."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if not str(record.msg).startswith("Message Error"):
            return True
        if record.created < self._next:
            return False
        self._next = record.created + 60
        why = record.args[0] if isinstance(record.args, tuple) and record.args else record.msg
        record.msg, record.args, record.exc_info = "Nothing can be sent to the broker: %s", (why,), None
        return True


def _is_wanted(record: logging.LogRecord) -> bool:
    """Not which setting of ours will be Celery's default one day, at length, whenever a broker is lost."""
    return "CPendingDeprecationWarning" not in record.getMessage()


def set_up(settings: Settings) -> None:
    """Send every logger to standard error in the form that the settings name."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else text)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)  # what Elasticsearch calls deprecated, among others
    logging.getLogger("py.warnings").addFilter(_is_wanted)
    logging.getLogger("celery.beat").addFilter(_OnceAMinute())
    # Below, urllib3 logs whole addresses, and those of webhooks may be secrets.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    if settings.log_level != "debug":
        # Each failed request three times over, with tracebacks; what comes of it is told by our own errors.
        logging.getLogger("elastic_transport").setLevel(logging.ERROR)
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
