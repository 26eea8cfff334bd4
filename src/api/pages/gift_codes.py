"""The code of a gift in a path, and the look-up of a gift that is open to anyone."""

from typing import TypeVar

from starlette.requests import Request

from api.database.rows import Gift
from api.http.errors import not_found
from api.http.parameters import path_text
from api.http.visitors import address_of
from api.services import services_of

Found = TypeVar("Found")

_LONGEST_CODE = 64
NO_CODE = "-"


def path_code(request: Request) -> str:
    """Return the code of a path as it was typed; what cannot be one counts as one all the same."""
    code = path_text(request, "code")
    return NO_CODE if code is None or len(code) > _LONGEST_CODE or "\0" in code else code


def found_by_code(rows: list[Found]) -> Found:
    """Return the only row.

    Raises:
        ApiError: 404 gift_not_found: there is none. The database does not raise this itself, since
            that would undo the counting of the attempt.
    """
    if not rows:
        raise not_found("gift_not_found", "There is no such gift")
    return rows[0]


async def look_up_gift(request: Request) -> Gift:
    """Return what anyone may know of the gift whose code is in the path.

    Every way to look a gift up draws on the one budget of the caller's address.

    Raises:
        ApiError: 404 gift_not_found; 429 too_many_attempts; 503 when it cannot be looked up.
    """
    gifts = await services_of(request).database.many(
        "gifts.get_public_gift", Gift, p_code=path_code(request), p_address=address_of(request)
    )
    return found_by_code(gifts)
