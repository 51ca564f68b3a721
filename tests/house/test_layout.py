"""Tests that the tests mirror the source and that no folder is too full."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.paths import PROJECT

TESTS = PROJECT / "tests"
MIRRORED = ("worker", "tasks", "api", "sample")
MOST_MODULES = 15
#: Test modules of one aspect of a folder rather than of one source module.
ASPECTS = {
    "api/kibana/test_objects.py", "api/web/ui/test_browser.py", "api/web/ui/test_docs.py", "api/web/ui/test_pages.py",
    "sample/test_reading.py", "tasks/test_producer.py", "worker/archive/test_remote_store.py",
    "worker/discovery/test_malformed_input.py", "worker/extraction/test_golden.py",
    "worker/extraction/test_quality_floor.py", "worker/extraction/test_robustness.py",
    "worker/fetching/test_attacks.py", "worker/fetching/test_tls.py",
    "worker/services/digest/test_request_counts.py", "worker/storage/elasticsearch/test_security.py",
    "worker/storage/sqlite/test_schemas.py",
}  # fmt: skip
CONTRACTS = "worker/storage/contract"  #: tests of `worker/storage/ports.py` on every backend


def test_each_test_module_has_a_source_module() -> None:
    names = {str(path.relative_to(TESTS)) for folder in MIRRORED for path in (TESTS / folder).rglob("test_*.py")}
    unknown = {name for name in names if not name.startswith(CONTRACTS) and not _source_exists(Path(name))}
    assert unknown == ASPECTS


def _source_exists(test: Path) -> bool:
    source = PROJECT / test.parent / test.name.removeprefix("test_")
    return source.exists() or source.with_suffix("").is_dir()


@pytest.mark.parametrize("top", [*MIRRORED, "tests"])
def test_no_folder_has_too_many_modules(top: str) -> None:
    folders = [PROJECT / top, *(path for path in (PROJECT / top).rglob("*") if path.is_dir())]
    counts = {str(f.relative_to(PROJECT)): len([m for m in f.glob("*.py") if m.name != "__init__.py"]) for f in folders}
    counts.pop("api/cli/commands", None)  # one module for each command
    assert {folder: count for folder, count in counts.items() if count > MOST_MODULES} == {}
