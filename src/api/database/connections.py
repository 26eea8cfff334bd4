"""Connections to the database: psycopg's pool, each lent to one statement at a time."""

import asyncio
import logging
import secrets
import select
from collections import Counter, deque
from contextlib import suppress
from functools import cached_property
from typing import Any, Self

import psycopg
from psycopg._connection_base import BaseConnection
from psycopg._preparing import Prepare, PrepareManager
from psycopg._queries import PostgresQuery
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from api.database.adapters import exact_adapters
from api.database.refusals import database_unavailable, overloaded
from api.settings import Preparation

logger = logging.getLogger("api.database")

_LENDING_SECONDS = 3.0
_MOST_WAITING = 512
_CLOSING_SECONDS = 1.0

# The pool waits twice as long after each attempt to connect, and goes on for so long; then the next
# call begins anew. So a server that comes back is found again within a second or two.
_RECONNECTING_SECONDS = 1.0

# A statement is prepared after so many executions.
_PREPARE_THRESHOLD = 5

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
        """Decide whether to prepare a query, and under which name."""
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

    @cached_property
    def statements(self) -> psycopg.AsyncCursor[Values]:
        """The cursor of all statements: it remembers how the values of the last one are read."""
        return self.cursor()


class _LastFirst(deque[_Connection]):
    """Idle connections: the one used last goes first, since what it needs is still in caches."""

    def popleft(self) -> _Connection:
        """Return the one that was added last."""
        return self.pop()


class _Pool(AsyncConnectionPool[_Connection]):
    """A pool that is a stack: in a queue each call would meet a cold connection."""

    def __init__(self, **options: Any) -> None:
        super().__init__(connection_class=_Connection, **options)
        self._pool = _LastFirst()


def connection_parameters(url: str) -> dict[str, Any]:
    """Return the libpq parameters of a URL, with ours where it says nothing."""
    return {**_CONNECTION_DEFAULTS, **conninfo_to_dict(url)}


class Connections:
    """A pool of `size` connections.

    A context manager: entering it begins to connect and waits for nothing.
    """

    def __init__(self, url: str, *, size: int, prepare: Preparation) -> None:
        self._prepare = prepare
        self._pooled = False
        self._lent = 0
        self._parameters: dict[str, Any] = {
            **connection_parameters(url),
            "autocommit": True,
            "prepare_threshold": None,
            "context": exact_adapters(),
        }
        self._pool = _Pool(
            kwargs=self._parameters,
            min_size=size,
            open=False,
            configure=self._configure,
            check=self._check,
            timeout=_LENDING_SECONDS,
            max_waiting=_MOST_WAITING,
            reconnect_timeout=_RECONNECTING_SECONDS,
        )

    async def __aenter__(self) -> Self:
        """Begin to connect."""
        await self._pool.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close every connection; one that is lent still, as soon as it comes back."""
        await self._pool.close(_CLOSING_SECONDS)

    def counts(self) -> "Counter[str]":
        """Return what the connections are doing; see `Database.connections`."""
        stats = self._pool.get_stats()
        waiting = stats["requests_waiting"]
        return Counter(in_use=self._lent, idle=stats["pool_available"], waiting=waiting)

    async def fetch(self, statement: bytes, arguments: dict[str, Any]) -> list[Values]:
        """Execute one statement in a transaction of its own and return its rows.

        Raises:
            ApiError: 503 overloaded or database_unavailable: no connection was free in time.
            psycopg.Error: The statement failed.
        """
        connection = await self._borrow()
        self._lent += 1
        try:
            return await self._execute(connection, statement, arguments)
        except psycopg.errors.InvalidSqlStatementName:
            # Refused before it ran: it was prepared on another connection of a pooler's.
            if self._prepare != "off":
                logger.warning("a pooler loses prepared statements: they are no longer used")
            self._prepare = "off"
            return await self._execute(connection, statement, arguments)
        except psycopg.errors.FeatureNotSupported:
            # A deployment has outdated the plans that connections cache; new ones have none.
            await self._pool.drain()
            raise
        finally:
            self._lent -= 1
            await self._pool.putconn(connection)

    async def fetch_patiently(self, statement: bytes) -> list[Values]:
        """Execute one statement on a connection of its own, however long it takes.

        Raises:
            psycopg.Error: The statement failed, or there is no connection.
        """
        connection = await _Connection.connect(**self._parameters)
        connection.add_notice_handler(_log_notice)
        try:
            async with connection.transaction():
                await connection.execute(_PATIENT)
                return await self._execute(connection, statement, {})
        finally:
            await connection.close()

    async def _borrow(self) -> _Connection:
        try:
            return await self._pool.getconn()
        except TooManyRequests:
            raise overloaded() from None
        except PoolTimeout:
            # Nobody holds a connection and still none was free: the server is away.
            raise (overloaded() if self._lent else database_unavailable()) from None

    async def _execute(
        self, connection: _Connection, statement: bytes, arguments: dict[str, Any]
    ) -> list[Values]:
        prepare = False if self._prepare == "off" else None
        cursor = await connection.statements.execute(statement, arguments, prepare=prepare)
        return await cursor.fetchall()

    async def _configure(self, connection: _Connection) -> None:
        if await self._may_prepare(connection):
            connection.prepare_threshold = _PREPARE_THRESHOLD

    async def _check(self, connection: _Connection) -> None:
        """Raise psycopg.Error for a connection that the server no longer holds.

        A look at the socket costs microseconds; only where there is something to read, such as a
        goodbye, a round trip is worth it. Who has gone is seldom alone: all others are looked at.
        """
        if not _has_something_to_say(connection):
            return
        try:
            await connection.execute("")
        except psycopg.Error:
            # Whoever goes away meanwhile must not take those along that are being looked at.
            await asyncio.shield(self._pool.check())
            raise

    async def _may_prepare(self, connection: _Connection) -> bool:
        if self._prepare != "auto":
            return self._prepare == "on"
        [(backend,)] = await self._execute(connection, b"select pg_backend_pid()", {})
        direct: bool = backend == connection.info.backend_pid
        if not direct and not self._pooled:
            logger.info("a pooler is in front of the database: statements are not prepared")
        self._pooled = not direct
        return direct


def _log_notice(notice: psycopg.errors.Diagnostic) -> None:
    logger.warning(notice.message_primary)


def _has_something_to_say(connection: _Connection) -> bool:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
