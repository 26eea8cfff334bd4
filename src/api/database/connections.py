"""Connections to the database: opened once, held for the life of the process, lent call by call."""

import asyncio
import logging
import random
import secrets
import select
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg._connection_base import BaseConnection
from psycopg._preparing import Prepare, PrepareManager
from psycopg._queries import PostgresQuery
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from api.database.adapters import exact_adapters
from api.database.refusals import database_unavailable, overloaded
from api.observability.metrics import ConnectionCounts
from api.settings import Preparation

logger = logging.getLogger("api.database")

_LENDING_SECONDS = 3.0
_MOST_WAITING = 512
_CLOSING_SECONDS = 1.0

# A statement is prepared after so many executions.
_PREPARE_THRESHOLD = 5

# The first one is short, since a database that was restarted is back at once; the longest one is
# too, so that one that comes back later is found again within seconds.
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0

_CONNECTION_DEFAULTS = {
    "application_name": "mana-credits-api",
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "tcp_user_timeout": 10_000,
}

# Within a transaction, so that a pooler keeps none of it for others.
_PATIENT = """
    select set_config('statement_timeout', '0', true), set_config('lock_timeout', '60s', true),
        set_config('idle_in_transaction_session_timeout', '60s', true)
"""

Values = tuple[Any, ...]


class _OwnNames(PrepareManager):
    """Prepares statements under names that no other connection gives.

    psycopg counts from 0 on every connection. Behind a pooler that lends one server connection to
    many, a name of ours might then be somebody else's statement, executed in place of ours.
    """

    def __init__(self) -> None:
        super().__init__()
        self._prefix = f"mana_{secrets.token_hex(8)}".encode()

    def get(self, query: PostgresQuery, prepare: bool | None = None) -> tuple[Prepare, bytes]:
        """Tell whether to prepare a query, and its name."""
        decision, name = super().get(query, prepare)
        return decision, self._prefix + name if decision is Prepare.SHOULD else name

    def maintain_gen(self, conn: BaseConnection[Any]) -> PQGen[None]:
        """Forget statements on the server too; one that is not there is forgotten.

        This comes after a call that has had its effect, and must not make it look as if it failed.
        """
        with suppress(psycopg.errors.InvalidSqlStatementName):
            yield from super().maintain_gen(conn)


class _Connection(psycopg.AsyncConnection[Values]):
    """A connection that prepares statements under names of its own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._prepared = _OwnNames()


def connection_parameters(url: str) -> dict[str, Any]:
    """Return the libpq parameters of a URL, with ours where it says nothing."""
    return {**_CONNECTION_DEFAULTS, **conninfo_to_dict(url)}


class Connections:
    """Holds `size` connections and lends each to one statement at a time, first come first served.

    One that broke is replaced in the background, for as long as it takes. A context manager:
    entering it begins to connect and waits for nothing.
    """

    def __init__(self, url: str, *, size: int, prepare: Preparation) -> None:
        self._size = size
        self._prepare = prepare
        self._parameters: dict[str, Any] = {
            **connection_parameters(url),
            "autocommit": True,
            "prepare_threshold": None,
            "context": exact_adapters(),
        }
        self._idle: list[_Connection] = []
        self._lent: set[_Connection] = set()
        self._outdated: set[_Connection] = set()
        self._waiting: deque[asyncio.Future[_Connection]] = deque()
        self._missing = asyncio.Event()
        self._pooled = False
        self._closing = False
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to connect."""
        self._missing.set()
        self._keeper = asyncio.create_task(self._keep_all_open())
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        self._closing = True
        self._missing.set()
        if self._keeper is not None:
            # An attempt to connect that is cancelled may leave its connection open for a while.
            await asyncio.wait([self._keeper], timeout=_CLOSING_SECONDS)
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        for connection in (*self._idle, *self._lent):
            await connection.close()
        self._idle.clear()

    def counts(self) -> ConnectionCounts:
        """Tell what the connections are doing, and how many calls wait for one."""
        return ConnectionCounts(len(self._lent), len(self._idle), len(self._waiting))

    async def fetch(self, statement: bytes, arguments: dict[str, Any]) -> list[Values]:
        """Execute one statement in a transaction of its own and return its rows.

        Raises:
            ApiError: 503 overloaded or database_unavailable: no connection was free in time.
            psycopg.Error: The statement failed.
        """
        connection = await self._borrow()
        try:
            return await _execute(connection, statement, arguments)
        except psycopg.errors.InvalidSqlStatementName:
            # Refused before it ran: it was prepared on another connection of a pooler's.
            self._prepare_no_more()
            return await _execute(connection, statement, arguments)
        except psycopg.errors.FeatureNotSupported:
            await self._outdate_all()
            raise
        finally:
            await self._give_back(connection)

    async def fetch_patiently(self, statement: bytes) -> list[Values]:
        """Execute one statement on a connection of its own, however long it takes.

        Raises:
            psycopg.Error: The statement failed, or there is no connection.
        """
        connection = await _Connection.connect(**self._parameters)
        try:
            async with connection.transaction():
                await connection.execute(_PATIENT)
                return await _execute(connection, statement, {})
        finally:
            await connection.close()

    async def _borrow(self) -> _Connection:
        while self._idle:
            # The one used last, since what it needs is still in caches.
            connection = self._idle.pop()
            self._lent.add(connection)
            if not _has_something_to_say(connection) or await self._answers(connection):
                return connection
        return await self._wait_for_one()

    async def _answers(self, connection: _Connection) -> bool:
        """Tell whether the server still holds a connection; one that it does not is replaced."""
        answered = False
        try:
            await connection.execute("")
            answered = True
        except psycopg.Error:
            pass
        finally:
            if not answered:
                await self._discard(connection)
        return answered

    async def _wait_for_one(self) -> _Connection:
        if len(self._waiting) >= _MOST_WAITING:
            raise overloaded()
        turn: asyncio.Future[_Connection] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(_LENDING_SECONDS):
                return await turn
        except BaseException as error:
            await self._decline(turn)
            if not isinstance(error, TimeoutError):
                raise
        # Nobody holds a connection and still none was free: the server is away.
        raise overloaded() if self._lent else database_unavailable()

    async def _decline(self, turn: asyncio.Future[_Connection]) -> None:
        """Leave the queue; a connection that was lent at the last moment goes to the next."""
        if not turn.cancelled():
            await self._give_back(turn.result())
            return
        with suppress(ValueError):
            self._waiting.remove(turn)

    async def _give_back(self, connection: _Connection) -> None:
        idle = connection.pgconn.transaction_status == TransactionStatus.IDLE
        if not idle or connection in self._outdated:
            await self._discard(connection)
        else:
            self._lent.discard(connection)
            self._offer(connection)

    def _offer(self, connection: _Connection) -> None:
        """Lend a connection to whoever has waited for longest, else keep it for the next."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                self._lent.add(connection)
                turn.set_result(connection)
                return
        self._idle.append(connection)

    async def _discard(self, connection: _Connection) -> None:
        self._lent.discard(connection)
        self._outdated.discard(connection)
        self._missing.set()
        await connection.close()

    async def _outdate_all(self) -> None:
        """Replace each connection as soon as it is free.

        A deployment has outdated the plans that connections cache; new ones have none.
        """
        self._outdated.update(self._lent)
        while self._idle:
            await self._discard(self._idle.pop())

    async def _keep_all_open(self) -> None:
        """Open what is missing, one after another; while the server is away, keep trying."""
        pause = _FIRST_PAUSE_SECONDS
        while not self._closing:
            await self._missing.wait()
            self._missing.clear()
            while not self._closing and len(self._idle) + len(self._lent) < self._size:
                try:
                    connection = await self._open()
                except psycopg.Error as error:
                    logger.warning("database cannot be reached", extra=_reason(error))
                    await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311
                    pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                else:
                    pause = _FIRST_PAUSE_SECONDS
                    self._offer(connection)

    async def _open(self) -> _Connection:
        connection = await _Connection.connect(**self._parameters)
        try:
            if await self._may_prepare(connection):
                connection.prepare_threshold = _PREPARE_THRESHOLD
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _may_prepare(self, connection: _Connection) -> bool:
        if self._prepare != "auto":
            return self._prepare == "on"
        [(backend,)] = await _execute(connection, b"select pg_backend_pid()", {})
        direct: bool = backend == connection.info.backend_pid
        if not direct and not self._pooled:
            logger.info("a pooler is in front of the database: statements are not prepared")
        self._pooled = not direct
        return direct

    def _prepare_no_more(self) -> None:
        """Give up prepared statements, since they are not where they were prepared."""
        if self._prepare != "off":
            logger.warning("a pooler loses prepared statements: they are no longer used")
        self._prepare = "off"
        for connection in (*self._idle, *self._lent):
            connection.prepare_threshold = None


async def _execute(
    connection: _Connection, statement: bytes, arguments: dict[str, Any]
) -> list[Values]:
    cursor = await connection.execute(statement, arguments)
    return await cursor.fetchall()


def _has_something_to_say(connection: _Connection) -> bool:
    """Tell whether there is something to read from an idle connection, such as a goodbye.

    A look at the socket costs microseconds; only then is a round trip to ask worth it.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _reason(error: psycopg.Error) -> dict[str, Any]:
    return {"sqlstate": error.sqlstate, "reason": str(error).partition("\n")[0]}
