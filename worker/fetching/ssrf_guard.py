"""Which addresses may be spoken to: decided for the address that a socket is about to connect to, not for the name.

A name is resolved once, every address it gives is judged, and the socket connects to a judged address. So neither DNS
that changes its answer between check and use, nor a redirect, nor an odd spelling (`2130706433`, `0177.1`,
`[::ffff:7f00:1]`) leads inside: whatever the spelling, the resolver turns it into an address first.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from worker.errors import FetchFailed

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MOST_ADDRESSES = 4  # of one name that are tried, so that each gets a fair part of the connect timeout

#: Not for the public, by the IANA special-purpose registries (RFC 6890 and its successors), multicast and reserved
#: space. Spelled out because `ipaddress.is_global` has changed between Python versions.
SPECIAL_V4 = tuple(
    ipaddress.IPv4Network(n)
    for n in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and cloud metadata at 100.100.100.200
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and cloud metadata at 169.254.169.254
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")  # all that IANA has allocated for the public so far
SPECIAL_V6 = tuple(
    ipaddress.IPv6Network(n)
    for n in (
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )  # Teredo, 6to4, documentation
)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def plain(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one (mapped, NAT64), since that is where the packets end."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether anybody's packets may go there. Takes a `plain` address."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in n for n in SPECIAL_V4)
    return address in PUBLIC_V6 and not any(address in n for n in SPECIAL_V6)


class AddressGuard:
    """Judges and connects. `allow_private` are networks that are spoken to although they are not public, on any port;
    public addresses are spoken to on `allow_ports` only. Both are settings, whose names begin with `setting`."""

    def __init__(
        self, allow_private: Iterable[str] = (), allow_ports: Iterable[int] = (80, 443), *, setting: str = "fetch"
    ) -> None:
        self._allowed: tuple[Network, ...] = tuple(ipaddress.ip_network(n) for n in allow_private)
        self._ports = frozenset(allow_ports)
        self._setting = setting

    def refusal(self, address: str, port: int) -> str | None:
        """Why this address is not spoken to, as a slug; None where it may be."""
        where = plain(ipaddress.ip_address(address.partition("%")[0]))
        if any(where.version == n.version and where in n for n in self._allowed):
            return None
        if not is_public(where):
            return "blocked-address"
        return None if port in self._ports else "blocked-port"

    def resolve(self, host: str, port: int) -> Sequence[tuple[int, Any]]:
        """Families and addresses that `host` may be reached at. `FetchFailed` where it has none, or none allowed."""
        try:
            found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as e:
            raise FetchFailed("dns", f"the name {host} has no address ({e})", retry=True) from None
        verdicts = [(family, to, self.refusal(str(to[0]), port)) for family, _, _, _, to in found]
        allowed = [(family, to) for family, to, no in verdicts if no is None]
        if not allowed:
            _, to, no = verdicts[0]
            raise FetchFailed(str(no), self._explain(host, str(to[0]), port, str(no)), rejected=True)
        return allowed[:MOST_ADDRESSES]

    def connect(self, host: str, port: int, timeout_s: float, options: Sequence[Any] = ()) -> socket.socket:
        """A connected socket to a judged address of `host`. `OSError` of the last one where none answers."""
        addresses = self.resolve(host, port)
        last: OSError | None = None
        for (family, to), share in zip(addresses, _shares(timeout_s, len(addresses)), strict=True):
            try:
                return self._open(family, to, share, options)
            except OSError as e:
                last = e
        raise last or OSError("no address")

    def _explain(self, host: str, address: str, port: int, reason: str) -> str:
        if reason == "blocked-port":
            return f"port {port} of {host} is not allowed; add it to {self._setting}_allow_ports if it should be"
        setting = f"{self._setting}_allow_private"
        return f"{host} is at {address}, which is not public; add its network to {setting} if it is to be spoken to"

    def _open(self, family: int, to: Any, timeout_s: float, options: Sequence[Any]) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            for option in options:
                sock.setsockopt(*option)
            sock.settimeout(timeout_s)
            sock.connect(to)
        except BaseException:
            sock.close()
            raise
        return sock


def _shares(total_s: float, parts: int) -> Iterator[float]:
    """What is left of a time, divided among the tries that are left."""
    end = time.monotonic() + total_s
    for left in range(parts, 0, -1):
        yield max((end - time.monotonic()) / left, 0.1)
