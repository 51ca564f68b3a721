"""The concrete indices of the articles, `<prefix>-articles-v1` and so on, and the two aliases in front of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError

from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable
from worker.package_data import read_text
from worker.storage.elasticsearch import index_admin
from worker.storage.elasticsearch.client import Client
from worker.storage.ports import Generation

BROKEN_OFF = "writes are blocked: a rebuild is about to end, or was broken off; if none is running, run it again"
KEPT = "kept from before a rebuild: copydesk index drop"
FILLED = "a rebuild is filling it, or was broken off; if none is running: copydesk index drop"
OUTDATED = "made by an earlier Copydesk: copydesk index rebuild"


@dataclass(frozen=True, slots=True)
class Found:
    """An index as Elasticsearch describes it."""

    name: str
    number: int
    aliases: frozenset[str]
    mapping_version: int
    shards: int
    is_blocked: bool


def filling(name: str) -> str:
    """The alias by which a rebuild writes into a new index: should somebody drop that, Elasticsearch makes none of the
    same name with a mapping by guesswork."""
    return f"{name}-filling"


class Generations:
    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._stem = f"{settings.index_prefix}-articles"
        self._definition = json.loads(read_text("worker.storage.elasticsearch.mappings", "articles.json"))
        self._version: int = self._definition["mappings"]["_meta"]["version"]
        self.read_alias = f"{self._stem}-read"
        self.write_alias = f"{self._stem}-write"

    def setup(self) -> None:
        """The first generation, if there is none; new fields in the one that is there. Deletes nothing."""
        if not self._client.indices.exists_alias(name=self.write_alias):
            self._create_first()
        current = self.current()
        if current.mapping_version > self._version:
            raise BadInput(
                f"index {current.name} was made by a newer Copydesk (mapping {current.mapping_version}, this one knows "
                f"{self._version}); update Copydesk"
            )
        if current.mapping_version < self._version:
            self._add_fields(current)
        index_admin.await_shards(self._client, current.name)

    def current(self) -> Found:
        """The generation that is written and searched."""
        found = [g for g in self.found() if self.write_alias in g.aliases]
        if len(found) != 1:
            raise BadInput(f"the alias {self.write_alias} leads to {len(found)} indices; run copydesk index setup")
        return found[0]

    def found(self) -> list[Found]:
        """All of them, oldest first."""
        found = self._client.indices.get(index=f"{self._stem}-v*", expand_wildcards="all").body
        return sorted((self._describe(name, index) for name, index in found.items()), key=lambda g: g.number)

    def all(self) -> list[Generation]:
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
        """Delete all that are neither searched nor written. A rebuild that fills one ends with an error."""
        unused = [g.name for g in self.unused()]
        for name in unused:
            self._client.indices.delete(index=name)
        return unused

    def unused(self) -> list[Found]:
        """Those from before a rebuild, closed to writes; and those that a rebuild fills, or left when it was killed."""
        return [g for g in self.found() if not g.aliases - {filling(g.name)}]

    def block(self, name: str, is_blocked: bool) -> None:
        """Close an index to writes, or open it again."""
        if is_blocked:
            self._client.indices.add_block(index=name, block="write")  # waits until writes under way have ended
        else:
            self._client.indices.put_settings(index=name, settings={"index.blocks.write": None})

    def create_next(self) -> str:
        """A further generation behind the alias for `filling` alone: nothing refreshes or copies it yet."""
        name = f"{self._stem}-v{max(g.number for g in self.found()) + 1}"
        self._create(name, {filling(name): {}}, {"index.refresh_interval": "-1", "index.number_of_replicas": 0})
        try:
            index_admin.await_shards(self._client, name)
        except Unavailable:
            self._client.indices.delete(index=name)
            raise
        return name

    def finish(self, name: str) -> None:
        """Give a loaded index the settings of its daily work."""
        self._client.indices.put_settings(index=name, settings=index_admin.daily(self._settings))
        index_admin.await_shards(self._client, name)

    def swap(self, old: str, new: str) -> None:
        """Both aliases at once. `BadInput` if they have left `old` meanwhile; `Unavailable` if it is open again, to
        writes that were not copied."""
        if not next(g.is_blocked for g in self.found() if g.name == old):
            raise Unavailable(f"another rebuild has opened {old} meanwhile; let one end before you begin the next")
        aliases = (self.read_alias, self.write_alias)
        leave = [{"remove": {"index": old, "alias": alias, "must_exist": True}} for alias in aliases]
        enter = [{"add": {"index": new, "alias": alias}} for alias in aliases]
        filled = {"remove": {"index": new, "alias": filling(new)}}
        try:
            self._client.indices.update_aliases(actions=[*leave, *enter, filled])
        except ApiError as e:
            raise BadInput(f"the aliases have left {old}: another rebuild has ended meanwhile ({e})") from e

    def _create_first(self) -> None:
        name = f"{self._stem}-v1"
        try:
            self._create(name, {self.read_alias: {}, self.write_alias: {}}, index_admin.daily(self._settings))
        except ApiError as e:
            if e.error == "invalid_alias_name_exception":
                raise BadInput(f"Elasticsearch has an index {self.write_alias} that Copydesk did not make; delete it, "
                               "or set another COPYDESK_INDEX_PREFIX") from e  # fmt: skip
            if e.error != "resource_already_exists_exception":
                raise
            if not self._client.indices.exists_alias(name=self.write_alias):  # not another process a moment ago
                raise BadInput(f"index {name} is there without the alias {self.write_alias}; give it back the aliases "
                               f"{self.read_alias} and {self.write_alias}, or delete it") from e  # fmt: skip

    def _create(self, name: str, aliases: dict[str, Any], settings: dict[str, Any]) -> None:
        index_admin.create(self._client, name, aliases, self._definition, index_admin.layout(self._settings) | settings)

    def _add_fields(self, current: Found) -> None:
        """So that a newer Copydesk can write at once; `_meta` stays, and says that a rebuild is due."""
        properties = self._definition["mappings"]["properties"]
        try:
            self._client.indices.put_mapping(index=current.name, properties=properties)
        except ApiError as e:
            if e.status_code != 400:
                raise
            raise BadInput(f"index {current.name} cannot take the fields of this Copydesk ({e}); {OUTDATED}") from e

    def _describe(self, name: str, index: dict[str, Any]) -> Found:
        settings = index["settings"]["index"]
        return Found(
            name=name,
            number=int(name.rpartition("-v")[2]),
            aliases=frozenset(index["aliases"]),
            mapping_version=index["mappings"]["_meta"]["version"],
            shards=int(settings["number_of_shards"]),
            is_blocked=str(settings.get("blocks", {}).get("write")) == "true",
        )

    def _note(self, found: Found) -> str:
        if self.write_alias not in found.aliases:
            return FILLED if filling(found.name) in found.aliases else KEPT
        if found.is_blocked:
            return BROKEN_OFF
        return OUTDATED if found.mapping_version < self._version else ""
