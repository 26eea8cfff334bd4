"""The code of a gift in a path, and the look-up of a gift that is open to anyone."""

from starlette.requests import Request

from api.errors import not_found
from api.parameters import path_text
from api.rows import Gift
from api.services import services_of
from api.throttle import address_of

_LONGEST_CODE = 64


def path_code(request: Request) -> str:
    """Return the code of a path as it was typed.

    Raises:
        ApiError: 404 gift_not_found: it cannot be a code.
    """
    code = path_text(request, "code")
    if code is None or len(code) > _LONGEST_CODE or "\0" in code:
        raise not_found("gift_not_found", "There is no such gift")
    return code


async def look_up_gift(request: Request) -> Gift:
    """Return what anyone may know of the gift whose code is in the path.

    Every way to look a gift up draws on the one budget of the caller's address.

    Raises:
        ApiError: 404 gift_not_found; 429 too_many_attempts; 503 when it cannot be looked up.
    """
    services = services_of(request)
    address = address_of(request)
    await services.gift_look_ups.check(address)
    await services.gift_look_ups.count(address)
    return await services.database.one("gifts.get_gift", Gift, p_code=path_code(request))
