"""The database, as handlers see it: its functions, called by name."""

from collections import Counter
from typing import Any, Self, TypeVar

import msgspec

from api.database.calls import Calls, Target
from api.database.nodes import Nodes
from api.database.shapes import Reader, reader_of
from api.database.statements import call_statement
from api.database.written import csv_of, json_of
from api.http.paging import Listed
from api.settings import Settings

Row = TypeVar("Row", bound=msgspec.Struct)

# So many connections are kept from calls that wait for locked accounts for long.
_KEPT_FROM_OVERDUE = 4


class Functions:
    """The functions of the schemas credits and gifts, as called by one caller."""

    def __init__(self, calls: Calls, caller: str | None = None) -> None:
        self._calls = calls
        self._caller = caller

    async def one(self, function: str, row: type[Row], /, **arguments: Any) -> Row:
        """Call a function that returns one row.

        Args:
            function: Qualified name, such as `credits.use_credits`.
            row: Struct whose fields are the columns to select (`api.database.shapes`).
            arguments: By parameter name; those that are None are left to their defaults.

        Raises:
            ApiError: The function refused, or the database could not serve the call.
        """
        reader: Reader[Row] = reader_of(row)
        target = Target(function, reader.columns, self._caller)
        return reader.make(await self._calls.row(target, arguments))

    async def many(self, function: str, row: type[Row], /, **arguments: Any) -> list[Row]:
        """Call a function that returns any number of rows; see `one`."""
        reader: Reader[Row] = reader_of(row)
        target = Target(function, reader.columns, self._caller)
        return [reader.make(values) for values in await self._calls.rows(target, arguments)]

    async def value(self, function: str, column: str = "*", /, **arguments: Any) -> Any:
        """Call a function that returns one row, of which one column matters; see `one`.

        Args:
            function: As of `one`.
            column: The column; it need not be named where there is no other.
            arguments: As of `one`.
        """
        target = Target(function, (column,), self._caller)
        [value] = await self._calls.row(target, arguments)
        return value

    async def items(self, function: str, row: type[Row], /, **arguments: Any) -> list[Listed]:
        """Call a function that lists rows with an id, and have them as JSON; see `one`."""
        # All rows as one, in the function's order, are handled at once. No column has a line break.
        columns = (r"string_agg(id::text, E'\n')", rf"string_agg({json_of(row)}, E'\n')")
        target = Target(function, columns, self._caller)
        ids, texts = await self._calls.row(target, arguments)
        return [] if ids is None else list(zip(ids.split("\n"), texts.split("\n"), strict=True))

    async def lines(self, function: str, row: type[Row], /, **arguments: Any) -> list[Listed]:
        """Call a function that lists rows with an id, and have them as lines of CSV; see `one`."""
        target = Target(function, ("id::text", csv_of(row)), self._caller)
        return [(row_id, text) for row_id, text in await self._calls.rows(target, arguments)]

    async def run(self, function: str, /, **arguments: Any) -> None:
        """Call a function whose result does not matter; see `one`."""
        await self._calls.rows(Target(function, (), self._caller), arguments)


class Database(Functions):
    """The database, whose functions are called in the API's own name.

    A context manager: entering it begins to connect.
    """

    def __init__(self, settings: Settings) -> None:
        self._nodes = Nodes(settings)
        super().__init__(
            Calls(
                self._nodes.coordinator.fetch,
                most_overdue=max(0, settings.database_pool_size - _KEPT_FROM_OVERDUE),
                holder=self._nodes.fetch_for if settings.database_nodes else None,
            )
        )

    async def __aenter__(self) -> Self:
        """Begin to connect."""
        await self._nodes.__aenter__()
        return self

    async def value_patiently(self, function: str, /) -> Any:
        """Call a function that may take minutes, on a connection of its own; return its value.

        Raises:
            psycopg.Error: It failed, or the database cannot be reached.
        """
        statement = call_statement(function, ("*",), ())
        [(value,)] = await self._nodes.coordinator.fetch_patiently(statement)
        return value

    async def __aexit__(self, *error: object) -> None:
        """Close every connection."""
        await self._nodes.__aexit__(*error)

    def called_by(self, service: str) -> Functions:
        """Return the functions as called by the service whose key has this name: its caps hold."""
        return Functions(self._calls, service)

    def connections(self) -> "Counter[str]":
        """Return how many connections are `in_use` and `idle`, and how many calls are `waiting`."""
        return sum((each.counts() for each in self._nodes.all), Counter())
