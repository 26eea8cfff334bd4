"""Upkeep: expiries are written down, events put in order, ledgers sealed, erasures finished.

Each of these does one batch of work and returns whether there may be more. Several processes may do
it at once; what one of them is to do for all is claimed first.
"""

import logging
from decimal import Decimal
from typing import Final

from api.database.client import Database, Functions
from api.database.rows import Row
from worker.jobs import claimed

logger = logging.getLogger("worker.upkeep")

_BATCH: Final = 100
_EVENTS_ORDERED: Final = 1000
_EVENTS_TRIMMED: Final = 10000
_ENTRIES_SEALED: Final = 5000

_FORGET_SECONDS: Final = 60.0
_TRIM_SECONDS: Final = 60.0

# A row becomes evidence within about this time, plus what a round takes (docs/tamper-evidence.md).
_SEAL_SECONDS: Final = 900.0


class ExpiredGifts(Row):
    """The number of gifts closed, and the credits that went back to their creators."""

    gifts_expired: int
    credits_refunded: Decimal


class TrimmedEvents(Row):
    """The number of events deleted, and the consumers that are lost from now on."""

    deleted: int
    lost: list[str] | None


class SealedRows(Row):
    """Entries that a batch sealed, and where the next one goes on; null after the last."""

    rows_sealed: int
    next_after: str | None


async def expire_gifts(functions: Functions) -> bool:
    """Pay back what is left of expired gifts."""
    done = await functions.one("gifts.expire_gifts", ExpiredGifts, p_limit=_BATCH)
    if done.gifts_expired:
        extra = {"gifts": done.gifts_expired, "credits": str(done.credits_refunded)}
        logger.info("gifts expired", extra=extra)
    return done.gifts_expired == _BATCH


async def expire_holds_and_credits(functions: Functions) -> bool:
    """End holds and credits that are past their time."""
    accounts: int = await functions.value("credits.expire_due", p_limit=_BATCH)
    if accounts:
        logger.info("accounts settled", extra={"accounts": accounts})
    return accounts > 0


async def expire_attempts(functions: Functions) -> bool:
    """Forget attempts that no throttle counts any more, if it is time to; one process does so."""
    async with claimed(functions, "expire_attempts", _FORGET_SECONDS) as is_ours:
        if is_ours:
            await functions.run("credits.expire_attempts")
    return False


async def measure(functions: Functions) -> bool:
    """Add up where all credits are, if it is time to; one process does so for all."""
    if await functions.value("credits.claim_measurement"):
        await functions.run("credits.measure")
    return False


async def order_events(functions: Functions) -> bool:
    """Give new events their places."""
    ordered: int = await functions.value("credits.order_events", p_limit=_EVENTS_ORDERED)
    return ordered == _EVENTS_ORDERED


async def trim_events(functions: Functions) -> bool:
    """Delete events that all consumers are done with, if it is time to; one process does so."""
    async with claimed(functions, "trim_events", _TRIM_SECONDS) as more:
        while more:
            done = await functions.one(
                "credits.trim_events", TrimmedEvents, p_limit=_EVENTS_TRIMMED
            )
            if done.lost:
                logger.error("consumers of events are lost", extra={"consumers": done.lost})
            more = done.deleted == _EVENTS_TRIMMED
    return False


async def seal(functions: Functions) -> bool:
    """Seal what has come since the last time, if it is time to; one process seals all ledgers."""
    sealed = 0
    async with claimed(functions, "seal", _SEAL_SECONDS) as is_ours:
        after = "" if is_ours else None
        while after is not None:
            done = await functions.one(
                "credits.seal", SealedRows, p_after=after, p_limit=_ENTRIES_SEALED
            )
            sealed += done.rows_sealed
            after = done.next_after
    if sealed:
        logger.info("ledgers sealed", extra={"rows": sealed})
    return False


async def erase(database: Database) -> bool:
    """Do the next step of an erasure that was too large for its call."""
    if not await database.value("credits.erasure_is_due"):
        return False
    more: bool = await database.value_patiently("credits.continue_erasure")
    logger.info("step of an erasure")
    return more
