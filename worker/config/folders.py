"""Folders and files that only their owner can read, because the store holds secrets."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from worker.errors import BadInput

UMASK = 0o077  #: umask of processes that write to the data folder


def make_private_folder(path: Path) -> Path:
    """Create the folder and its missing parents, readable only by their owner.

    An existing folder keeps its permissions. Raises `OSError` if a folder cannot be created.
    """
    for missing in reversed([p for p in (path, *path.parents) if not p.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    path.mkdir(exist_ok=True)  # raises if the path is a file
    return path


def open_private(path: str, flags: int) -> int:
    """Open a file so that a new one is readable only by its owner: `open(…, opener=open_private)`."""
    return os.open(path, flags, 0o600)


def create_private_file(path: Path) -> None:
    """Create an empty file that only its owner can read, for a library that would create a readable one.

    Errors are ignored: the library reports them when it opens the file.
    """
    with contextlib.suppress(OSError):
        os.close(open_private(str(path), os.O_CREAT | os.O_RDWR))


def make_data_folder(path: Path) -> Path:
    """Create the data folder if it is missing. Raises `BadInput` if it cannot be created or written to."""
    try:
        make_private_folder(path)
        problem = "" if os.access(path, os.W_OK | os.X_OK) else "no right to write there"
    except FileExistsError:
        problem = "it is a file"
    except (OSError, ValueError) as e:
        problem = getattr(e, "strerror", None) or str(e)
    if problem:
        raise BadInput(f"COPYDESK_DATA_DIR: cannot use the folder {path} ({problem}); name a writable folder")
    return path
