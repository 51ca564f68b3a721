"""/openapi.json: the OpenAPI description of the API. The page /docs shows the same.

FastAPI's own pages would load scripts from other sites and need no key.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from fastapi import APIRouter, FastAPI, Request

from api.web.errors import Problem

router = APIRouter(include_in_schema=False)
SCHEMAS = "#/components/schemas/"
PROBLEMS = {
    401: "The key is missing or invalid",
    403: "The key lacks the scope, or another site or a proxy sent the call",
    404: "Nothing has this id or name",
    410: "This server has not subscribed to this, or has cancelled the subscription",
    413: "The body is too long",
    422: "The request is invalid; `detail` names the field and the allowed values",
    429: "Too many calls, or too many wrong keys; Retry-After says how long to wait",
    503: "A store does not answer; Retry-After says how long to wait",
}


class Api(FastAPI):
    """The application, whose description names the errors of each call.

    The errors follow from the parameters of a call, so a new route need not list them. All have the form `Problem`;
    FastAPI's own form of a 422 is removed.
    """

    _described: dict[str, Any] | None = None

    def openapi(self) -> dict[str, Any]:
        """Return the description, made once."""
        if self._described is None:
            self._described = _with_errors(deepcopy(super().openapi()))
        return self._described


@router.get("/openapi.json", summary="The OpenAPI description of this API")
def openapi(request: Request) -> dict[str, Any]:
    """Return the OpenAPI description."""
    described: dict[str, Any] = request.app.openapi()
    return described


def _with_errors(described: dict[str, Any]) -> dict[str, Any]:
    for path, operations in described["paths"].items():
        for operation in operations.values():
            _add_errors(path, operation)
    schemas = described["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas[Problem.__name__] = Problem.model_json_schema()
    return described


def _add_errors(path: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    answers.pop("422", None)
    for status in _errors(path, operation):
        answers.setdefault(str(status), problem(status))
    operation["responses"] = dict(sorted(answers.items()))


def _errors(path: str, operation: dict[str, Any]) -> Iterator[int]:
    if path != "/healthz":
        yield 503
    if operation.get("security"):
        yield from (401, 403, 429)
    if "{" in path and "410" not in operation["responses"]:
        yield 404
    if "requestBody" in operation:
        yield 413
    if "requestBody" in operation or operation.get("parameters"):
        yield 422


def problem(status: int) -> dict[str, Any]:
    """Return the OpenAPI description of an error answer."""
    schema = {"$ref": SCHEMAS + Problem.__name__}
    return {"description": PROBLEMS[status], "content": {"application/json": {"schema": schema}}}
