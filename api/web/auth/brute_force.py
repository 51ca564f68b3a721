"""A limit on wrong API keys: in a minute an address may send about as many as people mistype.

Different keys are counted, not calls: a program that repeats an outdated key does not guess, and does not lock out
other clients of its address. A HyperLogLog in Redis counts them; it is exact for such small numbers and stores none of
the keys (P. Flajolet et al., 2007). Keys of the catalog are not counted: 256 random bits cannot be guessed.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from redis.exceptions import RedisError
from starlette.types import Scope

from worker.redis_keys import Keys

MAX_WRONG_KEYS = 20  #: maximum number of wrong keys of one address in a minute
MINUTE_S = 60
IPV6_NETWORK_BITS = 64  #: a provider gives a customer such a network, and the customer may use each address in it


@dataclass(frozen=True, slots=True)
class GuessLimit:
    """Counts wrong keys by address. Without Redis it does not count or block, so that the API still answers."""

    redis: Redis
    keys: Keys

    def wait_s(self, address: str, now: datetime) -> int:
        """Return the number of seconds for which this address is blocked; 0 if it is not."""
        try:
            wrong_keys = int(self.redis.pfcount(self._counter(address, now)))
        except RedisError:
            return 0
        return MINUTE_S - int(now.timestamp()) % MINUTE_S if wrong_keys >= MAX_WRONG_KEYS else 0

    def count(self, address: str, key: str, now: datetime) -> None:
        """Count a wrong key."""
        counter = self._counter(address, now)
        try:
            pipeline = self.redis.pipeline()
            pipeline.pfadd(counter, hashlib.sha256(key.encode(errors="replace")).digest())
            pipeline.expire(counter, 2 * MINUTE_S)
            pipeline.execute()
        except RedisError:
            return

    def _counter(self, address: str, now: datetime) -> str:
        return self.keys.failed_logins(f"{_network(address)}:{int(now.timestamp()) // MINUTE_S}")


def client_address(scope: Scope) -> str:
    """Return the IP address of the client of a request.

    Behind a proxy on this machine it is the address that the proxy names: uvicorn reads X-Forwarded-For of the proxies
    in FORWARDED_ALLOW_IPS.
    """
    client = scope.get("client")
    return str(client[0]) if client else ""


def _network(address: str) -> str:
    """Return the network whose addresses are counted together; any other text, such as a socket's name, as it is."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed), IPV6_NETWORK_BITS), strict=False))
