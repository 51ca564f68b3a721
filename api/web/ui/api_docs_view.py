"""The API's description (OpenAPI) as a page shows it: calls by their subject, and the records that go in and out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: str
    type: str
    description: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Field, ...]
    takes: str  #: the type of the body, or ""
    gives: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    name: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    subjects: Mapping[str, list[Call]]
    records: tuple[Record, ...]


def describe(openapi: Schema) -> Described:
    subjects: dict[str, list[Call]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            subjects.setdefault(operation["tags"][0], []).append(_call(method.upper(), path, operation))
    records = (_record(name, schema) for name, schema in openapi["components"]["schemas"].items())
    return Described(subjects=subjects, records=tuple(r for r in records if r.fields))


def _call(method: str, path: str, operation: Schema) -> Call:
    answers = (answer for status, answer in operation["responses"].items() if status.startswith("2"))
    return Call(
        method=method,
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=tuple(_parameter(p) for p in operation.get("parameters", ())),
        takes=_content(operation.get("requestBody", {})),
        gives=_content(next(answers, {})),
    )


def _parameter(parameter: Schema) -> Field:
    return Field(
        name=parameter["name"],
        type=type_of(parameter["schema"]),
        description=parameter.get("description", ""),
        is_required=parameter.get("required", False),
    )


def _content(message: Schema) -> str:
    schema = message.get("content", {}).get(JSON, {}).get("schema")
    return type_of(schema) if schema else ""


def _record(name: str, schema: Schema) -> Record:
    return Record(name=name, description=schema.get("description", ""), fields=tuple(_fields(schema)))


def _fields(schema: Schema) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, of in schema.get("properties", {}).items():
        yield Field(name=name, type=type_of(of), description=of.get("description", ""), is_required=name in required)


def type_of(schema: Schema) -> str:
    """In a few words: "string", "list of FoundArticle", "integer or null"."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(type_of(s) for s in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), Mapping):
        return f"map of {type_of(schema['additionalProperties'])}"
    return str(schema.get("format") or schema.get("type", "anything"))
