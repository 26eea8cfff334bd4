"""Rows become Structs: the fields say which columns to select, and the values make an instance.

A field is the column of its name, unless `columns` names others. A field that is a Struct itself is
a part, made of the columns of its own fields. One that may be null is null where its first column
is. What may be left out (`UNSET`) is left out where it is null, false or zero.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar, get_origin

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.http.answers import COLUMNS
from api.http.fields import is_struct, parts_of

Shape = TypeVar("Shape", bound=msgspec.Struct)

Values = Sequence[Any]


class _Field(NamedTuple):
    """A field, the values of a row that it is made of, and their conversion."""

    name: str
    first: int
    end: int
    make: Callable[[Values], Any] | None
    may_be_null: bool
    may_be_left_out: bool


class Reader(Generic[Shape]):
    """Makes instances of a Struct.

    Attributes:
        columns: The expressions to select, in the order of the values.
    """

    def __init__(self, shape: type[Shape], columns: Sequence[str] | None = None) -> None:
        self._shape = shape
        self._fields: list[_Field] = []
        self.columns: tuple[str, ...] = ()
        named = iter(columns or ())
        for field in msgspec.structs.fields(shape):
            parts = list(parts_of(field.type))
            told = _told(parts)
            if told == ():
                continue
            part = _part(parts)
            reader = None if part is None else Reader(part, told)
            selected = reader.columns if reader else (next(named, *(told or (field.name,))),)
            place = (len(self.columns), len(self.columns) + len(selected))
            self.columns += selected
            kinds = (type(None) in parts, UnsetType in parts)
            self._fields.append(_Field(field.name, *place, reader.make if reader else None, *kinds))

    def make(self, values: Values) -> Shape:
        """Return the instance that a row's values make."""
        fields = {}
        for name, first, end, make, may_be_null, may_be_left_out in self._fields:
            value = values[first]
            if make is not None:
                value = None if may_be_null and value is None else make(values[first:end])
            fields[name] = value or UNSET if may_be_left_out else value
        return self._shape(**fields)


@cache
def reader_of(shape: type[Shape]) -> Reader[Shape]:
    """Return what reads a Struct; made once for each."""
    return Reader(shape)


def _told(parts: Sequence[Any]) -> tuple[str, ...] | None:
    told = (each.extra for each in parts if isinstance(each, Meta) and each.extra)
    return next((extra[COLUMNS] for extra in told if COLUMNS in extra), None)


def _part(parts: Sequence[Any]) -> Any:
    """Return the Struct that a field is, None if it is something else or holds several."""
    if any(get_origin(each) in (list, dict) for each in parts):
        return None
    return next((each for each in parts if is_struct(each)), None)
