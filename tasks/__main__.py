"""`python -m tasks worker …`, `python -m tasks beat …`: Celery's commands with this app.

They work in any folder, whatever modules are there.
"""

from __future__ import annotations

import sys

from tasks.app import app

if __name__ == "__main__":
    sys.exit(app.start(sys.argv[1:]))
