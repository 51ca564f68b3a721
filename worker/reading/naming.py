"""What an element's tag and names (class, id, role) say of the text in it: config/blocks.toml and config/zones.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path

_CONFIG = Path(__file__).resolve().parents[2] / "config"

#: Tags that are marks themselves.
TAGS = (
    "article", "aside", "blockquote", "dl", "figure", "footer", "form", "header", "li", "main", "nav", "ol", "section",
    "table", "ul",
)  # fmt: skip


@cache
def groups() -> tuple[str, ...]:
    """All groups: `<tag>` for tags, then those of config/blocks.toml. The order is that of features."""
    return (*(f"<{tag}>" for tag in TAGS), *(group for group, _ in _names()))


@lru_cache(maxsize=20_000)
def groups_of(tag: str, names: str) -> tuple[int, ...]:
    """Indexes into `groups()` of those that this element belongs to."""
    found = [TAGS.index(tag)] if tag in TAGS else []
    if names:
        found += [i for i, (_, pattern) in enumerate(_names(), len(TAGS)) if pattern.search(names)]
    return tuple(found)


@lru_cache(maxsize=20_000)
def zone_of(names: str) -> str | None:
    """The reason for which an element with these names is furniture with all that it holds."""
    return next((reason for reason, pattern in _zones() if pattern.search(names)), None) if names else None


@cache
def function_words() -> frozenset[str]:
    """Words that prose cannot do without, of all languages together."""
    with (_CONFIG / "blocks.toml").open("rb") as file:
        return frozenset(" ".join(tomllib.load(file)["function_words"].values()).split())


@cache
def _names() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _patterns("blocks.toml", "names")


@cache
def _zones() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _patterns("zones.toml", "zones")


def _patterns(name: str, table: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    with (_CONFIG / name).open("rb") as file:
        patterns = tomllib.load(file)[table]
    return tuple((key, re.compile(pattern)) for key, pattern in sorted(patterns.items()))
