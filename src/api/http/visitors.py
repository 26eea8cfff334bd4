"""Visitors without a token: their addresses are all that tells them apart."""

import ipaddress

from starlette.requests import Request

# The length that the database keeps; only a text that is no address can be longer.
_LONGEST = 128


def address_of(request: Request) -> str:
    """Return the address to count attempts by.

    That of the client, or the one that a trusted proxy names: uvicorn decides which proxies are
    trusted (FORWARDED_ALLOW_IPS). One holder of IPv6 has a whole /64 of addresses.
    """
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:_LONGEST]
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host
