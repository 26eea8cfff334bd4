"""credits._new_id: ids are UUIDs of version 7, in the order of time."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from tests.databases import Owner
from tests.sql.moments import now


def new_ids(owner: Owner, n: int) -> list[UUID]:
    found = owner.execute("select credits._new_id() as id from generate_series(1, %s)", (n,))
    return [row["id"] for row in found]


def made_at(one: UUID) -> datetime:
    """The millisecond that an id begins with."""
    return datetime.fromtimestamp((one.int >> 80) / 1000, UTC)


def test_id_is_of_version_7(owner: Owner) -> None:
    for one in new_ids(owner, 50):
        assert (one.version, one.variant) == (7, RFC_4122)


def test_id_begins_with_the_time_in_milliseconds(owner: Owner) -> None:
    before = datetime.now(UTC)
    (one,) = new_ids(owner, 1)
    # The clock of the id has no microseconds.
    assert before - timedelta(milliseconds=1) <= made_at(one) <= datetime.now(UTC)


def test_no_two_ids_are_the_same(owner: Owner) -> None:
    assert len(set(new_ids(owner, 2000))) == 2000


def test_later_id_is_greater(owner: Owner) -> None:
    (earlier,) = new_ids(owner, 1)
    while now(owner) < made_at(earlier) + timedelta(milliseconds=1):
        pass
    (later,) = new_ids(owner, 1)
    assert earlier < later
