"""Structs made of rows: which columns are selected, and what their values become."""

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from api.database.shapes import reader_of
from api.http.answers import Repeatable, Success, columns


class Amounts(msgspec.Struct):
    before: Decimal
    after: Decimal


class Entry(msgspec.Struct):
    id: str
    amounts: Annotated[Amounts, columns("balance_before", "balance_after")]


class Moved(Repeatable, kw_only=True):
    success: Success = True
    code: Annotated[str, columns("upper(code)")]
    entry: Entry | None
    late: bool | UnsetType = UNSET


COLUMNS = ("replayed", "upper(code)", "id", "balance_before", "balance_after", "late")


def test_columns_are_those_of_the_fields_and_of_their_parts() -> None:
    assert reader_of(Moved).columns == COLUMNS


def test_values_are_found_again_in_the_parts() -> None:
    moved = reader_of(Moved).make((True, "X", "e", Decimal(3), Decimal(2), True))
    assert moved.entry == Entry("e", Amounts(Decimal(3), Decimal(2)))
    assert (moved.code, moved.replayed, moved.late, moved.success) == ("X", True, True, True)
    assert moved.message


def test_what_may_be_left_out_is_left_out_where_it_says_nothing() -> None:
    moved = reader_of(Moved).make((False, "X", "e", Decimal(3), Decimal(2), None))
    assert (moved.replayed, moved.message, moved.late) == (UNSET, UNSET, UNSET)


def test_a_part_is_null_where_its_first_column_is() -> None:
    assert reader_of(Moved).make((False, "X", None, None, None, None)).entry is None
