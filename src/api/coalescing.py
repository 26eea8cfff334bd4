"""Calls of one kind that meet go together, as one call of a function that takes many.

One or two calls go alone at once. Those that arrive together, or while others are in flight, go
together as soon as they are as many as are in flight, or as those are done. So a call that meets
no other never waits, one that meets many waits for their statement at most, and the more calls
there are, the more of them share one statement and one commit.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from api.connections import Values
from api.errors import ApiError
from api.refusals import overloaded, timed_out
from api.statements import Arguments

# Calls or batches of one kind, and of one account, that are in flight before others wait for them.
# With two, the database has the next one before it is done with the first.
_PLACES = 2
MOST_FOR_AN_ACCOUNT = 2

_MOST_TOGETHER = 128
_MOST_WAITING = 512
_MOST_SECONDS = 10.0

# A call that takes longer waits for a lock, most likely: no reason for others to wait as well.
_PATIENCE_SECONDS = 0.1


class NothingDoneError(Exception):
    """A batch failed as a whole and certainly had no effect."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How calls of one kind are made.

    Attributes:
        alone: Makes one call.
        together: Makes several calls at once and returns what became of each, in their order; or
            raises NothingDoneError, and each is made alone instead.
        account_of: Names the account whose lock a call takes, or None.
    """

    alone: Callable[[Arguments], Awaitable[Values]]
    together: Callable[[Sequence[Arguments]], Awaitable[Sequence[Values | ApiError]]]
    account_of: Callable[[Arguments], str | None]


@dataclass(slots=True, eq=False)
class _Call:
    arguments: Arguments
    account: str | None
    outcome: asyncio.Future[Values]
    sent: bool = False
    goes_alone: bool = False


class Coalescer:
    """Coalesces calls, each kind by itself; an account has at most two of them in flight.

    More would only wait for each other's lock. An account that somebody has locked stops nobody
    else: a batch that it is in comes back undone within moments, as its time to wait for locks is
    short, and its calls are made alone; a call that takes long gives its place to the next.

    Args:
        most_overdue: How many calls may be in flight that have given their place away.
    """

    def __init__(self, most_overdue: int) -> None:
        self._in_flight: dict[str, int] = {}
        self.overdue_left = most_overdue
        self._lines: list[Line] = []

    def line(self, kind: Kind) -> "Line":
        """Return where the calls of a new kind queue up."""
        line = Line(kind, self)
        self._lines.append(line)
        return line

    def has_room(self, account: str | None) -> bool:
        """Tell whether another call for an account may be sent now."""
        return account is None or self._in_flight.get(account, 0) < MOST_FOR_AN_ACCOUNT

    def take_off(self, accounts: Iterable[str]) -> None:
        """Count one call or batch more in flight for each of these accounts."""
        for account in accounts:
            self._in_flight[account] = self._in_flight.get(account, 0) + 1

    def land(self, accounts: Iterable[str]) -> None:
        """Count one less, and send who waited for it."""
        for account in accounts:
            self._in_flight[account] -= 1
            if not self._in_flight[account]:
                del self._in_flight[account]
        self.send_waiting()

    def send_waiting(self) -> None:
        """Send as many of the waiting calls, of any kind, as can go now."""
        for line in self._lines:
            line.send_waiting()


class Line:
    """Where calls of one kind queue up."""

    def __init__(self, kind: Kind, coalescer: Coalescer) -> None:
        self._kind = kind
        self._coalescer = coalescer
        self._waiting: deque[_Call] = deque()
        self._places = _PLACES
        self._in_flight = 0
        self._is_about_to_send = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(self, arguments: Arguments) -> Values:
        """Make a call, alone or together with others.

        Raises:
            ApiError: The call was refused, or could not be made.
        """
        account = self._kind.account_of(arguments)
        # Calls that wait for one locked account must not shut out those for others.
        can_go = self._places > 0 and self._coalescer.has_room(account)
        if len(self._waiting) >= _MOST_WAITING and not can_go:
            raise overloaded()
        loop = asyncio.get_running_loop()
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

    def send_waiting(self) -> None:
        """Send as many of the waiting calls as should go now."""
        self._is_about_to_send = False
        while self._may_send() and (calls := self._next()):
            flight = _Flight(self, self._coalescer, calls)
            task = asyncio.create_task(self._send(calls, flight))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def take_off(self, calls: int) -> None:
        """Count so many calls more in flight, in one place."""
        self._places -= 1
        self._in_flight += calls

    def land(self, calls: int) -> None:
        """Count so many less."""
        self._places += 1
        self._in_flight -= calls

    def _may_send(self) -> bool:
        """Tell whether a place is free, and what waits is worth it.

        A few calls that go off beside many would leave the next ones to be few as well.
        """
        waiting = len(self._waiting)
        return self._places > 0 and waiting > 0 and waiting >= self._in_flight

    def _next(self) -> list[_Call]:
        """Take the calls that go next: one that goes alone, or all others that can go together."""
        most = 1 if len(self._waiting) <= self._places else _MOST_TOGETHER
        taken: list[_Call] = []
        left: deque[_Call] = deque()
        for call in self._waiting:
            if call.outcome.done():
                continue
            full = len(taken) == most or (taken and (call.goes_alone or taken[0].goes_alone))
            if full or not self._coalescer.has_room(call.account):
                left.append(call)
            else:
                taken.append(call)
        self._waiting = left
        return taken

    async def _send(self, calls: list[_Call], flight: "_Flight") -> None:
        for call in calls:
            call.sent = True
        try:
            outcomes = await self._outcomes([call.arguments for call in calls])
        except NothingDoneError:
            self._queue_again(calls)
        except Exception as error:
            for call in calls:
                _settle(call, error)
        else:
            for call, outcome in zip(calls, outcomes, strict=True):
                _settle(call, outcome)
        finally:
            flight.land()

    async def _outcomes(self, calls: list[Arguments]) -> Sequence[Values | Exception]:
        if len(calls) == 1:
            return [await self._kind.alone(calls[0])]
        return await self._kind.together(calls)

    def _queue_again(self, calls: list[_Call]) -> None:
        for call in calls:
            call.sent = False
            call.goes_alone = True
        self._waiting.extendleft(reversed(calls))


class _Flight:
    """A call or batch in flight, which takes a place of its line and of each of its accounts."""

    def __init__(self, line: Line, coalescer: Coalescer, calls: Sequence[_Call]) -> None:
        self._line = line
        self._coalescer = coalescer
        self._calls = len(calls)
        self._accounts = {call.account for call in calls if call.account is not None}
        self._overdue = False
        coalescer.take_off(self._accounts)
        line.take_off(self._calls)
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(_PATIENCE_SECONDS, self._give_place_away)

    def land(self) -> None:
        """Free the places, and send who waited for them."""
        self._patience.cancel()
        if self._overdue:
            self._coalescer.overdue_left += 1
        else:
            self._line.land(self._calls)
        self._coalescer.land(self._accounts)

    def _give_place_away(self) -> None:
        if self._coalescer.overdue_left:
            self._overdue = True
            self._coalescer.overdue_left -= 1
            self._line.land(self._calls)
            self._line.send_waiting()


def _settle(call: _Call, outcome: Values | Exception) -> None:
    """Tell a call's outcome, unless its caller has gone."""
    if call.outcome.done():
        return
    if isinstance(outcome, Exception):
        call.outcome.set_exception(outcome)
    else:
        call.outcome.set_result(outcome)


def _expire(call: _Call) -> None:
    _settle(call, timed_out() if call.sent else overloaded())
