"""The code of a gift in a path: looking the gift up, which anyone may, and answering its riddle."""

import asyncio
import ipaddress
import re
from typing import Any, Final, TypeVar

import bcrypt
from starlette.requests import Request

from api.call import Call
from api.database.rows import Gift
from api.http.errors import ApiError
from api.http.parameters import path_text

Found = TypeVar("Found")

_LONGEST_CODE = 64

# The length that the database keeps; only a text that is no address can be longer.
_LONGEST_ADDRESS = 128

NO_CODE = "-"
# What cannot be stored: a NUL, and bytes that are no UTF-8.
_IN_NO_CODE = re.compile(r"[\0\ud800-\udfff]")

# Characters that JavaScript's trim() takes away: the predecessor trimmed answers by it.
_BLANK: Final = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_BCRYPT_READS = 72


def path_code(request: Request) -> str:
    """Return the code of a path as it was typed; what cannot be one counts as one all the same."""
    code = path_text(request, "code")
    return NO_CODE if len(code) > _LONGEST_CODE or _IN_NO_CODE.search(code) else code


def found_by_code(rows: list[Found]) -> Found:
    """Return the only row.

    Raises:
        ApiError: 404 gift_not_found: there is none. The database does not raise this itself, since
            that would undo the counting of the attempt.
    """
    if not rows:
        raise ApiError("gift_not_found", "There is no such gift")
    return rows[0]


def address_of(request: Request) -> str:
    """Return the address to count attempts by.

    That of the client, or the one that a trusted proxy names: uvicorn decides which proxies are
    trusted (FORWARDED_ALLOW_IPS). One holder of IPv6 has a whole /64 of addresses; some proxies
    write an IPv4 address as one of IPv6.
    """
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:_LONGEST_ADDRESS]
    if address.version == 4:
        return host
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


async def look_up_gift(call: Call[Any]) -> Gift:
    """Return what anyone may know of the gift whose code is in the path.

    Every way to look a gift up draws on the one budget of the caller's address.

    Raises:
        ApiError: 404 gift_not_found; 429 too_many_attempts; 503 when it cannot be looked up.
    """
    request = call.request
    gifts = await call.functions.many(
        "gifts.get_gift", Gift, p_code=path_code(request), p_address=address_of(request)
    )
    return found_by_code(gifts)


async def answer_as_kept(call: Call[Any], answer: str | None) -> str | None:
    """Return somebody's answer to the riddle of the gift in the path, as the database compares it.

    That is the answer itself. Of gifts from the predecessor only a bcrypt hash is known, so their
    answers are hashed in the same way.

    Raises:
        ApiError: 429 too_many_attempts; 503 when it cannot be looked up.
    """
    if answer is None:
        return None
    # The only row, if there is one.
    salt = await call.functions.value(
        "gifts.riddle_salt", "max(salt)", p_code=path_code(call.request), p_user_id=call.user.id
    )
    if salt is None:
        return answer
    password = answer.lower().strip(_BLANK).encode()[:_BCRYPT_READS]
    # It takes some 50 milliseconds of a core, and lets other threads run.
    hashed = await asyncio.to_thread(bcrypt.hashpw, password, salt.encode())
    return hashed.decode()
