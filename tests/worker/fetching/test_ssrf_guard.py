"""Tests of the addresses that sockets may connect to. Connections are replaced, so nothing is sent."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from worker.errors import FetchFailed
from worker.fetching.ssrf_guard import AddressGuard

BLOCKED = {
    "private": "10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1 fc00::1 fec0::1",
    "loopback": "127.0.0.1 127.255.255.254 ::1 0.0.0.0 0.1.2.3 ::",
    "link-local and metadata": "169.254.169.254 100.100.100.200 192.0.0.192 fe80::1 fe80::1%eth0 fd00:ec2::254",
    "IPv4 in IPv6": "::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1",
    "translated": "64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 2001::1 2002:7f00:1:: 2002:a9fe:a9fe::",
    "documentation and tests": "192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1 2001:10::1 100::1",
    "multicast and reserved": "224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 ff02::1 4000::1 5f00::1 192.88.99.1",
}
PUBLIC = {
    "IPv4": "8.8.8.8 100.63.0.1 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.20.0.1 223.255.255.1",
    "IPv6": "2600::1 2a00::1 2001:4860::1",
    "IPv4 in IPv6": "64:ff9b::808:808 ::ffff:8.8.8.8",
}


def addresses(table: dict[str, str]) -> list[str]:
    return [address for line in table.values() for address in line.split()]


@pytest.mark.parametrize("address", addresses(BLOCKED))
def test_special_address_is_blocked(address: str) -> None:
    assert AddressGuard().refusal(address, 443) == "blocked-address"


@pytest.mark.parametrize("address", addresses(PUBLIC))
def test_public_address_is_allowed(address: str) -> None:
    assert AddressGuard().refusal(address, 443) is None
    assert AddressGuard().refusal(address, 22) == "blocked-port"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::ffff:127.0.0.1"])
def test_allowed_private_network_has_no_port_limit(address: str) -> None:
    guard = AddressGuard(["127.0.0.0/8"])
    assert guard.refusal(address, 8080) is None
    assert guard.refusal("10.0.0.1", 443) == "blocked-address"
    assert guard.refusal("::1", 443) == "blocked-address"


class Network:
    """A resolver and sockets that record their calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.lookups = 0
        self.connected: list[str] = []
        monkeypatch.setattr(socket, "getaddrinfo", self.resolve)
        monkeypatch.setattr(socket.socket, "connect", lambda sock, to: self.connect(to))

    def resolve(self, host: str, port: int, **_: Any) -> list[Any]:
        addresses = self.answers[min(self.lookups, len(self.answers) - 1)]
        self.lookups += 1
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in a], socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    def connect(self, to: tuple[str, int]) -> None:
        self.connected.append(to[0])
        raise ConnectionRefusedError("connections are replaced")


def test_only_allowed_addresses_are_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(monkeypatch, ["127.0.0.1", "8.8.8.8", "10.0.0.1", "1.1.1.1"])
    with pytest.raises(ConnectionRefusedError):
        AddressGuard().connect("a.example", 443, 1)
    assert network.connected == ["8.8.8.8", "1.1.1.1"]


def test_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS changes its answer between check and use."""
    network = Network(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    with pytest.raises(ConnectionRefusedError):
        AddressGuard().connect("rebind.example", 443, 1)
    assert (network.lookups, network.connected) == (1, ["8.8.8.8"])


def test_name_with_only_private_addresses_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(monkeypatch, ["10.0.0.1", "fd00::1"])
    with pytest.raises(FetchFailed) as caught:
        AddressGuard().connect("intranet.example", 443, 1)
    assert (caught.value.reason, caught.value.rejected) == ("blocked-address", True)
    assert "10.0.0.1" in caught.value.detail
    assert network.connected == []


def test_name_without_address_is_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(FetchFailed) as caught:
        AddressGuard().connect("gone.example", 443, 1)
    assert (caught.value.reason, caught.value.retry) == ("dns", True)


@pytest.mark.parametrize(
    "host", ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "0", "[::1]", "[::ffff:7f00:1]", "localhost"]
)
def test_odd_spelling_is_blocked(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The resolver of the system reads the spelling; none leads to a private address."""
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("connected"))
    with pytest.raises(FetchFailed) as caught:
        AddressGuard().connect(host, 80, 1)
    assert caught.value.reason in ("blocked-address", "dns")
