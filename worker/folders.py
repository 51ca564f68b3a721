"""The data folder, as everything that writes there needs it."""

from __future__ import annotations

import os
from pathlib import Path

from worker.errors import BadInput


def writable_folder(path: Path) -> Path:
    """The folder, made where it is missing. `BadInput` where it cannot be had or written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        problem = "" if os.access(path, os.W_OK | os.X_OK) else "no right to write there"
    except FileExistsError:
        problem = "it is a file"
    except (OSError, ValueError) as e:
        problem = getattr(e, "strerror", None) or str(e)
    if problem:
        raise BadInput(f"COPYDESK_DATA_DIR: cannot use the folder {path} ({problem}); name one that can be written to")
    return path
