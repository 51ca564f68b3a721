"""/openapi.json: the API described to programs. Pages of ours show the same at /docs; FastAPI's own would load their
script from elsewhere and open to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from fastapi import APIRouter, FastAPI, Request

from api.web.errors import Problem

router = APIRouter(include_in_schema=False)
SCHEMAS = "#/components/schemas/"
PROBLEMS = {
    401: "No key was sent, or one that is not valid",
    403: "The key lacks the scope, or the call was sent by another site or through a proxy",
    404: "There is none of that name",
    410: "Nobody here has subscribed to this, or not any more",
    413: "The body is too long",
    422: "Something in the request is wrong: which field, and what is allowed",
    429: "Too many calls, or too many wrong keys; Retry-After says when to come back",
    503: "A store does not answer; Retry-After says when to come back",
}


class Api(FastAPI):
    """Its description names the errors of each call, which follow from what the call takes: whoever adds a route need
    not think of them, and FastAPI's own form of a 422 is nowhere."""

    _described: dict[str, Any] | None = None

    def openapi(self) -> dict[str, Any]:
        if self._described is None:
            self._described = _with_errors(deepcopy(super().openapi()))
        return self._described


@router.get("/openapi.json", summary="This API, described to programs")
def openapi(request: Request) -> dict[str, Any]:
    described: dict[str, Any] = request.app.openapi()
    return described


def _with_errors(described: dict[str, Any]) -> dict[str, Any]:
    for path, operations in described["paths"].items():
        for operation in operations.values():
            _name_errors(path, operation)
    schemas = described["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas[Problem.__name__] = Problem.model_json_schema()
    return described


def _name_errors(path: str, operation: dict[str, Any]) -> None:
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
    """As OpenAPI has it."""
    schema = {"$ref": SCHEMAS + Problem.__name__}
    return {"description": PROBLEMS[status], "content": {"application/json": {"schema": schema}}}
