"""Calls of one kind that meet go together, as one call of a function that takes many.

One or two calls go alone at once. Those that arrive together, or while others are in flight, go
together. They go as soon as they are as many as those in flight, or as those are done. So a call
that meets no other never waits, and one that meets many waits for their statement at most. The more
calls there are, the more of them share one statement and one commit.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from api.database.connections import Values
from api.database.gates import Account, Gates
from api.database.refusals import overloaded, timed_out
from api.database.statements import Arguments
from api.http.errors import ApiError

# Calls or batches of one kind that are in flight before others wait for them. With two, the
# database has the next one before it is done with the first.
_PLACES = 2

_MOST_WAITING = 512
_MOST_SECONDS = 10.0

# A call that takes longer waits for a lock, most likely: no reason for others to wait as well.
_PATIENCE_SECONDS = 0.1

# Whoever has spoilt a batch is not let into one for so long.
_SUSPICION_SECONDS = 10.0


class NothingDoneError(Exception):
    """A batch failed as a whole and certainly had no effect; each of its calls is made alone.

    It did not get a lock in time, or something in it cannot be done.
    """


class GoesAloneError(Exception):
    """A call was not made, and has to be made alone: its account has spoilt a batch."""


@dataclass(slots=True, eq=False)
class _Call:
    arguments: Arguments
    account: Account
    outcome: asyncio.Future[Values]
    sent: bool = False
    alone: bool = False


class Coalescer:
    """Coalesces calls, each kind by itself, as far as the gates of their accounts let them.

    An account that somebody has locked stops nobody else. A batch that it is in waits for locks a
    moment and comes back undone, and its calls are made alone. A call that takes long gives its
    place to the next.

    Nor does one whose calls spoil batches: the calls of such a batch are made alone, and for a
    while those of this account are not coalesced any more.

    Args:
        gates: They admit a batch if another one may go for its accounts.
        most_overdue: The number of calls that may be in flight that have given their place away.
    """

    def __init__(self, gates: Gates, most_overdue: int) -> None:
        self.gates = gates
        self.overdue_left = most_overdue
        self.lines: list[Line] = []
        self._suspects: set[Account] = set()

    def suspects(self, account: Account) -> bool:
        """Return whether an account has spoilt a batch of late, and its calls go alone."""
        return bool(self._suspects) and account in self._suspects

    def suspect(self, account: Account) -> None:
        """Let an account into no batch for a while."""
        if account not in self._suspects:
            self._suspects.add(account)
            loop = asyncio.get_running_loop()
            loop.call_later(_SUSPICION_SECONDS, self._suspects.discard, account)

    def send_waiting(self) -> None:
        """Send as many of the waiting calls, of any kind, as can go now."""
        for line in self.lines:
            line.send_waiting()


class Line:
    """A queue of calls of one kind.

    Args:
        coalescer: Whose line it is.
        alone: Makes one call.
        together: Makes several calls at once and returns the outcome of each, in their order. After
            NothingDoneError each is made alone.
        most: The number of calls that may go together.
    """

    def __init__(
        self,
        coalescer: Coalescer,
        alone: Callable[[Arguments], Awaitable[Values]],
        together: Callable[[Sequence[Arguments]], Awaitable[Sequence[Values | ApiError]]],
        most: int,
    ) -> None:
        coalescer.lines.append(self)
        self._coalescer = coalescer
        self._alone = alone
        self._together = together
        self._most = most
        self._waiting: deque[_Call] = deque()
        # Those in flight that have a place: single calls and batches.
        self._flights: list[list[_Call]] = []
        self._is_about_to_send = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(self, arguments: Arguments, account: Account) -> Values:
        """Make a call, alone or together with others.

        Raises:
            ApiError: The call was refused, or could not be made.
            GoesAloneError: It was not made.
        """
        gates, loop = self._coalescer.gates, asyncio.get_running_loop()
        # Calls that wait for one locked account must not shut out those for others.
        can_go = len(self._flights) < _PLACES and gates.has_room(account)
        if len(self._waiting) >= _MOST_WAITING and not can_go:
            raise overloaded()
        gates.arrive(account)
        call = _Call(arguments, account, loop.create_future())
        self._waiting.append(call)
        if self._may_send() and not self._is_about_to_send:
            # After the other requests that have come in by now: they go with it.
            self._is_about_to_send = True
            loop.call_soon(self.send_waiting)
        expiry = loop.call_later(_MOST_SECONDS, _expire, call)
        try:
            return await call.outcome
        finally:
            expiry.cancel()
            gates.leave(account)
            # A refusal holds on to this frame.
            del call

    def send_waiting(self) -> None:
        """Send as many of the waiting calls as should go now."""
        self._is_about_to_send = False
        while self._may_send() and (calls := self._next()):
            accounts = {call.account for call in calls}
            self._coalescer.gates.take_off(accounts)
            self._flights.append(calls)
            task = asyncio.create_task(self._send(calls, accounts))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _may_send(self) -> bool:
        """Return whether a place is free, and what waits is worth it.

        A few calls that go off beside many would leave the next ones to be few as well.
        """
        waiting = len(self._waiting)
        return len(self._flights) < _PLACES and waiting >= max(1, sum(map(len, self._flights)))

    def _next(self) -> list[_Call]:
        """Take the calls that go next: one that has to go alone, or all that can go together."""
        most = 1 if len(self._waiting) + len(self._flights) <= _PLACES else self._most
        taken: list[_Call] = []
        left: deque[_Call] = deque()
        for call in self._waiting:
            if self._coalescer.suspects(call.account):
                _settle(call, GoesAloneError())
            if call.outcome.done():
                continue
            full = len(taken) == most or (taken and (call.alone or taken[0].alone))
            if full or not self._coalescer.gates.has_room(call.account):
                left.append(call)
            else:
                taken.append(call)
        self._waiting = left
        return taken

    async def _send(self, calls: list[_Call], accounts: set[Account]) -> None:
        for call in calls:
            call.sent = True
        loop = asyncio.get_running_loop()
        patience = loop.call_later(_PATIENCE_SECONDS, self._give_place_away, calls)
        try:
            outcomes: Sequence[Values | Exception]
            if len(calls) == 1:
                outcomes = [await self._alone(calls[0].arguments)]
            else:
                outcomes = await self._together([call.arguments for call in calls])
            for call, outcome in zip(calls, outcomes, strict=True):
                _settle(call, outcome)
        except NothingDoneError:
            for call in calls:
                call.sent, call.alone = False, True
            self._waiting.extendleft(reversed(calls))
        except Exception as error:
            for call in calls:
                _settle(call, error)
        finally:
            patience.cancel()
            if calls in self._flights:
                self._flights.remove(calls)
            else:
                self._coalescer.overdue_left += 1
            self._coalescer.gates.land(accounts)
            self._coalescer.send_waiting()

    def _give_place_away(self, calls: list[_Call]) -> None:
        if self._coalescer.overdue_left:
            self._coalescer.overdue_left -= 1
            self._flights.remove(calls)
            self.send_waiting()


def _settle(call: _Call, outcome: Values | Exception) -> None:
    """Hand a call its outcome, unless its caller has gone."""
    if call.outcome.done():
        return
    if isinstance(outcome, Exception):
        call.outcome.set_exception(outcome)
    else:
        call.outcome.set_result(outcome)


def _expire(call: _Call) -> None:
    _settle(call, timed_out() if call.sent else overloaded())
