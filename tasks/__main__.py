"""`python -m tasks worker …`, `python -m tasks beat …`: Celery's own commands with our app, from any folder, whatever
modules lie there."""

from __future__ import annotations

import sys

from tasks.app import app

if __name__ == "__main__":
    sys.exit(app.start(sys.argv[1:]))
