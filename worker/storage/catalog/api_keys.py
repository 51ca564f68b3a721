"""Keys of the HTTP API. What a client presents is `cd_<id>_<secret>`; only a hash of the secret is kept."""

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
from worker.storage.ports import DocumentStore

SCOPES = ("read", "add", "admin")
#: What a key of each scope may do.
INCLUDED = {"read": ("read",), "add": ("add",), "admin": SCOPES}
SECRET_BYTES = 32
MAX_ID_CHARS = 40


class ApiKeys:
    def __init__(self, document_store: DocumentStore) -> None:
        self._keys = Collection(document_store, "api_keys", ApiKey, key=lambda k: k.id)
        self._revoked = Collection(document_store, "revoked_keys", RevokedKey, key=lambda k: k.id)
        self.changes = 0  #: calls through this object that wrote; what was read before one of them may be outdated

    def create(
        self,
        name: str,
        scopes: Sequence[str],
        now: datetime,
        *,
        expires_at: datetime | None = None,
        rate_per_minute: int | None = None,
    ) -> tuple[ApiKey, str]:
        """A new key, and what its owner has to present: it is shown this once. `BadInput` for an unknown scope."""
        if unknown := [s for s in scopes if s not in SCOPES] or not scopes:
            raise BadInput(f"{unknown if scopes else 'no scope'} is not allowed; the scopes are {', '.join(SCOPES)}")
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
        """Return the key that `presented` is, unless it is unknown, wrong, revoked or expired."""
        id = presented_id(presented)
        return verified(self._keys.get(id), presented, now) if id else None

    def get(self, id: str) -> ApiKey | None:
        """Return the key with this id, expired or not."""
        return self._keys.get(id)

    def is_empty(self) -> bool:
        """Return True if there is not a key, in one request."""
        return self._keys.is_empty()

    def all(self) -> Iterator[ApiKey]:
        return self._keys.all()

    def keep(self, keys: Iterable[ApiKey]) -> int:
        """Take over keys of another store, unless they are here or revoked. Returns how many were taken."""
        revoked = set(self.revoked())
        new = {key.id: key for key in keys if key.id not in revoked}
        kept = len(self._keys.change(new, lambda id, there: None if there else new[id]))
        self._changed()
        return kept

    def revoke(self, id: str) -> bool:
        """Whether there was such a key. It stays known as revoked."""
        return bool(self._keys.get(id) and self.keep_revoked([id]))

    def revoked(self) -> Iterator[str]:
        """Ids of all keys that were ever revoked."""
        return (key.id for key in self._revoked.all())

    def keep_revoked(self, ids: Sequence[str]) -> int:
        """Know these keys as revoked, whether they are here or not. Returns how many were here."""
        self._revoked.put(RevokedKey(id=id) for id in ids)
        deleted = self._keys.delete(ids)
        self._changed()
        return deleted

    def _changed(self) -> None:
        """Let `is_empty` and those who keep a key for a while see what was written."""
        try:
            self._keys.refresh()
        finally:
            self.changes += 1


def presented_id(presented: str) -> str | None:
    """Return the id in what a client presents, or None if it does not have the form of a key."""
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
