"""Rows as PostgreSQL writes them, for lists that are only passed on: no value is read into Python.

A row is written as `api.http.answers` writes its Struct, byte by byte. Amounts have no zeros at
their end; times are RFC 3339 in UTC with six digits of a second or none. In CSV, cells are quoted
as RFC 4180 has it, and an apostrophe comes before a text that a spreadsheet would take for a
formula.
"""

from functools import lru_cache

import msgspec
from msgspec.inspect import (
    BoolType,
    DateTimeType,
    DecimalType,
    IntType,
    Metadata,
    NoneType,
    RawType,
    StrType,
    StructType,
    Type,
    UnionType,
    UUIDType,
)

_UTC = "to_char({} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
_PLAIN: dict[type[Type], str] = {
    BoolType: "{}::text",
    DateTimeType: f"replace({_UTC}, '.000000Z', 'Z')",
    DecimalType: "trim_scale({})",
    IntType: "{}",
    RawType: "{}",
    StrType: "{}",
    UUIDType: "{}",
}
_UNQUOTED_IN_JSON = (BoolType, DecimalType, IntType, RawType)

# A regular expression of Python and PostgreSQL: what a formula of a spreadsheet begins with. The
# signs that Chinese and Japanese keyboards write as wide as a letter make formulas too.
FORMULA = "^[-=+@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]"
_APOSTROPHE = f"case when {{0}} ~ '{FORMULA}' then '''' end, "
_CELL = (
    "case when {0}::text ~ '[\",\\r\\n]'"
    """ then concat('"', {1}replace({0}::text, '"', '""'), '"') else concat({1}{0}) end"""
)


@lru_cache
def json_of(row: type[msgspec.Struct]) -> str:
    """Return the expression that writes a row as a JSON object."""
    parts: list[str] = []
    literal = "{"
    for name, column, wanted in _fields(row):
        before, value, after = _in_json(column, wanted)
        parts += [f"'{literal}\"{name}\":{before}'", value]
        literal = f"{after},"
    return f"concat({', '.join(parts)}, '{literal[:-1]}}}')"


@lru_cache
def csv_of(row: type[msgspec.Struct]) -> str:
    """Return the expression that writes a row as a line of CSV."""
    cells = [_in_csv(column, wanted) for _, column, wanted in _fields(row)]
    return "concat({})".format(", ',', ".join(cells))


def _fields(row: type[msgspec.Struct]) -> list[tuple[str, str, Type]]:
    """Return the name of each field on the wire, its column and its type."""
    described = msgspec.inspect.type_info(row)
    assert isinstance(described, StructType)  # noqa: S101
    return [(field.encode_name, field.name, field.type) for field in described.fields]


def _in_json(column: str, wanted: Type) -> tuple[str, str, str]:
    """Return how a value is written, between what and what."""
    kind = _kind(wanted)
    value = _PLAIN[type(kind)].format(column)
    if isinstance(kind, StrType) and not _is_word(wanted):
        value = f"to_json({column})"
    elif not isinstance(kind, _UNQUOTED_IN_JSON):
        if not isinstance(wanted, UnionType):
            return '"', value, '"'
        value = f"""'"' || {value} || '"'"""
    if isinstance(wanted, UnionType):
        value = f"coalesce(({value})::text, 'null')"
    return "", value, ""


def _in_csv(column: str, wanted: Type) -> str:
    kind = _kind(wanted)
    if isinstance(kind, StrType) and not _is_word(wanted):
        return _CELL.format(column, _APOSTROPHE.format(column))
    if isinstance(kind, RawType):
        return _CELL.format(column, "")
    return _PLAIN[type(kind)].format(column)


def _kind(wanted: Type) -> Type:
    """Return a type without what is said beside it, and without None."""
    if isinstance(wanted, Metadata):
        return _kind(wanted.type)
    if isinstance(wanted, UnionType):
        [one] = [one for one in wanted.types if not isinstance(one, NoneType)]
        return _kind(one)
    return wanted


def _is_word(wanted: Type) -> bool:
    """Return whether a text is one of a few words, none of which needs an escape."""
    return isinstance(wanted, Metadata) and "enum" in (wanted.extra_json_schema or {})
