"""Creates our indices: a concrete one, `<alias>-v1`, behind the alias that everybody uses."""

from __future__ import annotations

import json
from typing import Any

from elasticsearch import ApiError

from worker.errors import BadInput
from worker.settings import CONFIG, Settings
from worker.storing.elastic.client import Client


def ensure(client: Client, alias: str, name: str, settings: Settings) -> None:
    """Make sure that `alias` leads to an index as config/elasticsearch/<name>.json describes it; delete nothing.

    `_meta.version` of the mapping tells whether an index that is there lacks fields; those are added.
    """
    definition = json.loads((CONFIG / "elasticsearch" / f"{name}.json").read_text("utf-8"))
    if client.indices.exists_alias(name=alias):
        _add_fields(client, alias, definition["mappings"])
    else:
        _create(client, alias, definition, settings)
    # Whoever lost the race to create it must not read before its shards are there.
    client.cluster.health(index=alias, wait_for_status="yellow")


def _create(client: Client, alias: str, definition: dict[str, Any], settings: Settings) -> None:
    own = {
        "index.number_of_shards": settings.index_shards,
        "index.number_of_replicas": settings.index_replicas,
        "index.refresh_interval": f"{round(settings.index_refresh_s * 1000)}ms",
    }
    try:
        client.indices.create(
            index=f"{alias}-v1",
            aliases={alias: {"is_write_index": True}},
            mappings=definition["mappings"],
            settings=definition["settings"] | own,
        )
    except ApiError as e:
        if e.error == "invalid_alias_name_exception":
            raise BadInput(
                f"Elasticsearch has an index {alias} that Copydesk did not make; set another COPYDESK_INDEX_PREFIX"
            ) from e
        if e.error != "resource_already_exists_exception":
            raise


def _add_fields(client: Client, alias: str, mappings: dict[str, Any]) -> None:
    version = mappings["_meta"]["version"]
    for index, found in client.indices.get_mapping(index=alias).items():
        there = found["mappings"]["_meta"]["version"]
        if there > version:
            raise BadInput(f"index {index} was made by a newer Copydesk (mapping {there}, this one knows {version})")
        if there < version:
            client.indices.put_mapping(index=index, **_put(mappings))


def _put(mappings: dict[str, Any]) -> dict[str, Any]:
    return {"properties": mappings["properties"], "meta": mappings["_meta"]}
