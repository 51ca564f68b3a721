"""Tests that code and documentation avoid turns of phrase that a reader has to read twice (CONTRIBUTING.md)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

#: Each pattern with a plain replacement. Case does not matter.
BANNED = {
    r"anew": "again",
    r"in peace": "pause, skip",
    r"c(?:an|ould) ?not be had|c(?:an|ould) be had": "is not available, is available",
    r"as (?:it|they) stands?": "unchanged",
    r"nobody else'?s?": "only this …",
    r"whoever": "the client, the caller, the user who …",
    r"whatever comes": "any …",
    r"of which": "a new sentence",
    r"there is no such": "unknown, does not exist",
    r"(?<!there )is no (?!longer|more|less|later|better|worse|slower|faster|need|way|reason|other|one)\w+": "is not a",
    r"mend(?:s|ed|ing)?": "repair, fix",
    r"(?:lies|lay|lie) (?:in|on|at|below|above|under|beside|outside|within|behind|before|after)": "is located",
    r"(?<!-)stands?(?!-|\w| for| alone)": "is, appears",
    r"askance": "penalise",
    r"comes to(?! the same)": "results in",
    r"holds? it so": "keeps, checks",
    r"in vain": "without success",
    r"thereby": "so",
    r"be it|were that": "whether …",
    r"so as to": "to",
    r'(?<!TABLE )(?<!INTO )(?<!ON )(?<!")shelf': "document store",  # SQL may use the first name of a table
    r"desk(?!\w)": "context",
    r"(?-i:bell)": "wake_digesters",
    r"left alone|leave[sd]? (?:\w+ )?alone": "paused, skipped, unchanged",
}
#: One group for each pattern. The word boundary comes first: most positions of a text fail there.
PATTERN = re.compile(rf"\b(?:{'|'.join(f'(?P<p{n}>{p})' for n, p in enumerate(BANNED))})\b", re.IGNORECASE)
FOLDERS = ("worker", "tasks", "api", "config", "docs", "tests", ".ci")
SUFFIXES = {".py", ".md", ".toml", ".sh", ".html", ".lua", ".yml", ".js", ".css", ""}
#: Texts of others, word lists and data, which contain these words as words of pages.
DATA = (
    "tests/golden/", "tests/support/pages/corpus.py", "tests/support/pages/article_pages.py",
    "tests/house/test_prose.py",
    "worker/extraction/tables/", "worker/extraction/classifier/", "api/web/ui/static/vendor",
)  # fmt: skip


def _files() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        is_ours = name.startswith(tuple(f"{folder}/" for folder in FOLDERS)) or "/" not in name
        path = PROJECT / name
        if is_ours and not name.startswith(DATA) and path.suffix in SUFFIXES and path.exists():
            yield path


def _turns(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line number, turn and replacement of each banned turn."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in PATTERN.finditer(line):
            yield number, found.group(), list(BANNED.values())[int(str(found.lastgroup)[1:])]


def test_no_file_has_a_banned_turn() -> None:
    complaints = [
        f"{path.relative_to(PROJECT)}:{number}: {turn!r}; write: {advice}"
        for path in _files()
        for number, turn, advice in _turns(path.read_text("utf-8"))
    ]
    assert not complaints, f"{len(complaints)} banned turns:\n" + "\n".join(complaints[:200])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The file stands here.", 1),
        ("A stand-in for the server.", 0),
        ("Copydesk is a newsdesk.", 0),
        ("It stands for a name.", 0),
        ("It is no page.", 1),
        ("It is no longer there.", 0),
    ],
)
def test_banned_turns_are_found(text: str, count: int) -> None:
    assert len(list(_turns(text))) == count
