"""The rules that `make check` breaks on purpose: each still fits, and one that does not is told."""

from collections.abc import Iterator

import psycopg
import pytest

from mutants import MUTANTS, Mutant, MutantError, Rewrite
from tests.databases import Database


@pytest.fixture
def connection(shared_database: Database) -> Iterator[psycopg.Connection]:
    """A superuser's connection, in a transaction that is rolled back."""
    with psycopg.connect(shared_database.dsn()) as open_connection:
        yield open_connection
        open_connection.rollback()


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_mutant_fits(connection: psycopg.Connection, mutant: Mutant) -> None:
    mutant.change.apply(connection)


def test_each_has_a_name_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        ("credits.get_balance", "a text that is not there"),
        ("credits.get_balance", "e"),
        ("credits.a_function_that_is_not_there", "e"),
    ],
)
def test_text_that_does_not_stand_once_in_a_function_is_told(
    connection: psycopg.Connection, function: str, text: str
) -> None:
    with pytest.raises(MutantError, match=function):
        Rewrite(function, text, "").apply(connection)
