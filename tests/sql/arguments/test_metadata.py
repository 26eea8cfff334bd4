"""Metadata: a JSON object of at most 65536 bytes as (compact) text, with numbers for doubles."""

import json

import pytest
from psycopg.types.json import Jsonb

from tests.databases import Connection, refused
from tests.sql.arguments.operations import OPERATIONS, make_rich, move

everything_that_moves = pytest.mark.parametrize("function", OPERATIONS)


@pytest.fixture(autouse=True)
def rich(db: Connection) -> None:
    """The user u1 and the pool g1 have credits."""
    make_rich(db)


def size(metadata: dict[str, object]) -> int:
    return len(json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode())


@everything_that_moves
def test_what_is_no_object_is_refused(db: Connection, function: str) -> None:
    for metadata in map(Jsonb, ([], "text", 1, True, None)):
        with refused(db, "UC001") as refusal:
            move(db, function, metadata=metadata)
        assert list(refusal.details) == ["metadata"], metadata


@everything_that_moves
def test_null_is_no_metadata(db: Connection, function: str) -> None:
    assert move(db, function, metadata=None)["metadata"] == {}


@everything_that_moves
def test_object_is_kept(db: Connection, function: str) -> None:
    metadata = {"model": "large", "tokens": [1, 2], "nested": {"ü": None}}
    assert move(db, function, metadata=metadata)["metadata"] == metadata


LARGEST = {
    "one text": {"a": "x" * 65528},
    "text of two bytes a character": {"a": "ü" * 32764},
    "many members": {"list": [1] * 32757, "ü": 123456},
}
TOO_LARGE = {
    "one text": {"a": "x" * 65529},
    "text of two bytes a character": {"a": "ü" * 32764 + "x"},
    "many members": {"list": [1] * 32757, "ü": 1234567},
    "commas and spaces within a text": {"a": ", " * 32764 + "x"},
    "colons and spaces within a text": {"a": '": ' * 16382 + "x"},
}


@pytest.mark.parametrize("metadata", LARGEST.values(), ids=LARGEST.keys())
def test_65536_bytes_are_kept(db: Connection, metadata: dict[str, object]) -> None:
    assert size(metadata) == 65536
    assert move(db, "credits.use_credits", metadata=metadata)["metadata"] == metadata


@pytest.mark.parametrize("metadata", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_65537_bytes_are_refused(db: Connection, metadata: dict[str, object]) -> None:
    assert size(metadata) == 65537
    with refused(db, "UC001") as refusal:
        move(db, "credits.use_credits", metadata=metadata)
    assert list(refusal.details) == ["metadata"]


@everything_that_moves
def test_65537_bytes_are_refused_by_everything_that_moves(db: Connection, function: str) -> None:
    with refused(db, "UC001") as refusal:
        move(db, function, metadata=TOO_LARGE["one text"])
    assert list(refusal.details) == ["metadata"]


def written(text: str) -> Jsonb:
    """Metadata as JSON text, for numbers that Python would not write."""
    return Jsonb(text, dumps=str)


@everything_that_moves
# PostgreSQL writes the last three out with all their decimals.
@pytest.mark.parametrize(
    "number", ["1e8000", "-1e8000", "1e308", "-1e308", "1e-401", "-1e-16383", "0e-16383"]
)
def test_number_that_no_double_holds_is_refused(db: Connection, function: str, number: str) -> None:
    for text in (f'{{"a":{number}}}', f'{{"a":[1,{{"b":[[{number}]]}}]}}'):
        with refused(db, "UC001") as refusal:
            move(db, function, metadata=written(text))
        assert list(refusal.details) == ["metadata"], text


@everything_that_moves
def test_largest_and_smallest_numbers_are_kept(db: Connection, function: str) -> None:
    metadata = {"a": 10**308 - 1, "b": [1 - 10**308, 5e-324, 0], "c": "1e8000", "1e8000": None}
    assert move(db, function, metadata=metadata)["metadata"] == metadata
