"""Log lines: text for people, or one JSON object per line for machines (setting `log_format`)."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from worker.config.settings import Settings

QUIET = ("celery.app.trace", "celery.worker.strategy", "celery.beat")  #: loggers that only write warnings
BEAT_PERIOD_S = 60.0  #: between two lines of beat about a broker that does not answer


class JsonFormatter(logging.Formatter):
    """Formatter that writes a log record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON, with the traceback in `exception`."""
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


class _BeatFilter(logging.Filter):
    """Filter for celery.beat, which logs each task that it cannot send, every second, with two tracebacks.

    One line a minute remains, without tracebacks.
    """

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if not str(record.msg).startswith("Message Error"):
            return True
        if record.created < self._next:
            return False
        self._next = record.created + BEAT_PERIOD_S
        problem = record.args[0] if isinstance(record.args, tuple) and record.args else record.msg
        record.msg, record.args, record.exc_info = "Cannot send tasks to the broker: %s", (problem,), None
        return True


def _is_relevant(record: logging.LogRecord) -> bool:
    """Return False for Celery's long warning about future defaults, logged each time a broker is lost."""
    return "CPendingDeprecationWarning" not in record.getMessage()


def set_up(settings: Settings) -> None:
    """Send all log lines to standard error, in the format and from the level on that the settings name."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else text)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)  # such as deprecations that Elasticsearch reports
    logging.getLogger("py.warnings").addFilter(_is_relevant)
    logging.getLogger("celery.beat").addFilter(_BeatFilter())
    # On lower levels urllib3 logs whole URLs, and those of webhooks may be secrets.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    if settings.log_level != "debug":
        # It logs each failed request three times, with tracebacks. Our own errors report the failure once.
        logging.getLogger("elastic_transport").setLevel(logging.ERROR)
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
