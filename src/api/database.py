"""The way to the database: one pool, and one caller through which every function is reached."""

import asyncio
import random
import re
import select
from collections.abc import Awaitable, Callable
from functools import lru_cache
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from api.adapters import exact_adapters
from api.lanes import Lanes
from api.metrics import Connections
from api.refusals import RETRIABLE, database_unavailable, overloaded, refusal_of, timed_out

Row = TypeVar("Row", bound=msgspec.Struct)

_FUNCTION = re.compile(r"(credits|gifts)\.[a-z][a-z_]*")
_PARAMETER = re.compile(r"p_[a-z][a-z_]*")

_MOST_ATTEMPTS = 4
_CALL_SECONDS = 10.0
_CHECKOUT_SECONDS = 3.0
_MOST_WAITING = 512

# Short, so that a database that comes back is found again within seconds.
_RECONNECT_SECONDS = 2.0

_CONNECTION_DEFAULTS = {
    "application_name": "mana-credits-api",
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "tcp_user_timeout": 10_000,
}

_Connection = psycopg.AsyncConnection[tuple[Any, ...]]
_Fetch = Callable[[bytes, dict[str, Any]], Awaitable[list[tuple[Any, ...]]]]

_CALL = "select {columns} from {call}"

# The setting lasts for the statement's transaction. That it is there before the function is called
# is certain only because the subquery refers to it; `offset 0` keeps the two from being merged.
_CALL_FOR_A_SERVICE = (
    "select called.*"  # noqa: S608 (the placeholder is filled by psycopg)
    " from (select set_config('credits.caller', %(caller)s, true) as name) as service"
    f" cross join lateral ({_CALL} where service.name is not null offset 0) as called"
)


def connection_parameters(url: str) -> dict[str, Any]:
    """Return the libpq parameters of a URL, with ours where it says nothing."""
    return {**_CONNECTION_DEFAULTS, **conninfo_to_dict(url)}


class Functions:
    """Calls the functions of the schemas credits and gifts, one statement a call.

    Only a call that certainly had no effect is made again (serialization failure, deadlock); a
    lost connection is reported, never retried.
    """

    def __init__(self, fetch: _Fetch, lanes: Lanes, caller: str | None = None) -> None:
        self._send = fetch
        self._lanes = lanes
        self._caller = caller

    async def one(self, function: str, row: type[Row], /, **arguments: Any) -> Row:
        """Call a function that returns one row.

        Args:
            function: Qualified name, such as `credits.use_credits`.
            row: Struct whose fields are the columns to select.
            arguments: By parameter name; those that are None are left to their defaults.

        Raises:
            ApiError: The function refused, or the database could not serve the call.
        """
        rows = await self._rows(function, row.__struct_fields__, arguments)
        if len(rows) != 1:
            raise RuntimeError(f"{function} returned {len(rows)} rows")
        return row(*rows[0])

    async def many(self, function: str, row: type[Row], /, **arguments: Any) -> list[Row]:
        """Call a function that returns any number of rows; see `one`."""
        return [
            row(*values) for values in await self._rows(function, row.__struct_fields__, arguments)
        ]

    async def run(self, function: str, /, **arguments: Any) -> None:
        """Call a function whose result does not matter; see `one`."""
        await self._rows(function, (), arguments)

    async def _rows(
        self, function: str, columns: tuple[str, ...], arguments: dict[str, Any]
    ) -> list[tuple[Any, ...]]:
        given = {name: value for name, value in arguments.items() if value is not None}
        statement = _statement(function, columns, tuple(given), named=self._caller is not None)
        if self._caller is not None:
            given["caller"] = self._caller
        attempt = 1
        sent = False
        while True:
            try:
                async with (
                    asyncio.timeout(_CALL_SECONDS),
                    self._lanes.enter(function, arguments),
                ):
                    sent = True
                    return await self._send(statement, given)
            except psycopg.Error as error:
                if error.sqlstate not in RETRIABLE or attempt == _MOST_ATTEMPTS:
                    refusal = refusal_of(error)
                    if refusal is None:
                        raise
                    raise refusal from error
            except TimeoutError as error:
                raise (timed_out() if sent else overloaded()) from error
            await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311
            attempt += 1


class Database(Functions):
    """The database, whose functions are called in the API's own name.

    A context manager: entering it connects.
    """

    def __init__(self, url: str, *, pool_size: int, prepare: bool) -> None:
        super().__init__(self._fetch, Lanes())
        self._in_use = 0
        self._pool: AsyncConnectionPool[_Connection] = AsyncConnectionPool(
            kwargs={
                **connection_parameters(url),
                "autocommit": True,
                "prepare_threshold": 5 if prepare else None,
                "context": exact_adapters(),
            },
            min_size=min(4, pool_size),
            max_size=pool_size,
            timeout=_CHECKOUT_SECONDS,
            max_waiting=_MOST_WAITING,
            reconnect_timeout=_RECONNECT_SECONDS,
            open=False,
            name="database",
        )

    async def __aenter__(self) -> Self:
        """Start connecting."""
        await self._pool.open()
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        await self._pool.close()

    def called_by(self, service: str) -> Functions:
        """Return the functions as called by the service whose key has this name: its caps hold."""
        return Functions(self._fetch, self._lanes, service)

    def connections(self) -> Connections:
        """Tell what this process's connections are doing."""
        stats = self._pool.get_stats()
        idle = stats["pool_available"]
        return Connections(stats["pool_size"] - idle, idle, stats.get("requests_waiting", 0))

    async def _fetch(self, statement: bytes, arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
        while True:
            connection = await self._take_connection()
            self._in_use += 1
            try:
                # The pool's own `check` waits for seconds after each connection that does not
                # work, and a server that was restarted has closed all of them.
                if await _works(connection):
                    cursor = await connection.execute(statement, arguments)
                    return await cursor.fetchall()
            except psycopg.errors.FeatureNotSupported:
                # A deployment has outdated the plans that connections cache; new ones have none.
                await connection.close()
                await self._pool.drain()
                raise
            finally:
                self._in_use -= 1
                await self._pool.putconn(connection)

    async def _take_connection(self) -> _Connection:
        try:
            return await self._pool.getconn()
        except (PoolTimeout, TooManyRequests) as error:
            # Nobody holds a connection and still there was none to be had: the server is away.
            raise (overloaded() if self._in_use else database_unavailable()) from error


@lru_cache(maxsize=4096)
def _statement(
    function: str, columns: tuple[str, ...], parameters: tuple[str, ...], *, named: bool
) -> bytes:
    """Write the call; all names are constants of this package, checked here all the same."""
    if not _FUNCTION.fullmatch(function) or not all(map(_PARAMETER.fullmatch, parameters)):
        raise ValueError(f"not a function of ours: {function}")
    arguments = ", ".join(f"{name} => %({name})s" for name in parameters)
    template = _CALL_FOR_A_SERVICE if named else _CALL
    call = f"{function}({arguments})"
    return template.format(columns=", ".join(columns), call=call).encode()


async def _works(connection: _Connection) -> bool:
    """Tell whether the server still holds an idle connection.

    Nothing is to be read from one, unless the server said goodbye: a look at the socket costs
    microseconds, and only then is a round trip to ask worth it.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if not poll.poll(0):
        return True
    try:
        await AsyncConnectionPool.check_connection(connection)
    except psycopg.Error:
        return False
    return True
