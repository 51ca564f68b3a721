"""Error answers: `{"detail": "…"}` with the status. They never repeat what the client sent."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from worker.errors import BadInput, Unavailable

MAX_MISTAKES = 5  #: maximum number of mistakes in one body that an answer lists
MAX_NAME_CHARS = 60  #: maximum length of a field's name, which may come from the client
RETRY_AFTER_S = 5
UNAVAILABLE = "A store does not answer. Try again in a few seconds."
UNREADABLE_BODY = "The body cannot be read as JSON: it is not UTF-8 text, or it is nested too deeply."
log = logging.getLogger(__name__)


class Problem(BaseModel):
    """An error answer."""

    detail: str = Field(description="what is wrong, and what to do")


def _storable(text: str) -> str:
    r"""Return the text. Raise `ValueError` for a lone surrogate, such as "\ud800" in JSON: UTF-8 cannot encode it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("the text contains half of a character (a lone surrogate); send whole characters") from None
    return text


#: Text in a body. Every string that a client sends as JSON has this type.
StorableText = Annotated[str, AfterValidator(_storable)]


def install(app: FastAPI) -> None:
    """Add handlers for our own errors and for requests that FastAPI rejects."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(BadInput, _bad_input)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(RedisError, _unavailable)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    mistakes = error.errors() if isinstance(error, RequestValidationError) else ()
    return _answer(describe_mistakes(mistakes), 422)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Return the answer to an `HTTPException`.

    FastAPI raises 400 for a body that Python's JSON reader cannot read: not UTF-8, or nested beyond its depth.
    """
    if isinstance(error, HTTPException) and error.status_code == 400:
        return _answer(UNREADABLE_BODY, 422)
    return await http_exception_handler(request, error)  # type: ignore[arg-type]


def _bad_input(_: Request, error: Exception) -> JSONResponse:
    return _answer(str(error), 422)


def _unavailable(request: Request, error: Exception) -> JSONResponse:
    return _answer(describe_unavailable(request, error), 503, {"Retry-After": str(RETRY_AFTER_S)})


def mark_authorized(request: Request) -> None:
    """Record that the caller of this request may use the API."""
    request.state.is_authorized = True


def describe_unavailable(request: Request, error: Exception) -> str:
    """Return why a store does not answer.

    The full error names addresses of ours. Only an authorized caller sees it; for others it is logged.
    """
    if getattr(request.state, "is_authorized", False):
        return str(error)
    log.warning("A store does not answer: %s", error)
    return UNAVAILABLE


def describe_mistakes(mistakes: Sequence[Any]) -> str:
    """Return pydantic's errors as one line: "urls.3: …; size: …"."""
    described = [_describe(mistake) for mistake in mistakes[:MAX_MISTAKES]]
    more = len(mistakes) - len(described)
    return "; ".join([*described, f"and {more:,} more"] if more else described)


def _describe(mistake: Any) -> str:
    """Return one error with its path, without the leading "query" or "body"."""
    _, *path = mistake["loc"]
    if mistake["type"] == "json_invalid":
        return f"the body is not JSON: {mistake['ctx']['error']} at character {path[0]}"
    reason = str(mistake["msg"]).removeprefix("Value error, ")
    return f"{'.'.join(str(part)[:MAX_NAME_CHARS] for part in path) or 'the body'}: {reason}"


def _answer(detail: str, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return an error answer. A field's name in `detail` may contain a lone surrogate, which is replaced."""
    return JSONResponse({"detail": detail.encode(errors="replace").decode()}, status, headers)
