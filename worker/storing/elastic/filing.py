"""A document as Elasticsearch files it."""

from __future__ import annotations

from typing import Any

from worker.storing.elastic.bulk import Action
from worker.storing.searchable import TEXTS, stemmed_as


def index_action(fields: dict[str, Any], version: int) -> Action:
    """The write of a document given as JSON: its texts once more under its language, to be analysed that way."""
    language = stemmed_as(fields.get("language"))
    texts = {name: fields[name] for name in TEXTS if name in fields}
    stems = {"stems": {language: texts}} if language and texts else {}
    return Action("index", fields["id"], {"version": version, "version_type": "external"}, fields | stems)
