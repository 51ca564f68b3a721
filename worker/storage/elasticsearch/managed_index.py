"""The life cycle of an index: created from its mapping, extended, rebuilt as the next generation, dropped.

Every index is named `<prefix>-<name>-v1` (`-v2` …) and used only through aliases. The articles have two aliases,
for reading and for writing, so that a rebuild can fill `-v2` and move both aliases in one step (see `reindex`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError

from worker.config.settings import Settings
from worker.errors import BadInput, NotSetUp, Unavailable
from worker.package_data import read_text
from worker.storage.elasticsearch.client import Client
from worker.storage.ports import Generation

PATIENCE_S = 20  #: seconds in which the shards of an index have to find a node
PAUSE_S = 0.02  #: wait between two checks of the shards

BLOCKED = "Writes are blocked. A rebuild is about to end, or was interrupted; if none is running, start it again."
KEPT = "Kept from before a rebuild. To delete it, run: copydesk index drop"
FILLING = "A rebuild is filling it, or was interrupted. If none is running, delete it with: copydesk index drop"
OUTDATED = "Made by an earlier Copydesk. To update it, run: copydesk index rebuild"


@dataclass(frozen=True, slots=True)
class PhysicalIndex:
    """A concrete index as Elasticsearch describes it."""

    name: str
    number: int
    aliases: frozenset[str]
    mapping_version: int
    shards: int
    is_blocked: bool


def filling_alias(name: str) -> str:
    """Return the alias by which a rebuild writes into a new index.

    If someone deletes that index, writes to the alias fail. A write to the index name itself would make Elasticsearch
    create an index of that name, with a guessed mapping.
    """
    return f"{name}-filling"


class ManagedIndex:
    """The generations of one index, and the aliases in front of the current one.

    The last of `aliases` is the one to write to. `mappings/<name>.json` defines the mapping; its `_meta.version` shows
    whether an existing index lacks fields.
    """

    def __init__(self, client: Client, settings: Settings, name: str, aliases: Sequence[str] = ("",)) -> None:
        self._client = client
        self._settings = settings
        self._stem = f"{settings.index_prefix}-{name}"
        self._definition = json.loads(read_text("worker.storage.elasticsearch.mappings", f"{name}.json"))
        self._version: int = self._definition["mappings"]["_meta"]["version"]
        self._aliases = [f"{self._stem}{suffix}" for suffix in aliases]
        self.read_alias = self._aliases[0]
        self.write_alias = self._aliases[-1]

    def setup(self) -> None:
        """Create the first generation if there is none, and add new fields to an existing one. Delete nothing."""
        if not self._client.indices.exists_alias(name=self.write_alias):
            self._create_first()
        current = self.current()
        if current.mapping_version < self._version:
            self._add_fields(current)
        self._await_shards(current.name)  # also for a process that lost the race to create the index

    def current(self) -> PhysicalIndex:
        """Return the generation that is written and searched. Raise `BadInput` if there is none, or a newer one."""
        found = [g for g in self.found() if self.write_alias in g.aliases]
        if len(found) != 1:
            raise (BadInput if found else NotSetUp)(
                f"The alias {self.write_alias} leads to {len(found)} indices. "
                "To create a missing index, run: copydesk index setup"
            )
        if found[0].mapping_version > self._version:
            raise BadInput(
                f"A newer Copydesk made the index {found[0].name} (mapping {found[0].mapping_version}, this one knows "
                f"{self._version}). Update Copydesk."
            )
        return found[0]

    def found(self) -> list[PhysicalIndex]:
        """Return all generations, oldest first."""
        found = self._client.indices.get(index=f"{self._stem}-v*", expand_wildcards="all").body
        return sorted((_physical_index(name, index) for name, index in found.items()), key=lambda g: g.number)

    def generations(self) -> list[Generation]:
        """Return all generations with their sizes and notes, oldest first."""
        stats = self._client.indices.stats(index=f"{self._stem}-v*", metric=["docs", "store"])["indices"]
        return [
            Generation(
                name=g.name,
                documents=self._client.count(index=g.name)["count"],
                size_bytes=stats[g.name]["total"]["store"]["size_in_bytes"],
                is_current=self.write_alias in g.aliases,
                note=self._note(g),
            )
            for g in self.found()
        ]

    def drop(self) -> list[str]:
        """Delete all unused generations and return their names. A rebuild that fills one ends with an error."""
        unused = [g.name for g in self.unused()]
        for name in unused:
            self._client.indices.delete(index=name)
        return unused

    def unused(self) -> list[PhysicalIndex]:
        """Return the generations from before a rebuild, and those that a rebuild is filling or has abandoned."""
        return [g for g in self.found() if not g.aliases - {filling_alias(g.name)}]

    def block(self, name: str) -> None:
        """Block writes to a generation. Waits until the writes under way have ended."""
        self._client.indices.add_block(index=name, block="write")

    def unblock(self, name: str) -> None:
        """Allow writes to a generation again."""
        self._client.indices.put_settings(index=name, settings={"index.blocks.write": None})

    def create_next(self) -> str:
        """Create the next generation behind its filling alias, without refreshes and replicas. Return its name."""
        name = f"{self._stem}-v{max(g.number for g in self.found()) + 1}"
        settings = {"index.refresh_interval": "-1", "index.number_of_replicas": 0}
        self._create(name, [filling_alias(name)], settings)
        try:
            self._await_shards(name)
        except Unavailable:
            self._client.indices.delete(index=name)
            raise
        return name

    def finish_loading(self, name: str) -> None:
        """Give a filled generation the refresh interval and replicas of normal use."""
        self._client.indices.put_settings(index=name, settings=self._usage_settings())
        self._await_shards(name)

    def swap(self, old: str, new: str) -> None:
        """Move all aliases from one generation to another, in one step.

        Raise `BadInput` if the aliases have left `old`, and `Unavailable` if writes to `old` are allowed again: it may
        contain documents that were not copied.
        """
        if not next(g.is_blocked for g in self.found() if g.name == old):
            raise Unavailable(f"Another rebuild has reopened {old}. Run one rebuild at a time.")
        leave = [{"remove": {"index": old, "alias": alias, "must_exist": True}} for alias in self._aliases]
        enter = [{"add": {"index": new, "alias": alias}} for alias in self._aliases]
        filled = {"remove": {"index": new, "alias": filling_alias(new)}}
        try:
            self._client.indices.update_aliases(actions=[*leave, *enter, filled])
        except ApiError as e:
            raise BadInput(f"The aliases have left {old}: another rebuild has ended before this one ({e}).") from e

    def _create_first(self) -> None:
        name = f"{self._stem}-v1"
        try:
            self._create(name, self._aliases, self._usage_settings())
        except ApiError as e:
            if e.error == "invalid_alias_name_exception":
                raise BadInput(
                    f"Elasticsearch has an index {self.write_alias} that Copydesk did not create. Delete it, or set "
                    "another COPYDESK_INDEX_PREFIX."
                ) from e
            if e.error != "resource_already_exists_exception":
                raise
            if not self._client.indices.exists_alias(name=self.write_alias):  # not just created by another process
                raise BadInput(
                    f"The index {name} exists without the alias {self.write_alias}. Give it back the aliases "
                    f"{' and '.join(self._aliases)}, or delete it."
                ) from e

    def _create(self, name: str, aliases: Sequence[str], settings: dict[str, Any]) -> None:
        """Create an index. Returns before its shards have a node."""
        allocation = {
            f"index.routing.allocation.{key}": value for key, value in self._settings.index_allocation.items()
        }
        layout = {"index.number_of_shards": self._settings.index_shards} | allocation
        try:
            self._client.indices.create(
                index=name,
                aliases={alias: {} for alias in aliases},
                mappings=self._definition["mappings"],
                settings=self._definition["settings"] | layout | settings,
                wait_for_active_shards=0,
            )
        except ApiError as e:
            if e.error not in ("illegal_argument_exception", "validation_exception"):
                raise
            raise BadInput(
                f"Elasticsearch refuses to create the index {name}: {e}. Check COPYDESK_INDEX_ALLOCATION, _REPLICAS "
                "and _SHARDS."
            ) from e

    def _usage_settings(self) -> dict[str, Any]:
        """Return the settings of an index in use: its replicas and its refresh interval."""
        has_number = isinstance(self._settings.index_replicas, int)
        return {
            f"index.{'number_of_replicas' if has_number else 'auto_expand_replicas'}": self._settings.index_replicas,
            "index.refresh_interval": f"{round(self._settings.index_refresh_s * 1000)}ms",
        }

    def _add_fields(self, current: PhysicalIndex) -> None:
        """Add new fields, so that this version can write at once.

        An index with one alias is never rebuilt and gets the new `_meta.version` too. The articles keep theirs, which
        shows that a rebuild is due.
        """
        mappings = self._definition["mappings"]
        meta = {"meta": mappings["_meta"]} if len(self._aliases) == 1 else {}
        try:
            self._client.indices.put_mapping(index=current.name, properties=mappings["properties"], **meta)
        except ApiError as e:
            if e.status_code != 400:
                raise
            raise BadInput(
                f"The index {current.name} cannot take the fields of this Copydesk ({e}). "
                "To update it, run: copydesk index rebuild"
            ) from e

    def _await_shards(self, name: str) -> None:
        """Wait until every primary shard has a node. Raise `Unavailable` if that takes longer than `PATIENCE_S`.

        The health "yellow" is not enough: Elasticsearch reports it for an index whose shards are not placed yet.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not self._has_shards(name):
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"No node of the cluster takes a shard of {name}. For the reason, send GET "
                    "_cluster/allocation/explain. If COPYDESK_INDEX_ALLOCATION was wrong when the index was created, "
                    f"correct it with PUT {name}/_settings."
                )
            time.sleep(PAUSE_S)

    def _has_shards(self, name: str) -> bool:
        cluster = self._client.options(ignore_status=408).cluster
        found = cluster.health(index=name, level="indices", timeout=f"{PATIENCE_S}s")["indices"].values()
        return bool(found) and all(index["active_primary_shards"] == index["number_of_shards"] for index in found)

    def _note(self, generation: PhysicalIndex) -> str:
        if self.write_alias not in generation.aliases:
            return FILLING if filling_alias(generation.name) in generation.aliases else KEPT
        if generation.is_blocked:
            return BLOCKED
        return OUTDATED if generation.mapping_version < self._version else ""


def _physical_index(name: str, index: dict[str, Any]) -> PhysicalIndex:
    settings = index["settings"]["index"]
    return PhysicalIndex(
        name=name,
        number=int(name.rpartition("-v")[2]),
        aliases=frozenset(index["aliases"]),
        mapping_version=index["mappings"]["_meta"]["version"],
        shards=int(settings["number_of_shards"]),
        is_blocked=str(settings.get("blocks", {}).get("write")) == "true",
    )
