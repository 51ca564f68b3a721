"""Files that ship inside the packages (tables, models, mappings, scripts), and the tables that users add to them.

A user's tables are in `tables/` of the configuration folder. A file there extends the shipped table of the same name:
tables merge key by key, lists are appended, any other value replaces the shipped one.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from worker.errors import BadInput

CONFIG_DIR = "COPYDESK_CONFIG_DIR"  #: the environment variable that names the configuration folder
CONFIG_FILE = "copydesk.toml"  #: the settings file in the configuration folder
TABLE_PACKAGES = ("worker", "worker.discovery", "worker.extraction.tables")  #: where shipped tables are


def read_text(package: str, *path: str) -> str:
    """Return the text of a file that ships inside a package."""
    return _folder(package).joinpath(*path).read_text("utf-8")


def read_table(package: str, name: str) -> dict[str, Any]:
    """Return the shipped table `name`, extended by the user's table of the same name.

    Raises `BadInput` if the user's table cannot be read or does not fit.
    """
    shipped = tomllib.loads(read_text(package, name))
    folder = config_folder()
    path = folder / "tables" / name if folder else None
    if path is None or not path.is_file():
        return shipped
    return _merge(shipped, _parse(path), path)


def has_user_table(name: str) -> bool:
    """Return True if the user has a table of this name."""
    folder = config_folder()
    return folder is not None and (folder / "tables" / name).is_file()


def config_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the configuration folder: COPYDESK_CONFIG_DIR, or `config` if it has a copydesk.toml, or None.

    Raises `BadInput` if COPYDESK_CONFIG_DIR names a folder that does not exist.
    """
    named = environ.get(CONFIG_DIR)
    if named:
        folder = Path(named)
        if not folder.is_dir():
            raise BadInput(f"{CONFIG_DIR}: the folder {folder} does not exist; create it or name another one")
        return folder
    folder = Path("config")
    return folder if (folder / CONFIG_FILE).is_file() else None


def check_tables(folder: Path) -> None:
    """Raise `BadInput` if a table of the user is not valid, or has a name that no shipped table has.

    Without this check a misspelt file name would go unnoticed.
    """
    packages = {item.name: package for package in TABLE_PACKAGES for item in _folder(package).iterdir()}
    for path in sorted((folder / "tables").glob("*")):
        if path.suffix != ".toml" or path.name not in packages:
            names = ", ".join(sorted(name for name in packages if name.endswith(".toml")))
            raise BadInput(f"Unknown table: {path}. Rename it to the table that it extends: {names}")
        _merge(tomllib.loads(read_text(packages[path.name], path.name)), _parse(path), path)


def _folder(package: str) -> Traversable:
    """Return the folder of a package, without importing the package."""
    root, *names = package.split(".")
    return files(root).joinpath(*names)


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as e:
        raise BadInput(f"Cannot read the table {path}: {e.strerror}. Check its permissions") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise BadInput(f"{path} is not valid TOML: {e}") from None


def _merge(shipped: Mapping[str, Any], added: Mapping[str, Any], path: Path, parents: str = "") -> dict[str, Any]:
    """Return `shipped` extended by `added`; `path` and `parents` name the place in error messages."""
    merged = dict(shipped)
    for key, value in added.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merge(old, value, path, f"{parents}{key}.")
        elif isinstance(old, list) and isinstance(value, list):
            merged[key] = old + value
        elif old is None or _kind(old) == _kind(value):
            merged[key] = value
        else:
            raise BadInput(f"{path}: {parents}{key} must be a {_kind(old)}, as in the shipped table")
        _check_kind(shipped, key, value, f"{path}: {parents}{key}")
    return merged


def _check_kind(shipped: Mapping[str, Any], key: str, value: object, place: str) -> None:
    """Raise `BadInput` if a new key or a list entry is of another kind than all shipped ones. `place` names it."""
    kinds = {_kind(other) for other in shipped.values()}
    if key not in shipped and len(shipped) > 1 and len(kinds) == 1 and _kind(value) not in kinds:
        raise BadInput(f"{place} must be a {kinds.pop()}, as the shipped keys beside it")
    old = shipped.get(key)
    if isinstance(old, list) and isinstance(value, list):
        kinds = {_kind(entry) for entry in old}
        for entry in value:
            if kinds and _kind(entry) not in kinds:
                raise BadInput(f"{place}: {entry!r} must be a {' or '.join(sorted(kinds))}, as in the shipped list")


def _kind(value: object) -> str:
    return {dict: "table", list: "list", str: "string", bool: "boolean"}.get(type(value), "number")
