"""Which addresses a fetch may connect to: public unicast ones, and what the operator allows."""

import re
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from memos.errors import ConfigError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_UNICAST6 = ip_network("2000::/3")
_CLOSED = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments, among them a cloud's metadata service
        "192.88.99.0/24",  # 6to4 relays
        "168.63.129.16/32",  # a cloud's host services under a public address
        "2001::/23",  # Teredo and other tunnels that carry an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4: carries an IPv4 address
        "3fff::/20",
    )
)
_NUMERIC = re.compile(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*\.?", re.IGNORECASE)


class AddressPolicy:
    """Says which hosts and addresses may be reached.

    Args:
        allowed: what may be reached besides public addresses: host names (`files.internal`),
            addresses (`10.1.2.3`) and networks (`10.0.0.0/8`).

    Raises:
        ConfigError: an entry is none of these.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._hosts: set[str] = set()
        self._networks: list[Network] = []
        for entry in allowed:
            self._add(entry.strip().lower())

    def _add(self, entry: str) -> None:
        try:
            self._networks.append(ip_network(entry))
        except ValueError:
            if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", entry) or _NUMERIC.fullmatch(
                entry
            ):
                raise ConfigError(
                    "a host to fetch from must be a name, an address or a network such as "
                    "10.0.0.0/8"
                ) from None
            self._hosts.add(entry)

    def allows_name(self, host: str) -> bool:
        """Whether every address of this host may be reached."""
        return host.lower().rstrip(".") in self._hosts

    def allows(self, address: str) -> bool:
        """Whether this address may be reached."""
        try:
            parsed = ip_address(address)
        except ValueError:
            # Link-local addresses with a zone end here.
            return False
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        if any(parsed in network for network in self._networks):
            return True
        return _is_public(parsed)


def is_odd_number(host: str) -> bool:
    """Whether a host is an address written in another way than a.b.c.d: `2130706433`, `0x7f.1`."""
    if not _NUMERIC.fullmatch(host):
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def _is_public(address: Address) -> bool:
    if any(address in network for network in _CLOSED):
        return False
    if isinstance(address, IPv6Address) and address not in _UNICAST6:
        # Loopback, local, multicast, IPv4-compatible, NAT64 and all that is not assigned.
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
