"""Creates our indices: a concrete one, `<alias>-v1`, behind the alias that everybody uses; and the settings that all
new indices share."""

from __future__ import annotations

import json
import time
from typing import Any

from elasticsearch import ApiError

from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable
from worker.package_data import read_text
from worker.storage.elasticsearch.client import Client

PATIENCE_S = 20  #: how long the shards of an index may take to find a node
PAUSE_S = 0.02  #: until it is asked again whether they have


def ensure(client: Client, alias: str, name: str, settings: Settings) -> None:
    """Make sure that `alias` leads to an index as config/elasticsearch/<name>.json describes it; delete nothing.

    `_meta.version` of the mapping tells whether an index that is there lacks fields; those are added.
    """
    definition = json.loads(read_text("worker.storage.elasticsearch.mappings", f"{name}.json"))
    if client.indices.exists_alias(name=alias):
        _add_fields(client, alias, definition["mappings"])
    else:
        _create(client, alias, definition, settings)
    # Whoever lost the race to create it must not read before its shards are there.
    await_shards(client, alias)


def daily(settings: Settings) -> dict[str, Any]:
    """Of an index in use: how often it is copied, and when what is written is found."""
    copies = "number_of_replicas" if isinstance(settings.index_replicas, int) else "auto_expand_replicas"
    return {
        f"index.{copies}": settings.index_replicas,
        "index.refresh_interval": f"{round(settings.index_refresh_s * 1000)}ms",
    }


def layout(settings: Settings) -> dict[str, Any]:
    """Of a new index: into how many shards it is cut, and which nodes may hold them."""
    allocation = {f"index.routing.allocation.{key}": value for key, value in settings.index_allocation.items()}
    return {"index.number_of_shards": settings.index_shards} | allocation


def await_shards(client: Client, name: str) -> None:
    """Until every primary shard of an index has a node. `Unavailable` where that does not come to pass.

    The health "yellow" does not tell: Elasticsearch calls an index so whose shards it has not begun to place.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not _has_shards(client, name):
        if time.monotonic() > deadline:
            raise Unavailable(
                f"no node of the cluster takes a shard of {name}: GET _cluster/allocation/explain says why. Where "
                f"COPYDESK_INDEX_ALLOCATION was wrong when it was made, mend it by PUT {name}/_settings"
            )
        time.sleep(PAUSE_S)


def _has_shards(client: Client, name: str) -> bool:
    asking = client.options(ignore_status=408).cluster
    found = asking.health(index=name, level="indices", timeout=f"{PATIENCE_S}s")["indices"].values()
    return bool(found) and all(index["active_primary_shards"] == index["number_of_shards"] for index in found)


def create(
    client: Client, name: str, aliases: dict[str, Any], definition: dict[str, Any], settings: dict[str, Any]
) -> None:
    """A new index; returns before its shards have a node. `BadInput` where Elasticsearch finds its settings wrong."""
    try:
        client.indices.create(
            index=name,
            aliases=aliases,
            mappings=definition["mappings"],
            settings=definition["settings"] | settings,
            wait_for_active_shards=0,
        )
    except ApiError as e:
        if e.error not in ("illegal_argument_exception", "validation_exception"):
            raise
        raise BadInput(
            f"Elasticsearch does not make the index {name}: {e}; check COPYDESK_INDEX_ALLOCATION, _REPLICAS, _SHARDS"
        ) from e


def _create(client: Client, alias: str, definition: dict[str, Any], settings: Settings) -> None:
    own = layout(settings) | daily(settings)
    try:
        create(client, f"{alias}-v1", {alias: {"is_write_index": True}}, definition, own)
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
