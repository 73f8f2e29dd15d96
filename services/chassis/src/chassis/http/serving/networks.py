"""The client's network, by which shares and budgets are counted."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.types import Scope

UNKNOWN = "unknown"
IPV4_BITS = 24
"""Addresses are rented in blocks."""
IPV6_BITS = 64
"""What one connection is given at the least (RFC 6177)."""


def network_of(scope: Scope) -> str:
    """The client's network. Behind a proxy it is the client's own only where the setting `trusted_proxies` names the proxy."""
    client = scope.get("client")
    try:
        address = ip_address(str(client[0])) if client else None
    except ValueError:
        address = None
    return UNKNOWN if address is None else _network(address)


def _network(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(ip_network((int(address), IPV6_BITS), strict=False))
        address = address.ipv4_mapped
    return str(ip_network((int(address), IPV4_BITS), strict=False))
