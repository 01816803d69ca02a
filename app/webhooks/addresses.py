"""Where messages may go: public addresses by TLS, and what the deployment allows besides (NETRA_WEBHOOK_ALLOW).

A host is resolved here and the connection is made to the addresses that were checked, so that a name cannot say one
thing when it is checked and another when it is used."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from app.errors import BadInput

LONGEST_URL = 500
PLAIN = re.compile(r"[!-\[\]-~]+")
"""Printable ASCII without blanks and backslashes: browsers and libraries disagree about the rest."""
HOST = re.compile(r"[A-Za-z0-9_.:%-]+")
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
NOT_PUBLIC: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        # IANA's registries of special-purpose addresses, as far as is_global does not know them
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.175.48.0/24", "198.18.0.0/15", "224.0.0.0/3",
        "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip
GLOBAL_V6 = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
NEVER_BY_NAME = (ipaddress.ip_network("169.254.0.0/16"), ipaddress.ip_network("fe80::/10"))
"""Link-local addresses, among them those where clouds give out credentials: only a network in the list allows them."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a deployment allows besides public addresses: networks, and hosts by name; there http is allowed too."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL: what to ask for, and the addresses to which alone the connection may be made."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


def allowed_by(setting: str) -> Allowed:
    """The setting's hosts and networks with commas between."""
    networks, hosts = [], set()
    for entry in filter(None, (part.strip() for part in setting.split(","))):
        try:
            networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            hosts.add(entry.lower().rstrip("."))
    return Allowed(tuple(networks), frozenset(hosts))


def is_public(address: Address) -> bool:
    """Whether anybody on the internet can have this address; an IPv6 form of an IPv4 address counts as that one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in GLOBAL_V6:
            return False
    inside = any(address in network for network in NOT_PUBLIC if network.version == address.version)
    return address.is_global and not address.is_multicast and not inside


def target_of(url: str, allowed: Allowed) -> Target:
    """The URL, resolved and checked; every address of a host must be one that may be called. Raises BadInput."""
    scheme, host, port, path = _parts(url)
    addresses = _resolved(host, port)
    by_name = host in allowed.hosts
    listed = [_is_listed(address, by_name, allowed) for address in addresses]
    if not all(inside or is_public(address) for inside, address in zip(listed, addresses, strict=True)):
        raise BadInput(
            "Alamat ini mengarah ke jaringan pribadi atau mesin ini sendiri; izinkan lewat NETRA_WEBHOOK_ALLOW"
            " / This address leads into a private network or to this machine: allow it in NETRA_WEBHOOK_ALLOW",
            field="url",
        )
    if scheme == "http" and not all(listed):
        raise BadInput("Gunakan https:// / Use https://", field="url")
    return Target(scheme, host, port, path, tuple(str(address) for address in addresses))


def _is_listed(address: Address, by_name: bool, allowed: Allowed) -> bool:
    if any(address.version == network.version and address in network for network in allowed.networks):
        return True
    mapped = getattr(address, "ipv4_mapped", None) or address
    never = mapped.is_multicast or mapped.is_unspecified or any(
        mapped.version == network.version and mapped in network for network in NEVER_BY_NAME
    )  # fmt: skip
    return by_name and not never


def _parts(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path with query. Raises BadInput for what is no plain web address."""
    refusal = BadInput(
        "Tulis alamat seperti https://contoh.id/netra, tanpa nama pengguna dan tanpa #"
        " / Write an address like https://example.org/netra, without a user name and without #",
        field="url",
    )
    if len(url) > LONGEST_URL or not PLAIN.fullmatch(url) or "#" in url:
        raise refusal
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError as error:
        raise refusal from error
    host = (split.hostname or "").rstrip(".")
    if split.scheme not in {"http", "https"} or "@" in split.netloc or not HOST.fullmatch(host):
        raise refusal
    chosen = port if port is not None else {"https": 443, "http": 80}[split.scheme]
    if chosen not in {80, 443} and chosen < 1024:
        raise BadInput("Porta ini tidak dilayani: 443, 80, atau 1024 ke atas / Port 443, 80, or 1024 up", field="url")
    return split.scheme, host, chosen, (split.path or "/") + (f"?{split.query}" if split.query else "")


def _resolved(host: str, port: int) -> Sequence[Address]:
    """All addresses of the host, each once. Raises BadInput where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadInput(f"Nama ini tidak ditemukan / No such host: {host[:80]}", field="url") from error
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0])) for entry in found))
