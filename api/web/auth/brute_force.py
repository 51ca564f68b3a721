"""How often an address may guess at keys: as many different ones a minute as people mistype, and no more.

Different keys are counted, not calls: a program that goes on with a key of yesterday guesses nothing, and does not lock
out those who share its address. They are counted by a HyperLogLog in Redis, which counts so few exactly and keeps none
of them (P. Flajolet et al., 2007). Keys of the catalog never come here: 256 random bits cannot be guessed.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from redis.exceptions import RedisError
from starlette.types import Scope

PREFIX = "copydesk:guesses:"
MOST = 20  #: wrong keys of one address in a minute
MINUTE_S = 60
IPV6_NETWORK = 64  #: bits of an address that a provider gives to one customer, who may take any of those below


@dataclass(frozen=True, slots=True)
class Guesses:
    """Where Redis is away, nothing is counted and nobody is kept waiting: answering matters more."""

    redis: Redis

    def wait_s(self, address: str, now: datetime) -> int:
        """For how long this address has guessed enough; 0 if it has not."""
        try:
            made = int(self.redis.pfcount(_counter(address, now)))
        except RedisError:
            return 0
        return MINUTE_S - int(now.timestamp()) % MINUTE_S if made >= MOST else 0

    def count(self, address: str, key: str, now: datetime) -> None:
        """This key was nobody's."""
        counter = _counter(address, now)
        try:
            pipeline = self.redis.pipeline()
            pipeline.pfadd(counter, hashlib.sha256(key.encode(errors="replace")).digest())
            pipeline.expire(counter, 2 * MINUTE_S)
            pipeline.execute()
        except RedisError:
            return


def address_of(scope: Scope) -> str:
    """Of the client of a request: behind a proxy on this machine the one that it names (uvicorn reads X-Forwarded-For
    of those in FORWARDED_ALLOW_IPS)."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _counter(address: str, now: datetime) -> str:
    return f"{PREFIX}{_network(address)}:{int(now.timestamp()) // MINUTE_S}"


def _network(address: str) -> str:
    """Whom an address stands for; what is none, such as the name of a socket, for itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found), IPV6_NETWORK), strict=False))
