"""The data folder, as everything that writes there needs it: nobody else may read it, since the store holds secrets."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from worker.errors import BadInput

UMASK = 0o077  #: of processes that write there


def private_folder(path: Path) -> Path:
    """The folder, made where it is missing, with what is missing above it; what was there keeps its rights. `OSError`
    where it cannot be had."""
    for missing in reversed([p for p in (path, *path.parents) if not p.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    path.mkdir(exist_ok=True)  # which complains of a file
    return path


def private(path: str, flags: int) -> int:
    """For `open(…, opener=private)`: a new file is its owner's alone."""
    return os.open(path, flags, 0o600)


def private_file(path: Path) -> None:
    """Make an empty one, where there is none, for somebody who would make it readable for all; an error is left to
    them."""
    with contextlib.suppress(OSError):
        os.close(private(str(path), os.O_CREAT | os.O_RDWR))


def writable_folder(path: Path) -> Path:
    """The folder, made where it is missing. `BadInput` where it cannot be had or written to."""
    try:
        private_folder(path)
        problem = "" if os.access(path, os.W_OK | os.X_OK) else "no right to write there"
    except FileExistsError:
        problem = "it is a file"
    except (OSError, ValueError) as e:
        problem = getattr(e, "strerror", None) or str(e)
    if problem:
        raise BadInput(f"COPYDESK_DATA_DIR: cannot use the folder {path} ({problem}); name one that can be written to")
    return path
