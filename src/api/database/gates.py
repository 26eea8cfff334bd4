"""Gates, one an account: of the calls for it a few are under way at once, the others wait.

Otherwise one account that somebody has locked for long would hold every connection, and stop the
service for everybody else. So would one person who asks for very much.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from api.database.refusals import overloaded


class Kind(IntEnum):
    """The kinds of gates, in the order in which a call passes several.

    So no two calls wait for each other. A person comes before their guild, and a guild before a
    gift: whoever waits for their own account stops nobody else.
    """

    PERSON = 1
    GUILD = 2
    GIFT = 3
    # Those who only read wait for no lock; they have gates of their own.
    READING_PERSON = 4
    READING_GUILD = 5
    # All that is known of somebody without a token.
    ADDRESS = 6


# By the kinds of accounts in the ledger.
OF_LEDGER = {"person": Kind.PERSON, "pool": Kind.GUILD}


# The kinds that are somebody's: a person's or a guild's.
OF_SOMEBODY = frozenset({Kind.PERSON, Kind.GUILD, Kind.READING_PERSON, Kind.READING_GUILD})


class Account(NamedTuple):
    """An account that calls are counted by."""

    kind: Kind
    id: str


# Batches that an account is in. With two, the database has the next one before it is done with
# the first; more would only wait for each other's lock.
MOST_BATCHES = 2

# Calls on their own. With the batches three for an account that can be locked.
_WIDTHS = {
    Kind.PERSON: 1,
    Kind.GUILD: 1,
    Kind.GIFT: 3,
    Kind.READING_PERSON: 2,
    Kind.READING_GUILD: 2,
    Kind.ADDRESS: 2,
}

# Under way or waiting. Whoever waits asks for nothing meanwhile: so the number is large, as one who
# is turned away at once comes back at once.
_MOST_CALLS = 1024


@dataclass(slots=True)
class _Gate:
    places: asyncio.Semaphore
    calls: int = 0
    batches: int = 0


class Gates:
    """The gates of all accounts, each there as long as somebody is at it."""

    def __init__(self) -> None:
        self._gates: dict[Account, _Gate] = {}

    def arrive(self, account: Account) -> None:
        """Count a call that waits, or is under way, alone or in a batch, until it leaves.

        Raises:
            ApiError: 503 overloaded: too many wait already.
        """
        gate = self._gate(account)
        if gate.calls >= _MOST_CALLS:
            raise overloaded()
        gate.calls += 1

    def leave(self, account: Account) -> None:
        """Count one call less."""
        gate = self._gates[account]
        gate.calls -= 1
        self._forget_unused(account, gate)

    @asynccontextmanager
    async def enter(self, accounts: Iterable[Account]) -> AsyncIterator[None]:
        """Wait until a call of its own may go, and count it as long as it is under way.

        Raises:
            ApiError: 503 overloaded: too many wait already.
        """
        async with AsyncExitStack() as passed:
            for account in sorted(accounts):
                self.arrive(account)
                passed.callback(self.leave, account)
                await passed.enter_async_context(self._gates[account].places)
            yield

    def has_room(self, account: Account) -> bool:
        """Return whether another batch with an account in it may go now."""
        gate = self._gates.get(account)
        return gate is None or gate.batches < MOST_BATCHES

    def take_off(self, accounts: Iterable[Account]) -> None:
        """Count one batch more that each of these accounts is in."""
        for account in accounts:
            self._gate(account).batches += 1

    def land(self, accounts: Iterable[Account]) -> None:
        """Count one less."""
        for account in accounts:
            gate = self._gates[account]
            gate.batches -= 1
            self._forget_unused(account, gate)

    def _gate(self, account: Account) -> _Gate:
        gate = self._gates.get(account)
        if gate is None:
            places = asyncio.Semaphore(_WIDTHS[account.kind])
            gate = self._gates[account] = _Gate(places)
        return gate

    def _forget_unused(self, account: Account, gate: _Gate) -> None:
        if not gate.calls and not gate.batches:
            del self._gates[account]
