"""Tests that config/copydesk.toml documents all settings."""

from __future__ import annotations

import re
import tomllib

from tests.support.paths import PROJECT
from worker.config.settings import Settings

FILE = PROJECT / "config" / "copydesk.toml"


def test_settings_file_documents_every_setting_with_its_default() -> None:
    text = FILE.read_text("utf-8")
    lines = re.findall(r"^(?:# )?([a-z_]+) = .+$", text, re.MULTILINE)
    assert sorted(lines) == sorted(Settings.model_fields)
    assert Settings.model_validate(tomllib.loads(text)) == Settings()


def test_settings_file_explains_every_setting() -> None:
    lines = [line for line in FILE.read_text("utf-8").splitlines() if re.match(r"(# )?[a-z_]+ = ", line)]
    assert all(re.search(r"\S +# \w", line.removeprefix("# ")) for line in lines), lines
