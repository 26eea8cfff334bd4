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

# Of calls that name none, such as the end of a hold: whose lock they wait for is not known here.
_UNKNOWN: _Account = ("", "")


@dataclass(slots=True)
class _Lane:
    places: asyncio.Semaphore
    calls: int = 0


class Lanes:
    """One lane an account, there as long as calls are in it.

    Args:
        unknown: How many calls that name no account may be made at once, all together.
    """

    def __init__(self, unknown: int) -> None:
        self._unknown = unknown
        self._lanes: dict[_Account, _Lane] = {}

    @asynccontextmanager
    async def enter(self, arguments: Mapping[str, Any]) -> AsyncIterator[None]:
        """Wait for a place in the lane of each account that a call changes."""
        async with AsyncExitStack() as lanes:
            # In one order, so that no two calls wait for each other.
            for account in sorted(_accounts(arguments)) or [_UNKNOWN]:
                await lanes.enter_async_context(self._enter(account))
            yield

    @asynccontextmanager
    async def _enter(self, account: _Account) -> AsyncIterator[None]:
        lane = self._lanes.get(account)
        if lane is None:
            width = _WIDTHS.get(account[0], self._unknown)
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
    return {
        (kind, arguments[name]) for name, kind in _KINDS.items() if arguments.get(name) is not None
    }
