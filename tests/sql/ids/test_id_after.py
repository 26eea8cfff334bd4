"""credits._id_after, and a clock that was ahead: ids grow with the ledger whatever it does."""

from datetime import timedelta
from typing import Any
from uuid import RFC_4122, UUID

import pytest

from tests.databases import Connection, Owner
from tests.sql.calls import (
    call,
    give,
    limit,
    pool,
    rows,
    use,
    use_batch,
    use_guild,
    use_guild_batch,
)
from tests.sql.conftest import Api
from tests.sql.lifecycle import figures, spending
from tests.sql.moments import Clock, noon, now

FAR_AHEAD = UUID("f0000000-0000-7000-8000-000000000000")


def id_after(owner: Owner, last: UUID | None) -> UUID:
    row = owner.execute("select credits._id_after(%s, credits._new_id()) as id", (last,)).fetchone()
    assert row is not None
    return UUID(str(row["id"]))


def entries(owner: Owner, account_id: str) -> list[dict[str, Any]]:
    """An account's entries, oldest first."""
    return owner.execute(
        "select * from credits.entries where account_id = %s order by sequence", (account_id,)
    ).fetchall()


def test_first_id_of_an_account_is_a_new_one(owner: Owner) -> None:
    assert id_after(owner, None).version == 7


@pytest.mark.parametrize("last", [None, FAR_AHEAD], ids=["now", "clock_behind"])
def test_id_is_above_the_last_one(owner: Owner, last: UUID | None) -> None:
    last = id_after(owner, last)
    for _ in range(200):
        last, before = id_after(owner, last), last
        assert last > before


def test_id_made_while_the_clock_is_behind_is_of_version_7(owner: Owner) -> None:
    one = id_after(owner, FAR_AHEAD)
    assert (one.version, one.variant) == (7, RFC_4122)


def test_counting_on_carries_into_the_milliseconds(owner: Owner) -> None:
    one = id_after(owner, UUID("f0000000-0000-7fff-bfff-ffffffffffff"))
    assert str(one)[:18] == "f0000000-0001-7000"


def test_ids_made_while_the_clock_is_behind_differ(owner: Owner) -> None:
    assert id_after(owner, FAR_AHEAD) != id_after(owner, FAR_AHEAD)


@pytest.fixture
def pinned(db: Connection, clock: Clock) -> None:
    """The user u1, who was given 10 credits, then used 1 years ahead, and 2, 3 and 1 now."""
    give(db, "u1", 10)
    clock.move_to(noon("2040-05-03"))
    use(db, "u1", 1)
    clock.move_to(now(db))
    use(db, "u1", 2)
    use_batch(db, {"amount": 3}, {"amount": 1})


def test_ids_go_on_behind_a_row_from_the_future(owner: Owner, pinned: None) -> None:
    ids = [row["id"] for row in entries(owner, "u1")]
    assert len(ids) == 5
    assert ids == sorted(ids)


def test_times_do_not_stay_where_a_clock_was_ahead(
    db: Connection, owner: Owner, pinned: None
) -> None:
    ahead, *since = [row["created_at"] for row in entries(owner, "u1")[1:]]
    assert ahead == max([ahead, *since])
    assert max(since) <= now(db)


def test_past_is_told_of_whom_a_clock_was_ahead_for(
    db: Connection, owner: Owner, pinned: None
) -> None:
    times = [row["created_at"] for row in entries(owner, "u1")]
    assert [figures(db, "u1", times[place])["balance"] for place in (0, 2, 3, 4)] == [10, 7, 4, 3]
    assert figures(db, "u1")["balance"] == 3


def test_pages_are_complete_of_whom_a_clock_was_ahead_for(api: Api, pinned: None) -> None:
    ids = [row["id"] for row in rows(api, "credits.list_transactions", user_id="u1")]
    assert len(ids) == 5
    for place, cursor in enumerate(ids):
        page = rows(api, "credits.list_transactions", user_id="u1", cursor=cursor)
        assert [row["id"] for row in page] == ids[place + 1 :]


def test_time_waits_for_a_clock_that_went_back_a_little(
    db: Connection, owner: Owner, clock: Clock
) -> None:
    clock.advance(1800)
    give(db, "u1", 10)
    clock.advance(-1800)
    use(db, "u1", 1)
    use_batch(db, {}, {})
    first, *since = [row["created_at"] for row in entries(owner, "u1")]
    assert since == [first + timedelta(microseconds=place) for place in (1, 2, 3)]


def test_limits_are_of_the_day_that_it_is(db: Connection, clock: Clock) -> None:
    pool(db, "g1", 100)
    limit(db, "g1", "u1", daily_limit=10)
    clock.move_to(noon("2040-05-03"))
    use_guild(db, "g1", "u1", 4)
    clock.move_to(noon("2040-05-02"))
    assert spending(db, "g1", "u1")["spent_today"] == 0
    use_guild(db, "g1", "u1", 10)
    assert [row["refusal"] for row in use_guild_batch(db, {})] == ["UC003"]
    assert spending(db, "g1", "u1")["spent_today"] == 10
    clock.move_to(noon("2040-05-03"))
    assert spending(db, "g1", "u1")["spent_today"] == 4


def test_pool_used_ahead_serves_members_without_limits(
    db: Connection, owner: Owner, clock: Clock
) -> None:
    pool(db, "g1", 100)
    use_guild(db, "g1", "u1", 1)
    clock.move_to(noon("2040-05-03"))
    use_guild(db, "g1", "u1", 4)
    clock.move_to(noon("2026-05-02"))
    use_guild_batch(db, {"amount": 2}, {"amount": 3})
    days = [str(row["spending_day"]) for row in entries(owner, "g1") if row["other_id"] == "u1"]
    assert days[1:] == ["2040-05-03", "2026-05-02", "2026-05-02"]
    assert call(db, "credits.get_spending", organization_id="g1", user_id="u1")["spent_today"] == 5
