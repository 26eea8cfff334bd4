"""A look whether the database answers."""

from api.database.client import Functions
from api.database.rows import Row
from api.http.errors import ApiError


class TimeZone(Row):
    """The zone in which the database cuts days and months for spending limits."""

    limits_time_zone: str


async def answers(functions: Functions) -> bool:
    """Ask the database for something small."""
    try:
        await functions.one("credits.limits_time_zone", TimeZone)
    except ApiError:
        return False
    return True
