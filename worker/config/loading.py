"""Settings as users give them. The first that names a key wins: environment `COPYDESK_<KEY>`, a file named by
`COPYDESK_<KEY>_FILE` (for secrets), the TOML file named by `COPYDESK_CONFIG` (default config/copydesk.toml), the
default.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, get_origin

from pydantic import ValidationError

from worker.config.settings import CONFIG, Settings
from worker.errors import BadInput

PREFIX = "COPYDESK_"
NOT_OURS = ("COPYDESK_CONFIG", "COPYDESK_TEST_")  #: the name of the file, and what only the test suite reads


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. `BadInput` names the key, the value and what is allowed."""
    path = Path(environ.get(PREFIX + "CONFIG") or CONFIG / "copydesk.toml")
    in_file, in_environment = _from_file(path), _from_environment(environ)
    try:
        return Settings.model_validate(in_file | in_environment)
    except ValidationError as error:
        by_file = in_file.keys() - in_environment.keys()
        raise BadInput("\n".join(_explain(e, path, by_file) for e in error.errors())) from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadInput(f"COPYDESK_CONFIG: there is no file {path}; name an existing TOML file") from None
    except OSError as e:
        raise BadInput(f"COPYDESK_CONFIG: cannot read {path} ({e.strerror}); name an existing TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise BadInput(f"{path} is not valid TOML: {e}") from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name.startswith(NOT_OURS) or not value:
            continue
        key = name.removeprefix(PREFIX).lower()
        if key.endswith("_file") and key not in Settings.model_fields:
            key = key.removesuffix("_file")
            if PREFIX + key.upper() not in environ:
                found[key] = _secret(name, value)
        else:
            found[key] = _structured(name, value) if _is_structured(key) else value
    return found


def _is_structured(key: str) -> bool:
    field = Settings.model_fields.get(key)
    return field is not None and get_origin(field.annotation) in (tuple, dict)


def _structured(name: str, value: str) -> object:
    """A list or table as the file spells it, `[60, 120]` or `{"news.example" = 0.2}`, or its short form."""
    if not value.lstrip().startswith(("[", "{")):
        return value
    try:
        return tomllib.loads(f"value = {value.strip()}")["value"]
    except tomllib.TOMLDecodeError as e:
        shorter = "or words between commas, or name=value for tables"
        raise BadInput(f"{name}: {value!r} is no list or table of TOML ({e}); mend it, {shorter}") from None


def _secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as e:
        raise BadInput(f"{name}={path}: cannot read the secret from this file ({e.strerror})") from None
    except UnicodeDecodeError:
        raise BadInput(f"{name}={path}: cannot read the secret from this file (it is not UTF-8 text)") from None


def _explain(error: Any, path: Path, by_file: AbstractSet[str]) -> str:
    key = str(error["loc"][0])
    where = f"{path}: {key}" if key in by_file else f"{PREFIX}{key.upper()}"
    if error["type"] == "extra_forbidden":
        return f"{where}: there is no such setting; {_advice(key, is_in_file=key in by_file)}"
    is_secret = "SecretStr" in str(Settings.model_fields[key].annotation)
    value = "(secret)" if is_secret else repr(error["input"])
    why = error["msg"].removeprefix("Value error, ")
    return f"{where}: {value} is {'wrong; ' if why.startswith('allowed: ') else 'not allowed: '}{why}"


def _advice(key: str, *, is_in_file: bool) -> str:
    alike = difflib.get_close_matches(key, Settings.model_fields, 1)
    if not alike:
        return "config/copydesk.toml lists them all"
    return f"did you mean {alike[0] if is_in_file else PREFIX + alike[0].upper()}?"
