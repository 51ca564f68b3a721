"""Keys of the HTTP API. A client sends `cd_<id>_<secret>`; the store keeps only a hash of the secret."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from worker.errors import BadInput
from worker.model.catalog import ApiKey, RevokedKey
from worker.storage.catalog.collection import Collection
from worker.storage.ports import KEEP, Decision, DocumentStore, Put

SCOPES = ("read", "add", "admin")
#: The scopes that each scope includes.
INCLUDED = {"read": ("read",), "add": ("add",), "admin": SCOPES}
SECRET_BYTES = 32
MAX_ID_CHARS = 40


class ApiKeys:
    """The API keys, by id."""

    def __init__(self, document_store: DocumentStore) -> None:
        self._keys = Collection(document_store, "api_keys", ApiKey, key=lambda k: k.id)
        self._revoked = Collection(document_store, "revoked_keys", RevokedKey, key=lambda k: k.id)
        self.changes = 0  #: number of changes through this object; a cache from before the last change is outdated

    def create(
        self,
        name: str,
        scopes: Sequence[str],
        now: datetime,
        *,
        expires_at: datetime | None = None,
        rate_per_minute: int | None = None,
    ) -> tuple[ApiKey, str]:
        """Create a key. Return it with its secret text, which is shown only once.

        Raise `BadInput` if there is no scope, or an unknown one.
        """
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown or not scopes:
            problem = f"Unknown scope: {', '.join(unknown)}." if unknown else "A key needs a scope."
            raise BadInput(f"{problem} Choose from: {', '.join(SCOPES)}")
        secret = secrets.token_hex(SECRET_BYTES)
        key = ApiKey(
            id=secrets.token_hex(6),
            name=name,
            scopes=tuple(scopes),
            secret_hash=_hash(secret),
            created_at=now,
            expires_at=expires_at,
            rate_per_minute=rate_per_minute,
        )
        self._keys.add(key)
        self._changed()
        return key, f"cd_{key.id}_{secret}"

    def check(self, presented: str, now: datetime) -> ApiKey | None:
        """Return the key that a client presents, or None if it is unknown, wrong, revoked or expired."""
        id = presented_id(presented)
        return verified(self._keys.get(id), presented, now) if id else None

    def get(self, id: str) -> ApiKey | None:
        """Return the key with this id, expired or not."""
        return self._keys.get(id)

    def is_empty(self) -> bool:
        """Return True if there are no keys, with one request. May miss writes of the last moment by other processes."""
        return self._keys.is_empty()

    def all(self) -> Iterator[ApiKey]:
        """Yield all keys by id."""
        return self._keys.all()

    def keep(self, keys: Iterable[ApiKey]) -> int:
        """Add keys from another store, except those that exist or are revoked in this one. Return the number added."""
        revoked = set(self.revoked())
        new = {key.id: key for key in keys if key.id not in revoked}

        def add(id: str, current: ApiKey | None) -> Decision[ApiKey]:
            return KEEP if current else Put(new[id])

        added = len(self._keys.change(new, add))
        self._changed()
        return added

    def revoke(self, id: str) -> bool:
        """Revoke a key and remember its id as revoked. Return False if the id is unknown."""
        return bool(self._keys.get(id) and self.keep_revoked([id]))

    def revoked(self) -> Iterator[str]:
        """Yield the ids of all keys that were ever revoked."""
        return (key.id for key in self._revoked.all())

    def keep_revoked(self, ids: Sequence[str]) -> int:
        """Remember these ids as revoked and delete their keys. Return the number of deleted keys."""
        self._revoked.put(RevokedKey(id=id) for id in ids)
        deleted = self._keys.delete(ids)
        self._changed()
        return deleted

    def _changed(self) -> None:
        """Make the change visible to `is_empty`, and to callers that cache keys."""
        try:
            self._keys.refresh()
        finally:
            self.changes += 1


def presented_id(presented: str) -> str | None:
    """Return the id in a text that a client presents as its key, or None if it does not have the form of a key."""
    prefix, id, _ = (*presented.split("_"), "", "")[:3]
    return id if prefix == "cd" and id.isalnum() and id.isascii() and len(id) < MAX_ID_CHARS else None


def verified(key: ApiKey | None, presented: str, now: datetime) -> ApiKey | None:
    """Return `key` with all included scopes if `presented` holds its secret and it has not expired, else None."""
    secret = (*presented.split("_"), "", "")[2]
    if key is None or not hmac.compare_digest(key.secret_hash, _hash(secret)):
        return None
    if key.expires_at and now >= key.expires_at:
        return None
    return replace(key, scopes=tuple(s for s in SCOPES if any(s in INCLUDED[has] for has in key.scopes)))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
