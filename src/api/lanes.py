"""Calls that change an account wait for its lock; only a few of them may do so at once.

Otherwise one account that somebody has locked for long would hold every connection, and stop
the service for everybody else.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from api.coalescing import MOST_FOR_AN_ACCOUNT

_WIDTH = 3

# Coalesced calls, of people and guilds, keep to places of their own and count among the three.
_WIDTHS = {
    "gift": _WIDTH,
    "guild": _WIDTH - MOST_FOR_AN_ACCOUNT,
    "user": _WIDTH - MOST_FOR_AN_ACCOUNT,
}

# The accounts that a call's parameters name.
_KINDS = {
    "p_code": "gift",
    "p_organization_id": "guild",
    "p_guild_id": "guild",
    "p_user_id": "user",
    "p_creator_id": "user",
}

_Account = tuple[str, str]

# Of the ends of holds: whose they are, and so whose lock they wait for, is not known here.
_HOLD = "p_reservation_id"
_HOLDS: _Account = (_HOLD, "")


@dataclass(slots=True)
class _Lane:
    places: asyncio.Semaphore
    calls: int = 0


class Lanes:
    """One lane an account, there as long as calls are in it.

    Args:
        ends_of_holds: How many holds may be ended at once, whoever's they are.
    """

    def __init__(self, ends_of_holds: int) -> None:
        self._ends_of_holds = ends_of_holds
        self._lanes: dict[_Account, _Lane] = {}

    @asynccontextmanager
    async def enter(self, arguments: Mapping[str, Any]) -> AsyncIterator[None]:
        """Wait for a place in the lane of each account that a call changes."""
        async with AsyncExitStack() as lanes:
            # In one order, so that no two calls wait for each other; a person before their guild,
            # and a guild before a gift, so that who waits for their own account stops nobody else.
            for account in sorted(_accounts(arguments), reverse=True):
                await lanes.enter_async_context(self._enter(account))
            yield

    @asynccontextmanager
    async def _enter(self, account: _Account) -> AsyncIterator[None]:
        lane = self._lanes.get(account)
        if lane is None:
            width = _WIDTHS.get(account[0], self._ends_of_holds)
            lane = self._lanes[account] = _Lane(asyncio.Semaphore(width))
        lane.calls += 1
        try:
            async with lane.places:
                yield
        finally:
            lane.calls -= 1
            if not lane.calls:
                del self._lanes[account]


def _accounts(arguments: Mapping[str, Any]) -> set[_Account]:
    if _HOLD in arguments:
        return {_HOLDS}
    return {
        (kind, arguments[name]) for name, kind in _KINDS.items() if arguments.get(name) is not None
    }
