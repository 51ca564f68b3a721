"""Settings as users give them.

Each setting comes from the first of these sources that names it:

1. the environment variable `COPYDESK_<KEY>`,
2. the file that `COPYDESK_<KEY>_FILE` names, for secrets,
3. the TOML file: `COPYDESK_CONFIG`, or `copydesk.toml` in the configuration folder,
4. the default in `Settings`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Container, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource, TomlConfigSettingsSource

from worker.config.settings import Settings
from worker.errors import BadInput
from worker.package_data import CONFIG_FILE, check_tables, config_folder

PREFIX = "COPYDESK_"
T = TypeVar("T")
#: Variables that are not settings: where the configuration is, and the options of the test suite.
NOT_SETTINGS = ("COPYDESK_CONFIG", "COPYDESK_CONFIG_DIR", "COPYDESK_TEST_")


class InvalidSettings(BadInput):
    """One or more wrong settings, with the settings that are left without them."""

    def __init__(self, problems: Sequence[str], valid: Settings) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)  #: a message for each wrong setting
        self.valid = valid  #: the valid settings, with defaults in place of the wrong ones


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from all their sources.

    Raises `InvalidSettings`, with the keys, the values and what is allowed, if some of them are wrong.
    """
    problems: list[str] = []
    file = _collect(problems, lambda: _settings_file(environ), None)
    in_file: dict[str, Any] = _collect(problems, partial(_from_file, file), {}) if file else {}
    environ = {k: v for k, v in environ.items() if k.startswith(PREFIX) and not k.startswith(NOT_SETTINGS) and v}
    in_environment = _secrets(environ, problems) | _Environment(environ, problems)()
    values = in_file | in_environment
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems += [_explain(e, in_environment, file) for e in error.errors()]
        wrong = {e["loc"][0] for e in error.errors()}
        settings = Settings(**{key: value for key, value in values.items() if key not in wrong})
    if problems:
        raise InvalidSettings(problems, settings)
    return settings


def _collect(problems: list[str], read: Callable[[], T], default: T) -> T:
    """Return what `read` returns. If it raises `BadInput`, add the message to `problems` and return the default."""
    try:
        return read()
    except BadInput as e:
        problems.append(str(e))
        return default


class _Environment(EnvSettingsSource):
    """Settings from environment variables, unknown names included."""

    def __init__(self, environ: Mapping[str, str], problems: list[str]) -> None:
        super().__init__(Settings, env_prefix=PREFIX)
        self._problems = problems
        self.env_vars = {name.lower(): value for name, value in environ.items()}

    def prepare_field_value(self, field_name: str, field: FieldInfo, value: Any, value_is_complex: bool) -> Any:  # noqa: ARG002
        """Return the value of a list or table in TOML syntax, or None if it is wrong.

        The validators of `Settings` read the short form.
        """
        if not (self.field_is_complex(field) and isinstance(value, str) and value.lstrip().startswith(("[", "{"))):
            return value
        try:
            return tomllib.loads(f"value = {value.strip()}")["value"]
        except tomllib.TOMLDecodeError as e:
            self._problems.append(
                f"{_variable(field_name)}: {value!r} is not a TOML list or table ({e}). Correct it, or use the short "
                "form: words separated by commas, name=value for a table"
            )
            return None

    def __call__(self) -> dict[str, Any]:
        keys = {name.removeprefix(PREFIX.lower()) for name in self.env_vars}
        unknown = {key for key in keys - Settings.model_fields.keys() if not key.endswith("_file")}
        return super().__call__() | {key: self.env_vars[PREFIX.lower() + key] for key in unknown}


def _secrets(environ: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    """Return the settings whose values are in files that `COPYDESK_<KEY>_FILE` names."""
    values: dict[str, str] = {}
    for name, path in environ.items():
        key = name.removeprefix(PREFIX).lower()
        if key.endswith("_file") and key not in Settings.model_fields:
            value = _collect(problems, partial(_secret, name, path), None)
            if value is not None:
                values[key.removesuffix("_file")] = value
    return values


def _secret(name: str, path: str) -> str | None:
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as e:
        raise BadInput(f"{name}={path}: cannot read the secret from this file ({e.strerror})") from None
    except UnicodeDecodeError:
        raise BadInput(f"{name}={path}: cannot read the secret from this file (it is not UTF-8 text)") from None


def _settings_file(environ: Mapping[str, str]) -> Path | None:
    """Return the TOML file with the user's settings, if there is one. Check the user's tables beside it."""
    folder = config_folder(environ)
    if folder:
        check_tables(folder)
    if named := environ.get(PREFIX + "CONFIG"):
        return Path(named)
    return folder / CONFIG_FILE if folder and (folder / CONFIG_FILE).exists() else None


def _from_file(path: Path) -> dict[str, Any]:
    """Return the settings in a TOML file. Raises `BadInput` if it cannot be read."""
    try:
        path.open("rb").close()  # the source ignores a file that does not exist
        return TomlConfigSettingsSource(Settings, path)()
    except FileNotFoundError:
        raise BadInput(f"COPYDESK_CONFIG: the file {path} does not exist; name an existing TOML file") from None
    except OSError as e:
        raise BadInput(f"COPYDESK_CONFIG: cannot read {path} ({e.strerror}); name an existing TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise BadInput(f"{path} is not valid TOML: {e}") from None


def _explain(error: Any, in_environment: Container[str], file: Path | None) -> str:
    """Return one validation error as a message: where the value is, the value, and what is allowed."""
    key = str(error["loc"][0])
    is_in_environment = key in in_environment
    where = _variable(key) if is_in_environment else f"{file}: {key}"
    if error["type"] == "extra_forbidden":
        if key in Settings.__class_vars__:
            return f"{where}: the value is fixed at {getattr(Settings, key)}; remove the setting"
        return f"{where}: unknown setting; {_advice(key, is_in_environment=is_in_environment)}"
    is_secret = "SecretStr" in str(Settings.model_fields[key].annotation)
    value = "(secret)" if is_secret else repr(error["input"])
    problem = error["msg"].removeprefix("Value error, ")
    return f"{where}: {value} is {'wrong; ' if problem.startswith('allowed: ') else 'not allowed: '}{problem}"


def _advice(key: str, *, is_in_environment: bool) -> str:
    close = difflib.get_close_matches(key, Settings.model_fields, 1)
    if not close:
        return "docs/running.md lists all settings"
    return f"did you mean {_variable(close[0]) if is_in_environment else close[0]}?"


def _variable(key: str) -> str:
    return PREFIX + key.upper()
