"""The direction of imports: api -> tasks -> worker, and inside worker as ARCHITECTURE.md draws it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.settings import PROJECT

ROOMS = ("reading", "fetching", "storing")
RECORDS = ("records", "queries", "catalog", "errors", "urls", "settings", "folders")

#: What a module, by the longest of these prefixes that its name has, may import of ours.
ALLOWED: dict[str, tuple[str, ...]] = {
    "worker.records": (),
    "worker.errors": (),
    "worker.queries": ("worker.records", "worker.errors"),
    "worker.catalog": ("worker.queries",),
    "worker.urls": ("worker.records", "worker.errors"),
    "worker.settings": ("worker.errors",),
    "worker.loading": ("worker.settings", "worker.errors"),
    "worker.folders": ("worker.errors",),
    "worker.logs": ("worker.settings",),
    **{f"worker.{room}": (f"worker.{room}", *(f"worker.{name}" for name in RECORDS)) for room in ROOMS},
    "worker.desk": (
        "worker.desk",
        *(f"worker.{room}" for room in ROOMS),
        *(f"worker.{name}" for name in RECORDS),
    ),
    "worker.wiring": ("worker",),
    "sample": ("sample",),
    "tasks": ("tasks", "worker"),
    "api": ("api", "tasks", "worker", "sample"),
}
OURS = ("worker", "tasks", "api", "sample", "bench", "tests")


MODULES = [path for room in ("worker", "tasks", "api", "sample") for path in sorted((PROJECT / room).rglob("*.py"))]


def _name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: import by absolute name"
            # `from worker import urls` names a module, `from worker.urls import site` a thing in it.
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def _is_in(name: str, room: str) -> bool:
    return name == room or name.startswith(room + ".")


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_point_one_way(path: Path) -> None:
    name = _name(path)
    rules = [room for room in ALLOWED if _is_in(name, room)]
    if not rules:
        assert name in ("worker",), f"say in ALLOWED what {name} may import"
        return
    allowed = ALLOWED[max(rules, key=len)]
    for imported, line in _imports(ast.parse(path.read_text("utf-8"))):
        if imported.split(".")[0] in OURS:
            assert any(_is_in(imported, room) for room in allowed), f"{path}:{line} imports {imported}"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_stand_at_the_top(path: Path) -> None:
    """A late import hides a circle."""
    tree = ast.parse(path.read_text("utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            late = [node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
            assert not late, f"{path}: imports inside {function.name}, lines {late}"


def test_a_forbidden_import_would_be_seen() -> None:
    found = [name for name, _ in _imports(ast.parse("from worker.storing import spool\nimport api.serve"))]
    assert found == ["worker.storing.spool", "api.serve"]
    assert not any(_is_in(found[0], room) for room in ALLOWED["worker.reading"])
