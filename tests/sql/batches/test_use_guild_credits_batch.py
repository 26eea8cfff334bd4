"""credits.use_guild_credits_batch."""

import json
from decimal import Decimal

import pytest

from tests.databases import Connection, Owner
from tests.sql.calls import call, limit, pool, use_guild_batch
from tests.sql.lifecycle import spending


@pytest.fixture(autouse=True)
def guild(db: Connection) -> None:
    pool(db, "g1", 10)


def usages(owner: Owner) -> list[Decimal]:
    query = "select amount from credits.guild_transactions where type = 'usage' order by id"
    return [row["amount"] for row in owner.execute(query)]


def test_each_item_has_its_row_in_the_order_of_the_items(db: Connection) -> None:
    pool(db, "g2", 20)
    answer = use_guild_batch(
        db, {"organization_id": "g2", "amount": 2}, {}, {"organization_id": "g2"}
    )
    assert [row["item"] for row in answer] == [1, 2, 3]
    assert [row["organization_id"] for row in answer] == ["g2", "g1", "g2"]
    assert [row["balance"] for row in answer] == [18, 9, 17]


def test_movements_are_those_of_single_calls(db: Connection) -> None:
    (row,) = use_guild_batch(db, {"key": "k", "metadata": {"a": 1}, "amount": Decimal("0.5")})
    single = call(
        db,
        "credits.use_guild_credits",
        organization_id="g1",
        user_id="u1",
        amount=Decimal("0.5"),
        app_id="chat",
        description="One answer",
        idempotency_key="k",
        metadata={"a": 1},
    )
    assert single["replayed"]
    assert {**row, "replayed": True} == {
        **single,
        **{name: row[name] for name in row if name == "item" or name.startswith("refusal")},
    }


def test_spending_of_each_member_is_counted(db: Connection) -> None:
    use_guild_batch(db, {"amount": 2}, {"user_id": "u2"}, {"amount": 3})
    assert spending(db, "g1", "u1")["spent_today"] == 5
    assert spending(db, "g1", "u2")["spent_today"] == 1


def test_what_a_limit_may_refuse_is_decided_after_what_is_simple(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=2)
    use_guild_batch(db, {}, {"user_id": "u2"})
    answer = use_guild_batch(db, {"amount": 50}, {"user_id": "u2"})
    assert [row["refusal"] for row in answer] == ["UC002", None]
    assert json.loads(answer[0]["refusal_detail"]) == {"required": 50, "available": 7}


def test_only_what_goes_beyond_a_limit_is_refused(db: Connection, owner: Owner) -> None:
    limit(db, "g1", "u1", daily_limit=2)
    answer = use_guild_batch(db, {}, {"user_id": "u2", "amount": 4}, {}, {}, {"user_id": "u2"})
    assert [row["refusal"] for row in answer] == [None, None, None, "UC003", None]
    assert sorted(usages(owner)) == [-4, -1, -1, -1]


def test_limit_holds_for_who_has_used_the_pool_before(db: Connection) -> None:
    use_guild_batch(db, {}, {"user_id": "u2"})
    limit(db, "g1", "u1", daily_limit=2)
    assert [row["refusal"] for row in use_guild_batch(db, {}, {}, {"user_id": "u2"})] == [
        None,
        "UC003",
        None,
    ]


@pytest.mark.parametrize("window", ["daily", "weekly", "monthly"])
def test_limit_is_used_up_to_the_last_credit(db: Connection, window: str) -> None:
    use_guild_batch(db, {}, {"user_id": "u2"})
    limit(db, "g1", "u1", **{f"{window}_limit": 3, f"set_{window}": True})
    within = use_guild_batch(db, {}, {"user_id": "u2"}, {})
    assert [row["refusal"] for row in within] == [None, None, None]
    assert spending(db, "g1", "u1")["spent_today"] == 3
    beyond = use_guild_batch(db, {}, {"user_id": "u2"})
    assert [row["refusal"] for row in beyond] == ["UC003", None]


@pytest.mark.parametrize("window", ["daily", "weekly", "monthly"])
def test_limit_of_all_members_holds_for_each(db: Connection, window: str) -> None:
    use_guild_batch(db, {}, {"user_id": "u2"})
    call(db, "credits.set_guild_limits", organization_id="g1", **{f"{window}_limit": 3})
    answer = use_guild_batch(db, {}, {"user_id": "u2"}, {}, {}, {"user_id": "u2"})
    assert [row["refusal"] for row in answer] == [None, None, None, "UC003", None]
    assert spending(db, "g1", "u1")["spent_today"] == 3


def test_own_limit_takes_the_place_of_that_of_all_members(db: Connection) -> None:
    use_guild_batch(db, {}, {"user_id": "u2"})
    call(db, "credits.set_guild_limits", organization_id="g1", daily_limit=1, monthly_limit=4)
    limit(db, "g1", "u1", daily_limit=3)
    answer = use_guild_batch(db, {}, {"user_id": "u2"}, {})
    assert [row["refusal"] for row in answer] == [None, "UC003", None]
    call(db, "credits.set_spending_limits", organization_id="g1", user_id="u2", unlimited=True)
    answer = use_guild_batch(db, {"user_id": "u2"}, {"user_id": "u2", "amount": 4})
    assert [row["refusal"] for row in answer] == [None, None]


def test_monthly_limit_holds_as_well(db: Connection) -> None:
    limit(db, "g1", "u1", monthly_limit=2)
    assert [row["refusal"] for row in use_guild_batch(db, {}, {}, {})] == [None, None, "UC003"]


def test_refused_item_leaves_the_others_alone(db: Connection) -> None:
    answer = use_guild_batch(
        db, {"amount": 8}, {"amount": 3}, {"organization_id": "g9"}, {"amount": 2}
    )
    assert [row["refusal"] for row in answer] == [None, "UC002", "UC005", None]


def test_key_seen_before_is_answered_with_the_first_result(db: Connection, owner: Owner) -> None:
    (first,) = use_guild_batch(db, {"key": "k"})
    (again,) = use_guild_batch(db, {"key": "k"})
    assert {**first, "replayed": True} == again
    assert usages(owner) == [-1]


def test_key_of_another_member_is_refused(db: Connection) -> None:
    answer = use_guild_batch(db, {"key": "k"}, {"key": "k", "user_id": "u2"})
    assert [row["refusal"] for row in answer] == [None, "UC004"]


def test_metadata_is_judged_item_by_item(db: Connection) -> None:
    answer = use_guild_batch(
        db,
        {"metadata": {"a": 10**400}},
        {"metadata": {"a": "x" * 65529}},
        {"metadata": []},
        {"metadata": {"a": 10**300}},
    )
    assert [row["refusal"] for row in answer] == ["UC001"] * 3 + [None]
    assert [json.loads(row["refusal_detail"]).keys() for row in answer[:3]] == [{"metadata"}] * 3


def test_refused_item_has_no_figures(db: Connection) -> None:
    answer = use_guild_batch(
        db, {"amount": 11}, {"amount": 0}, {"key": "k"}, {"key": "k", "amount": 2}
    )
    refused = [row for row in answer if row["refusal"] is not None]
    assert [row["item"] for row in refused] == [1, 2, 4]
    for row in refused:
        told = {name for name, value in row.items() if value is not None}
        assert told <= {"item", "refusal", "refusal_message", "refusal_detail", "refusal_hint"}
