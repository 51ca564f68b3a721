"""Guard against server-side request forgery: the addresses that sockets may connect to.

The guard checks the address that a socket is about to connect to, not the name. It resolves a name once, checks every
address, and connects to an allowed one. So no private address is reached by DNS that changes between check and use, by
a redirect, or by an odd spelling (`2130706433`, `0177.1`, `[::ffff:7f00:1]`), which the resolver turns into an address.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from worker.errors import FetchFailed
from worker.model.reasons import Reason

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_ADDRESSES = 4  # addresses tried per name, so that each gets a fair share of the connect timeout

#: Not public according to the IANA special-purpose registries (RFC 6890 and its successors), and multicast and reserved
#: space. Listed here because `ipaddress.is_global` has changed between Python versions.
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
PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")  # all that IANA has allocated as global unicast so far
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


def unwrap(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 one (mapped, NAT64), because packets are delivered there."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Return True if an unwrapped address is public."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in n for n in SPECIAL_V4)
    return address in PUBLIC_V6 and not any(address in n for n in SPECIAL_V6)


class AddressGuard:
    """Resolver that checks addresses and connects sockets to the allowed ones.

    Public addresses are allowed on `allow_ports`, addresses in `allow_private` on any port. `setting` is the prefix of
    the two settings, for error messages.
    """

    def __init__(
        self, allow_private: Iterable[str] = (), allow_ports: Iterable[int] = (80, 443), *, setting: str = "fetch"
    ) -> None:
        self._private: tuple[Network, ...] = tuple(ipaddress.ip_network(n) for n in allow_private)
        self._ports = frozenset(allow_ports)
        self._setting = setting

    def refusal(self, address: str, port: int) -> Reason | None:
        """Return the reason why an address is blocked, or None if it is allowed."""
        ip = unwrap(ipaddress.ip_address(address.partition("%")[0]))
        if any(ip.version == n.version and ip in n for n in self._private):
            return None
        if not is_public(ip):
            return Reason.BLOCKED_ADDRESS
        return None if port in self._ports else Reason.BLOCKED_PORT

    def resolve(self, host: str, port: int) -> Sequence[tuple[int, Any]]:
        """Return the allowed addresses of a host with their families. Raise `FetchFailed` if there are none."""
        try:
            resolved = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as e:
            raise FetchFailed(Reason.DNS, f"the name {host} has no address ({e})") from None
        checked = [(family, to, self.refusal(str(to[0]), port)) for family, _, _, _, to in resolved]
        allowed = [(family, to) for family, to, reason in checked if reason is None]
        _, to, reason = checked[0]
        if reason and not allowed:
            raise FetchFailed(reason, self._explain(host, str(to[0]), port, reason))
        return allowed[:MAX_ADDRESSES]

    def connect(self, host: str, port: int, timeout_s: float, options: Sequence[Any] = ()) -> socket.socket:
        """Return a socket that is connected to an allowed address of the host.

        Raise the `OSError` of the last address if none accepts the connection.
        """
        addresses = self.resolve(host, port)
        last: OSError | None = None
        for (family, to), share_s in zip(addresses, _split_timeout(timeout_s, len(addresses)), strict=True):
            try:
                return self._open(family, to, share_s, options)
            except OSError as e:
                last = e
        raise last or OSError("no address")

    def _explain(self, host: str, address: str, port: int, reason: Reason) -> str:
        if reason is Reason.BLOCKED_PORT:
            return f"port {port} of {host} is not allowed; to allow it, add it to {self._setting}_allow_ports"
        setting = f"{self._setting}_allow_private"
        return f"{host} has the address {address}, which is not public; to allow it, add its network to {setting}"

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


def _split_timeout(total_s: float, attempts: int) -> Iterator[float]:
    """Yield the timeout of each attempt: an equal share of the time that is left."""
    end = time.monotonic() + total_s
    for left in range(attempts, 0, -1):
        yield max((end - time.monotonic()) / left, 0.1)
