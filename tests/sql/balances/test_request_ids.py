"""Ledger rows tell which request wrote them, where the caller says so."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import ledger, pool_ledger
from tests.sql.calls import give, pool, rows, use, use_guild


def test_row_has_the_request_that_was_named(db: Connection, owner: Owner) -> None:
    give(db, "u7", 10, request_id="r1")
    use(db, "u7", 1, request_id="r2")
    use(db, "u7", 1)
    assert [row["request_id"] for row in ledger(owner, "u7")] == ["r1", "r2", None]


def test_row_of_a_pool_has_it_too(db: Connection, owner: Owner) -> None:
    pool(db, "g7", 10)
    use_guild(db, "g7", "u1", 1, request_id="r2")
    assert pool_ledger(owner, "g7")[-1]["request_id"] == "r2"


@pytest.mark.parametrize(("named", "kept"), [("", None), ("x" * 500, "x" * 128)])
def test_request_is_at_most_128_characters_or_none(
    db: Connection, owner: Owner, named: str, kept: str | None
) -> None:
    give(db, "u7", 10, request_id=named)
    assert [row["request_id"] for row in ledger(owner, "u7")] == [kept]


def test_each_item_of_a_batch_has_its_own(db: Connection, owner: Owner) -> None:
    give(db, "u7", 10)
    give(db, "u8", 10, idempotency_key="k8")
    rows(
        db,
        "credits.use_credits_batch",
        user_ids=["u7", "u8", "u7", "u7"],
        amounts=[1, 1, 1, 10],
        app_ids=["chat"] * 4,
        descriptions=["One answer"] * 4,
        request_ids=["r1", "r2", None, "r4"],
    )
    assert [row["request_id"] for row in ledger(owner, "u7")] == [None, "r1", None]
    assert [row["request_id"] for row in ledger(owner, "u8")] == [None, "r2"]


def test_each_item_of_a_batch_of_pools_has_its_own(db: Connection, owner: Owner) -> None:
    pool(db, "g7", 10)
    rows(
        db,
        "credits.use_guild_credits_batch",
        organization_ids=["g7", "g7"],
        user_ids=["u1", "u2"],
        amounts=[1, 1],
        app_ids=["chat"] * 2,
        descriptions=["One answer"] * 2,
        request_ids=["r1", "r2"],
    )
    assert [row["request_id"] for row in pool_ledger(owner, "g7")[-2:]] == ["r1", "r2"]
