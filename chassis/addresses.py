"""Addresses of clients: which of them count as one, and how much of one may be written down."""
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

NETWORK = "X-Mahalle-Network"  # the header by which the gateway tells services what a request's address counts as
REMEMBERED = 4096  # addresses whose kin is not computed again


def read(text: str) -> IPv4Address | IPv6Address | None:
    """None for what is no address. An IPv4 address in the clothes of an IPv6 one is the IPv4 address."""
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(REMEMBERED)
def counted_as(text: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 of an IPv6 one, of which a household has all."""
    return _within(text, 32, 64)


@lru_cache(REMEMBERED)
def masked(text: str) -> str:
    """As logs may have it: the /24 of an IPv4 address, the /48 of an IPv6 one."""
    return _within(text, 24, 48)


def _within(text: str, four: int, six: int) -> str:
    found = read(text)
    if found is None:
        return "unknown"
    if found.version == 4 and four == 32:
        return str(found)
    return str(ip_network((int(found), four if found.version == 4 else six), strict=False))
