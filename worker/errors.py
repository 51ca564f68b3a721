"""What can go wrong, as one tree.

CopydeskError            anything that we can explain to a user
  BadInput               the user's mistake: a wrong URL, setting, query or file
  Unavailable            a service that we need does not answer: Redis, Elasticsearch
  Unreadable             bytes from which no article can be read
  FetchFailed            a host gave no usable answer
"""

from __future__ import annotations


class CopydeskError(Exception):
    """The message says what is wrong and what to do."""


class BadInput(CopydeskError):
    """The user's mistake; nothing was changed."""


class Unavailable(CopydeskError):
    """A service does not answer; try again when it does. Nothing that was accepted is lost."""


class Unreadable(CopydeskError):
    """The bytes hold nothing that can be read as a page: empty, binary, or not text."""


class FetchFailed(CopydeskError):
    """A host gave no usable answer.

    `reason` is a slug that can be counted ("timeout", "blocked-address", "too-large", "http-503").
    `retry` tells whether it may go better later, `retry_after_s` when the host said when.
    `rejected` marks what is refused by rule (guard, size) rather than failed.
    """

    def __init__(
        self,
        reason: str,
        detail: str,
        *,
        retry: bool = False,
        retry_after_s: float | None = None,
        rejected: bool = False,
        status: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.retry = retry
        self.retry_after_s = retry_after_s
        self.rejected = rejected
        self.status = status
