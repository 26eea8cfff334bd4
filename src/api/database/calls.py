"""Makes calls: alone or together with others, within time limits, again where that is safe."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from typing import Any, NamedTuple

import psycopg

from api.database.batches import BATCH_FORMS, BatchForm
from api.database.coalescing import Coalescer, GoesAloneError, Line, NothingDoneError
from api.database.connections import Values
from api.database.functions import CALLER, FUNCTIONS, OF_NOBODY, REQUEST_ID, Function
from api.database.gates import OF_LEDGER, OF_SOMEBODY, Account, Gates
from api.database.refusals import (
    RETRIABLE,
    had_no_effect,
    overloaded,
    refusal_of,
    spoils,
    timed_out,
)
from api.database.statements import Arguments, call_statement
from api.http.errors import ApiError
from api.observability.logs import request_line
from api.observability.refusals import note_account, note_app

_MOST_ATTEMPTS = 4
_CALL_SECONDS = 10.0

Fetch = Callable[[bytes, dict[str, Any]], Awaitable[list[Values]]]
Holder = Callable[[Sequence[Account]], Awaitable[Fetch]]


class Target(NamedTuple):
    """A function, the columns to select of its rows, and the name of the calling service."""

    function: str
    columns: tuple[str, ...]
    caller: str | None

    @property
    def declared(self) -> Function:
        """The declaration of the function."""
        return FUNCTIONS.get(self.function, OF_NOBODY)


_ACCOUNT_OF_HOLD = Target("credits.account_of_hold", ("account_id", "kind"), None)


class Calls:
    """Makes calls of the functions of the schemas credits and gifts, one statement a call.

    Only a call that certainly had no effect is made again (serialization failure, deadlock); a
    lost connection is reported, never retried.

    Args:
        fetch: Executes a statement.
        most_overdue: The number of calls waiting for a lock that others do not wait for.
        holder: Finds what executes statements for accounts, where that is not `fetch`.
    """

    def __init__(self, fetch: Fetch, most_overdue: int, holder: Holder | None = None) -> None:
        self._fetch = fetch
        self._holder = holder
        self._gates = Gates()
        self._coalescer = Coalescer(self._gates, most_overdue)
        self._lines: dict[tuple[Target, Fetch], Line] = {}

    async def row(self, target: Target, arguments: Arguments) -> Values:
        """Call a function and return its row; calls that meet may share a statement.

        Raises:
            ApiError: The function refused, or the database could not serve the call.
            LookupError: It returned no row or several, which is our own mistake.
        """
        arguments, accounts = await self._prepared(target, arguments)
        form = BATCH_FORMS.get(target.function)
        if form is not None and form.takes(arguments):
            [account] = accounts
            if not self._coalescer.suspects(account):
                with suppress(GoesAloneError):
                    line = self._line(
                        target, form, await self._fetch_for(target.declared, accounts)
                    )
                    return await line.call(arguments, account)
        return await self._alone(target, arguments, accounts)

    async def rows(self, target: Target, arguments: Arguments) -> Sequence[Values]:
        """Call a function and return its rows; see `row`."""
        return await self._attempt(target, *await self._prepared(target, arguments))

    async def _prepared(
        self, target: Target, arguments: Arguments
    ) -> tuple[Arguments, list[Account]]:
        """Return the arguments with what is said beside them, and the accounts of a call."""
        declared = target.declared
        request = request_line.get()
        told = {REQUEST_ID: request and request.request_id, CALLER: target.caller}
        arguments = {**arguments, **{name: told[name] for name in declared.tells}}
        accounts = await self._accounts_of(declared, arguments)
        _note(arguments, accounts)
        return arguments, accounts

    async def _fetch_for(self, declared: Function, accounts: Sequence[Account]) -> Fetch:
        if self._holder is None or declared.at_coordinator:
            return self._fetch
        return await self._holder(accounts)

    async def _accounts_of(self, declared: Function, arguments: Arguments) -> list[Account]:
        if declared.hold is None:
            return declared.accounts_of(arguments)
        hold = {"p_reservation_id": arguments[declared.hold]}
        rows = await self._attempt(_ACCOUNT_OF_HOLD, hold)
        return [Account(OF_LEDGER[kind], account_id) for account_id, kind in rows]

    def _line(self, target: Target, form: BatchForm, fetch: Fetch) -> Line:
        line = self._lines.get((target, fetch))
        if line is None:
            alone = partial(self._alone, target)
            statement = form.statement(target.function, target.columns)
            together = partial(self._together, form, fetch, statement)
            line = Line(self._coalescer, alone, together, form.most)
            self._lines[target, fetch] = line
        return line

    async def _alone(
        self, target: Target, arguments: Arguments, accounts: Sequence[Account] = ()
    ) -> Values:
        rows = await self._attempt(target, arguments, accounts)
        if len(rows) != 1:
            raise LookupError(f"{target.function} returned {len(rows)} rows in place of one")
        return rows[0]

    async def _together(
        self, form: BatchForm, fetch: Fetch, statement: bytes, calls: Sequence[Arguments]
    ) -> Sequence[Values | ApiError]:
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                return form.outcomes(await fetch(statement, form.arrays(calls)))
        except psycopg.Error as error:
            if had_no_effect(error):
                raise NothingDoneError from error
            raise _refused(error, {}) from error
        except TimeoutError as error:
            raise timed_out() from error

    async def _attempt(
        self, target: Target, arguments: Arguments, accounts: Sequence[Account] = ()
    ) -> list[Values]:
        given = {name: value for name, value in arguments.items() if value is not None}
        statement = call_statement(target.function, target.columns, tuple(given))
        attempt = 1
        sent = False
        of_call = accounts or target.declared.accounts_of(arguments)
        fetch = await self._fetch_for(target.declared, of_call)
        while True:
            try:
                async with (
                    asyncio.timeout(_CALL_SECONDS),
                    self._gates.enter(accounts) if accounts else nullcontext(),
                ):
                    sent = True
                    return await fetch(statement, given)
            except psycopg.Error as error:
                if error.sqlstate not in RETRIABLE or attempt == _MOST_ATTEMPTS:
                    if target.function in BATCH_FORMS and spoils(error):
                        self._coalescer.suspect(*of_call)
                    raise _refused(error, arguments) from error
            except TimeoutError as error:
                raise (timed_out() if sent else overloaded()) from error
            await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311
            attempt += 1


def _note(arguments: Arguments, accounts: Sequence[Account]) -> None:
    """Note whom a refusal would concern: the one who is named, else whose account it is."""
    account_id = arguments.get("p_user_id")
    if account_id is None:
        account_id = next((each.id for each in accounts if each.kind in OF_SOMEBODY), None)
    note_account(account_id)
    note_app(arguments.get("p_app_id") or arguments.get("p_source_app_id"))


def _refused(error: psycopg.Error, arguments: Arguments) -> Exception:
    """Return what a caller is told; our own mistakes go on as they are."""
    return refusal_of(error, with_metadata=arguments.get("p_metadata") is not None) or error
