"""credits.use_credits_batch."""

import json
from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import call, give, rows, use_batch
from tests.sql.lifecycle import HOUR, grant, let_hold_run_out, remaining, reserve


def usages(owner: Owner, user_id: str) -> list[Decimal]:
    query = (
        "select amount from credits.transactions where user_id = %s and type = 'usage' order by id"
    )
    return [row["amount"] for row in owner.execute(query, (user_id,))]


def test_each_item_has_its_row_in_the_order_of_the_items(db: Connection) -> None:
    give(db, "u1", 10)
    give(db, "u2", 20)
    answer = use_batch(db, {"user_id": "u2", "amount": 2}, {"user_id": "u1"}, {"user_id": "u2"})
    assert [row["item"] for row in answer] == [1, 2, 3]
    assert [row["user_id"] for row in answer] == ["u2", "u1", "u2"]
    assert [row["balance"] for row in answer] == [18, 9, 17]
    assert [row["refusal"] for row in answer] == [None] * 3


def test_movements_are_those_of_single_calls(db: Connection) -> None:
    give(db, "u1", 10)
    (row,) = use_batch(db, {"key": "k", "metadata": {"a": 1}, "amount": Decimal("0.5")})
    single = call(
        db,
        "credits.use_credits",
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


def test_refused_item_leaves_the_others_alone(db: Connection, owner: Owner) -> None:
    give(db, "u1", 3)
    answer = use_batch(db, {"amount": 2}, {"amount": 2}, {"amount": 1})
    assert [row["refusal"] for row in answer] == [None, "UC002", None]
    assert answer[1]["refusal_detail"] == '{"required" : 2, "available" : 1}'
    assert usages(owner, "u1") == [-2, -1]


def test_malformed_items_are_refused_one_by_one(db: Connection) -> None:
    give(db, "u1", 3)
    answer = use_batch(
        db,
        {"amount": 0},
        {"amount": Decimal("0.0000001")},
        {"app_id": ""},
        {"description": None},
        {"key": ""},
        {"user_id": ""},
        {},
    )
    assert [row["refusal"] for row in answer] == ["UC001"] * 6 + [None]


def test_key_seen_before_is_answered_with_the_first_result(db: Connection, owner: Owner) -> None:
    give(db, "u1", 3)
    (first,) = use_batch(db, {"key": "k"})
    (again,) = use_batch(db, {"key": "k"})
    assert {**first, "replayed": True} == again
    assert usages(owner, "u1") == [-1]


def test_key_twice_in_one_batch_moves_once(db: Connection, owner: Owner) -> None:
    give(db, "u1", 3)
    first, again = use_batch(db, {"key": "k"}, {"key": "k"})
    assert {**first, "replayed": True, "item": 2} == again
    assert usages(owner, "u1") == [-1]


def test_key_reused_with_other_parameters_is_refused(db: Connection) -> None:
    give(db, "u1", 3)
    answer = use_batch(db, {"key": "k"}, {"key": "k", "amount": 2}, {"key": "k", "app_id": "other"})
    assert [row["refusal"] for row in answer] == [None, "UC004", "UC004"]


def test_same_key_in_two_accounts_is_two_keys(db: Connection) -> None:
    give(db, "u1", 3)
    give(db, "u2", 3)
    answer = use_batch(db, {"key": "k"}, {"key": "k", "user_id": "u2"})
    assert not any(row["replayed"] for row in answer)


def test_replay_is_answered_when_the_balance_is_gone(db: Connection) -> None:
    give(db, "u1", 1)
    use_batch(db, {"key": "k"})
    answer = use_batch(db, {"key": "k"}, {"key": "other"})
    assert [row["refusal"] for row in answer] == [None, "UC002"]
    assert answer[0]["replayed"]


def test_held_credits_are_not_spent(db: Connection) -> None:
    give(db, "u1", 3)
    reserve(db, "u1", 2)
    answer = use_batch(db, {}, {})
    assert [row["refusal"] for row in answer] == [None, "UC002"]


def test_hold_past_its_time_is_free_for_a_batch(db: Connection, owner: Owner) -> None:
    give(db, "u1", 3)
    let_hold_run_out(owner, reserve(db, "u1", 2))
    answer = use_batch(db, {"amount": 2}, {"amount": 1})
    assert [row["balance"] for row in answer] == [1, 0]


def test_dated_credits_are_taken_first_by_each_item(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    grant(db, "u1", 5, expires_in=HOUR)
    answer = use_batch(db, {"amount": 2}, {"amount": 20}, {"amount": 1}, {"amount": 4})
    assert [row["balance"] for row in answer] == [13, None, 12, 8]
    assert remaining(owner, "u1") == [0]


def test_dated_credits_are_taken_where_there_are_enough_of_all(
    db: Connection, owner: Owner
) -> None:
    give(db, "u1", 10)
    grant(db, "u1", 5, expires_in=HOUR)
    use_batch(db, {"amount": 2}, {"amount": 1})
    assert remaining(owner, "u1") == [2]


def test_caps_hold_for_each_item(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    owner.execute(
        "insert into credits.service_caps (caller, max_amount) values ('test_service', 1)"
    )
    answer = use_batch(db, {"amount": 2}, {"amount": 1})
    assert [row["refusal"] for row in answer] == ["UC016", None]


def test_key_of_a_refused_item_can_be_used_by_the_next(db: Connection, owner: Owner) -> None:
    give(db, "u1", 3)
    answer = use_batch(db, {"key": "k", "amount": 5}, {"key": "k", "amount": 2}, {"amount": 0})
    assert [row["refusal"] for row in answer] == ["UC002", None, "UC001"]
    assert usages(owner, "u1") == [-2]


def test_many_debits_of_one_account_chain(db: Connection) -> None:
    give(db, "u1", 100)
    answer = use_batch(db, *({"key": f"k{number}"} for number in range(100)))
    assert [row["balance"] for row in answer] == list(range(99, -1, -1))
    assert [row["id"] for row in answer] == sorted(row["id"] for row in answer)


def test_nothing_at_all_is_nothing(db: Connection) -> None:
    assert use_batch(db) == []


def test_accounts_have_to_be_given(db: Connection) -> None:
    with refused(db, "UC001") as refusal:
        db.execute("select * from credits.use_credits_batch(p_user_ids => null)")
    assert list(refusal.details) == ["p_user_ids"]


def test_first_array_of_another_length_is_named(db: Connection) -> None:
    arrays = {"user_ids": ["u1"], "amounts": [Decimal(1)], "app_ids": ["chat", "code"]}
    with refused(db, "UC001") as refusal:
        rows(db, "credits.use_credits_batch", **arrays, descriptions=["One answer", ""])
    assert list(refusal.details) == ["p_app_ids"]


def test_array_left_out_is_missing_in_each_item(db: Connection) -> None:
    give(db, "u1", 10)
    arrays = {
        "user_ids": ["u1", "u1"],
        "amounts": [Decimal(1), Decimal(2)],
        "app_ids": ["chat"] * 2,
    }
    answer = rows(db, "credits.use_credits_batch", **arrays)
    assert [row["refusal"] for row in answer] == ["UC001", "UC001"]
    assert "description" in answer[0]["refusal_detail"]


def test_more_than_a_thousand_items_are_refused(db: Connection) -> None:
    with refused(db, "UC001"):
        use_batch(db, *({} for _ in range(1001)))


@pytest.mark.parametrize(
    "users", ["'[0:1]={u1,u2}'::text[]", "'{{u1,u2}}'::text[]", "'{}'::text[]", "null::text[]"]
)
def test_arrays_that_do_not_count_from_one_are_refused(db: Connection, users: str) -> None:
    give(db, "u1", 3)
    give(db, "u2", 3)
    with refused(db, "UC001"):
        db.execute(
            f"""
            select * from credits.use_credits_batch({users}, '{{1,1}}', '{{chat,chat}}', '{{a,b}}')
            """
        )


def test_keys_that_do_not_count_from_one_are_refused(db: Connection) -> None:
    give(db, "u1", 3)
    with refused(db, "UC001"):
        db.execute(
            """
            select * from credits.use_credits_batch(
                '{u1,u1}', '{1,1}', '{chat,chat}', '{a,b}', '[0:1]={k1,k2}'
            )
            """
        )


def test_metadata_is_judged_item_by_item(db: Connection) -> None:
    give(db, "u1", 3)
    answer = use_batch(
        db,
        {"metadata": {"a": 10**400}},
        {"metadata": {"a": "x" * 65529}},
        {"metadata": []},
        {"metadata": {"a": 10**300}},
    )
    assert [row["refusal"] for row in answer] == ["UC001"] * 3 + [None]
    assert [json.loads(row["refusal_detail"]).keys() for row in answer[:3]] == [{"metadata"}] * 3


def test_refused_item_has_no_figures(db: Connection) -> None:
    give(db, "u1", 3)
    answer = use_batch(db, {"amount": 11}, {"amount": 0}, {"key": "k"}, {"key": "k", "amount": 2})
    refused = [row for row in answer if row["refusal"] is not None]
    assert [row["item"] for row in refused] == [1, 2, 4]
    for row in refused:
        told = {name for name, value in row.items() if value is not None}
        assert told <= {"item", "refusal", "refusal_message", "refusal_detail", "refusal_hint"}
