"""Calls that change an account wait for its lock; only a few of them may do so at once.

Otherwise one account that somebody has locked for long would hold every connection, and stop
the service for everybody else.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from api.batches import BATCH_FORMS
from api.coalescing import MOST_FOR_AN_ACCOUNT

WIDTH = 3

# Coalesced calls keep to places of their own beside the lane, and count among the three.
_COALESCED = frozenset(form.account for form in BATCH_FORMS.values())

# The account whose lock a function takes first: the order in which functions take locks.
_ACCOUNTS = ("p_code", "p_organization_id", "p_guild_id", "p_user_id", "p_creator_id")


@dataclass(slots=True)
class _Lane:
    places: asyncio.Semaphore
    calls: int = 0


class Lanes:
    """One lane an account, there as long as calls are in it."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[str, str], _Lane] = {}

    @asynccontextmanager
    async def enter(self, function: str, arguments: Mapping[str, Any]) -> AsyncIterator[None]:
        """Wait for a place in the lane of the account that a call changes; reads never wait."""
        account = _account(function, arguments)
        if account is None:
            yield
            return
        lane = self._lanes.get(account)
        if lane is None:
            lane = self._lanes[account] = _Lane(asyncio.Semaphore(_width(account[0])))
        lane.calls += 1
        try:
            async with lane.places:
                yield
        finally:
            lane.calls -= 1
            if not lane.calls:
                del self._lanes[account]


def _account(function: str, arguments: Mapping[str, Any]) -> tuple[str, str] | None:
    if function.partition(".")[2].startswith(("get_", "list_")):
        return None
    return next(((name, arguments[name]) for name in _ACCOUNTS if name in arguments), None)


def _width(parameter: str) -> int:
    return WIDTH - MOST_FOR_AN_ACCOUNT if parameter in _COALESCED else WIDTH
