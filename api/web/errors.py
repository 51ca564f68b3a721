"""What is wrong, as every call says it: `{"detail": "one plain sentence"}` with the status. What was sent is not
repeated."""

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

MOST_TOLD = 5  #: of the mistakes in one body
MOST_NAME_CHARS = 60  #: of a field, which the client may have named
RETRY_AFTER_S = 5
AWAY = "A store does not answer; try again in a few seconds"
log = logging.getLogger(__name__)


class Problem(BaseModel):
    detail: str = Field(description="what is wrong, and what to do")


def _storable(text: str) -> str:
    """Without half of a character, such as JSON's "\\ud800" alone: no UTF-8 carries it, so it can neither be stored nor
    answered."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a character (a lone surrogate); send whole ones") from None
    return text


#: Text in a body. Every string that a client sends as JSON has this type.
Text = Annotated[str, AfterValidator(_storable)]


def install(app: FastAPI) -> None:
    """Answer errors of ours, and what FastAPI finds wrong with a request."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(BadInput, _bad_input)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(RedisError, _unavailable)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    mistakes = error.errors() if isinstance(error, RequestValidationError) else ()
    return _answer(sentence(mistakes), 422)


async def refused(request: Request, error: Exception) -> Response:
    """FastAPI's 400 is a body that Python's JSON reader gives up on: not UTF-8, or nested beyond its depth."""
    if isinstance(error, HTTPException) and error.status_code == 400:
        return _answer("the body cannot be read as JSON: it is not UTF-8 text, or nested too deeply", 422)
    return await http_exception_handler(request, error)  # type: ignore[arg-type]


def _bad_input(_: Request, error: Exception) -> JSONResponse:
    return _answer(str(error), 422)


def _unavailable(request: Request, error: Exception) -> JSONResponse:
    return _answer(why_unavailable(request, error), 503, {"Retry-After": str(RETRY_AFTER_S)})


def admitted(request: Request) -> None:
    """Remember that its sender may ask us."""
    request.state.is_admitted = True


def why_unavailable(request: Request, error: Exception) -> str:
    """For whoever may ask us. Others, such as those whose key could not be looked up, learn no addresses of ours."""
    if getattr(request.state, "is_admitted", False):
        return str(error)
    log.warning("A store does not answer: %s", error)
    return AWAY


def sentence(mistakes: Sequence[Any]) -> str:
    """Of pydantic's errors: "urls.3: …; size: …"."""
    told = [_told(mistake) for mistake in mistakes[:MOST_TOLD]]
    more = len(mistakes) - len(told)
    return "; ".join([*told, f"and {more:,} more"] if more else told)


def _told(mistake: Any) -> str:
    """One of them, with its place: without "query" or "body" in front."""
    _, *path = mistake["loc"]
    if mistake["type"] == "json_invalid":
        return f"the body is no JSON: {mistake['ctx']['error']} at character {path[0]}"
    reason = str(mistake["msg"]).removeprefix("Value error, ")
    return f"{'.'.join(str(part)[:MOST_NAME_CHARS] for part in path) or 'the body'}: {reason}"


def _answer(detail: str, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    """A name in the sentence may be half a character, too."""
    return JSONResponse({"detail": detail.encode(errors="replace").decode()}, status, headers)
