"""Tests of the reasons: their codes, their statuses and the table in the documentation."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from tests.support.paths import PROJECT
from worker.model.reasons import Reason, Stage
from worker.model.records import Kind


def test_an_http_status_has_one_reason() -> None:
    assert Reason.http(404) is Reason("http-404")
    assert Reason.http(404) == "http-404"
    assert Reason.http(404).stage is Stage.FETCH


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(304, False), (404, False), (408, True), (425, True), (429, True), (500, True), (999, True)],
)
def test_a_status_is_retryable_if_the_host_may_recover(status: int, retryable: bool) -> None:
    assert Reason.http(status).retryable is retryable


@pytest.mark.parametrize("code", ["", "http-", "http-99", "http-4040", "http-404 ", "Timeout", "no-such-reason"])
def test_an_unknown_code_raises_value_error(code: str) -> None:
    with pytest.raises(ValueError, match="not a valid Reason"):
        Reason(code)


def test_a_stored_code_of_another_version_is_kept() -> None:
    reason = Reason.stored("of-another-version")
    assert reason == "of-another-version"
    assert reason is not None and reason.stage is Stage.OTHER
    assert Reason.stored("timeout") is Reason.TIMEOUT
    assert Reason.stored(None) is None


def test_reasons_survive_pickling() -> None:
    for reason in (*Reason, Reason.http(503)):
        assert pickle.loads(pickle.dumps(reason)) is reason


def test_every_kind_of_page_has_a_reason() -> None:
    for kind in Kind:
        reason = Reason(kind) if kind.is_article else Reason.not_an_article(kind)
        assert (reason.stage, reason.refuses) == (Stage.READ, not kind.is_article)


def test_the_table_in_the_documentation_is_current() -> None:
    command = [sys.executable, "docs/update_reasons.py", "--check"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
