"""Adapters of PostgreSQL's values: exact, plain and in UTC."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import psycopg
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import AdaptersMap, Dumper, Loader
from psycopg.pq import Format

_NUMERIC = psycopg.postgres.types["numeric"].oid
_TIMESTAMPTZ = psycopg.postgres.types["timestamptz"].oid
_JSONB = psycopg.postgres.types["jsonb"].oid
_JSON = psycopg.postgres.types["json"].oid

_TIMESTAMPTZ_LOADER = psycopg.adapters.get_loader(_TIMESTAMPTZ, Format.TEXT)


class PlainDecimalLoader(Loader):
    """Loads numeric without the zeros at its end: `0.500000` is `Decimal("0.5")`, `5.0` is `5`."""

    def load(self, data: Buffer) -> Decimal:
        """Return the value."""
        text = bytes(data).decode("ascii")
        return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


class UtcLoader(Loader):
    """Loads timestamptz in UTC, whatever the session's time zone is.

    The zone is not set on the connection: PgBouncer refuses startup options.
    """

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        assert _TIMESTAMPTZ_LOADER is not None  # noqa: S101
        self._local = _TIMESTAMPTZ_LOADER(oid, context)

    def load(self, data: Buffer) -> datetime:
        """Return the moment."""
        moment: datetime = self._local.load(data)
        return moment.astimezone(UTC)


class RawJsonLoader(Loader):
    """Leaves JSON as the text that it is, so that no number in it becomes a float."""

    def load(self, data: Buffer) -> msgspec.Raw:
        """Return the text."""
        return msgspec.Raw(bytes(data))


class RawJsonDumper(Dumper):
    """Sends JSON text as it came in; the parameter's own type makes it jsonb."""

    def dump(self, obj: msgspec.Raw) -> bytes:
        """Return the text."""
        return bytes(obj)


class ArrayDumper(Dumper):
    """Sends a list as the text of an array; the parameter's own type says what it is an array of.

    psycopg's own asks item by item which type it has, and that for each of the arrays of a batch.
    """

    def dump(self, obj: list[Any]) -> bytes:
        """Return the text.

        Raises:
            psycopg.DataError: A text in it has a NUL character, which PostgreSQL cannot store.
        """
        array = f"{{{','.join(map(_array_item, obj))}}}".encode()
        if b"\0" in array:
            raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return array


def _array_item(value: Any) -> str:
    if value is None:
        return "NULL"
    text = bytes(value).decode() if isinstance(value, msgspec.Raw) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def exact_adapters() -> AdaptersMap:
    """Return psycopg's adapters with ours in place of its own."""
    adapters = AdaptersMap(psycopg.adapters)
    adapters.register_loader(_NUMERIC, PlainDecimalLoader)
    adapters.register_loader(_TIMESTAMPTZ, UtcLoader)
    adapters.register_loader(_JSONB, RawJsonLoader)
    adapters.register_loader(_JSON, RawJsonLoader)
    adapters.register_dumper(msgspec.Raw, RawJsonDumper)
    adapters.register_dumper(list, ArrayDumper)
    return adapters
