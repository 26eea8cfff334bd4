"""credits._id_floor: the place of a time in a ledger's key."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.databases import Owner


def id_floor(owner: Owner, at: object) -> UUID:
    row = owner.execute("select credits._id_floor(%s::timestamptz) as id", (at,)).fetchone()
    assert row is not None
    return UUID(str(row["id"]))


def test_id_made_at_a_time_is_not_below_its_floor(owner: Owner) -> None:
    row = owner.execute(
        "select credits._id_floor(clock_timestamp()) as floor, credits._new_id() as id"
    ).fetchone()
    assert row is not None
    assert row["floor"] <= row["id"]


def test_id_made_before_a_millisecond_is_below_its_floor(owner: Owner) -> None:
    row = owner.execute(
        """
        select credits._new_id() as id,
            credits._id_floor(clock_timestamp() + interval '1 millisecond') as floor
        """
    ).fetchone()
    assert row is not None
    assert row["id"] < row["floor"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("-infinity", UUID(int=0)),
        (datetime(1969, 12, 31, tzinfo=UTC), UUID(int=0)),
        (datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), UUID(int=1000 << 80)),
        (datetime(2026, 1, 1, tzinfo=UTC), UUID("019b76da-a800-0000-0000-000000000000")),
        ("infinity", UUID(int=2**128 - 1)),
    ],
    ids=str,
)
def test_floor_is_the_millisecond_and_nothing_else(
    owner: Owner, at: object, expected: UUID
) -> None:
    assert id_floor(owner, at) == expected
