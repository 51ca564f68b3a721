"""The exceptions of Copydesk, as one tree.

CopydeskError            every error that Copydesk can explain to a user
  BadInput               a mistake of the user: a wrong URL, setting, query or file
    NotSetUp             a store that nothing has created yet
  Unavailable            a required service does not answer: Redis, Elasticsearch
  Unreadable             bytes that cannot be read as a page
  FetchFailed            a host gave no usable answer to a request
"""

from __future__ import annotations

from worker.model.reasons import Reason


class CopydeskError(Exception):
    """Base class. The message says what happened, why, and what to do."""


class BadInput(CopydeskError):
    """A mistake of the user. Nothing was changed."""


class NotSetUp(BadInput):
    """A store that nothing has created yet: `copydesk run` and `copydesk index setup` create it."""


class Unavailable(CopydeskError):
    """A service that does not answer. Try again later: accepted URLs are not lost."""


class Unreadable(CopydeskError):
    """Bytes that cannot be read as a page: empty, binary, or not text."""


class FetchFailed(CopydeskError):
    """A request that gave no usable answer, with a reason for machines and a detail for people.

    `retry` is True if the same request may succeed soon; by default as the reason says. `retry_after_s` is the time
    that the host requests, in seconds. `status` is the HTTP status if there was a response.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        retry: bool | None = None,
        retry_after_s: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.retry = reason.retryable if retry is None else retry
        self.retry_after_s = retry_after_s
        self.status = status

    @property
    def rejected(self) -> bool:
        """True if a rule of ours refuses the request."""
        return self.reason.refuses
