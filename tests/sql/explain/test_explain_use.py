"""credits.explain_use: would this debit pass, and if not, what refuses it?"""

from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import give, limit, use, use_guild
from tests.sql.conftest import Api
from tests.sql.explain.conftest import Ask
from tests.sql.lifecycle import (
    HOUR,
    Payments,
    grant,
    let_grant_run_out,
    let_hold_run_out,
    reserve,
)
from tests.sql.moments import now

EVERYTHING = """
    select jsonb_object_agg(t.name, t.rows) as everything
    from (
        select 'accounts' as name, jsonb_agg(to_jsonb(a) order by account_id, kind) as rows
        from credits.accounts a
        union all
        select 'entries', jsonb_agg(to_jsonb(e) order by id) from credits.entries e
        union all
        select 'holds', jsonb_agg(to_jsonb(r) order by id) from credits.reservations r
        union all
        select 'members', jsonb_agg(to_jsonb(m) order by user_id) from credits.members m
        union all
        select 'caps', jsonb_agg(to_jsonb(u)) from credits.service_cap_usage u
        union all
        select 'lots', jsonb_agg(to_jsonb(l) order by id) from credits.lots l
        union all
        select 'lot movements', jsonb_agg(to_jsonb(m) order by id) from credits.lot_movements m
    ) t
"""


def everything(owner: Owner) -> Any:
    """All that a debit could change."""
    row = owner.execute(EVERYTHING).fetchone()
    assert row is not None
    return row["everything"]


def test_debit_that_would_pass_is_allowed_now(db: Connection, ask: Ask) -> None:
    before = now(db)
    answer = ask(10)
    assert (answer["allowed"], answer["refusal"], answer["details"]) == (True, None, None)
    assert before <= answer["passes_at"] <= now(db)


def test_debit_of_a_pool_that_would_pass_is_allowed_now(db: Connection, ask: Ask) -> None:
    assert ask(100, guild_id="g1")["allowed"] is True


def test_missing_credits_refuse(ask: Ask) -> None:
    answer = ask("10.5")
    assert (answer["allowed"], answer["refusal"]) == (False, "UC002")
    assert answer["details"] == {"required": 10.5, "available": 10}


def test_user_never_seen_lacks_credits(ask: Ask) -> None:
    answer = ask(1, user_id="nobody")
    assert (answer["refusal"], answer["details"]) == ("UC002", {"required": 1, "available": 0})
    assert answer["passes_at"] is None


def test_missing_credits_of_a_pool_refuse(ask: Ask) -> None:
    answer = ask(101, guild_id="g1")
    assert (answer["refusal"], answer["details"]) == ("UC002", {"required": 101, "available": 100})


def test_missing_pool_refuses(ask: Ask) -> None:
    answer = ask(1, guild_id="g9")
    assert (answer["allowed"], answer["refusal"]) == (False, "UC005")
    assert (answer["details"], answer["passes_at"]) == ({"organizationId": "g9"}, None)


@pytest.mark.parametrize("window", ["daily", "monthly"])
def test_limit_refuses(db: Connection, ask: Ask, window: str) -> None:
    limit(db, "g1", "u1", **{f"{window}_limit": 20})
    use_guild(db, "g1", "u1", 15)
    answer = ask(6, guild_id="g1")
    assert (answer["allowed"], answer["refusal"]) == (False, "UC003")
    expected = {"window": window, "limit": 20, "spent": 15, "requested": 6}
    assert {name: answer["details"][name] for name in expected} == expected


def test_cap_refuses(owner: Owner, ask: Ask) -> None:
    owner.execute(
        "insert into credits.service_caps (caller, max_amount) values (%s, 5)", ("test_service",)
    )
    answer = ask(6)
    assert (answer["allowed"], answer["refusal"]) == (False, "UC016")
    assert answer["details"] == {"cap": "max_amount", "limit": 5, "requested": 6}


def test_debt_refuses(db: Connection, owner: Owner, api: Api, ask: Ask) -> None:
    payments = Payments.for_a_package(owner, api)
    bought = payments.buy("u1")
    use(db, "u1", 510)
    payments.refunded(bought, 1000)
    answer = ask(1)
    assert (answer["refusal"], answer["passes_at"]) == ("UC002", None)
    assert answer["details"] == {"required": 1, "available": -500}


def test_hold_past_its_time_does_not_refuse(db: Connection, owner: Owner, ask: Ask) -> None:
    let_hold_run_out(owner, reserve(db, "u1", 4))
    assert ask(10)["allowed"] is True


def test_expired_credits_refuse(db: Connection, owner: Owner, ask: Ask) -> None:
    let_grant_run_out(owner, grant(db, "u1", 5, expires_in=HOUR))
    assert ask(11)["details"] == {"required": 11, "available": 10}


@pytest.mark.parametrize(
    "arguments",
    [
        {"amount": 5},
        {"amount": 50},
        {"amount": 5, "guild_id": "g1"},
        {"amount": 15, "guild_id": "g1"},
        {"amount": 500, "guild_id": "g1"},
        {"amount": 7},
    ],
    ids=str,
)
def test_asking_changes_nothing(
    db: Connection, owner: Owner, ask: Ask, arguments: dict[str, Any]
) -> None:
    limit(db, "g1", "u1", daily_limit=10)
    owner.execute(
        """
        insert into credits.service_caps (caller, max_amount, max_amount_per_day)
        values ('test_service', 600, 600)
        """
    )
    let_grant_run_out(owner, grant(db, "u1", 5, "gone", expires_in=HOUR))
    grant(db, "u1", 5, "there", expires_in=HOUR)
    let_hold_run_out(owner, reserve(db, "u1", 2))
    before = everything(owner)
    ask(**arguments)
    assert everything(owner) == before


def test_debit_passes_after_it_was_allowed(db: Connection, ask: Ask) -> None:
    ask(10)
    ask(10)
    assert use(db, "u1", 10)["balance"] == 0


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("amount", {"amount": 0}),
        ("amount", {"amount": None}),
        ("appId", {"amount": 1, "app_id": ""}),
        ("userId", {"amount": 1, "user_id": ""}),
        ("organizationId", {"amount": 1, "guild_id": ""}),
    ],
)
def test_what_cannot_be_is_refused(
    db: Connection, ask: Ask, field: str, arguments: dict[str, Any]
) -> None:
    with refused(db, "UC001") as refusal:
        ask(**arguments)
    assert list(refusal.details) == [field]


def test_explanation_is_the_debits_own_refusal(db: Connection, ask: Ask) -> None:
    give(db, "u1", 1)
    reserve(db, "u1", 4)
    answer = ask(8)
    with refused(db, "UC002") as refusal:
        use(db, "u1", 8)
    assert answer["details"] == refusal.details
    assert answer["refusal"] == refusal.sqlstate
