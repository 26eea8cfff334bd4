"""A commit of more than is set aside: refused, as far as there is, or into debt."""

from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import Row, balance, call, give, use
from tests.sql.lifecycle import (
    HOUR,
    commit,
    figures,
    grant,
    let_hold_run_out,
    remaining,
    reserve,
    spending,
)
from tests.sql.moments import later
from tests.sql.prices.calls import capture, items, price


@pytest.fixture
def held(db: Connection) -> Row:
    """4 of the 10 credits of u1 are set aside."""
    return reserve(db, "u1", 4)


def allow_overrun(owner: Owner, most: object) -> None:
    owner.execute(
        "insert into credits.service_caps (caller, max_overrun) values ('test_service', %s)",
        (most,),
    )


def test_null_refuses_as_nothing_given_does(db: Connection, held: Row) -> None:
    with refused(db, "UC015"):
        commit(db, held, amount=7, overrun=None)


def test_unknown_word_is_refused(db: Connection, held: Row) -> None:
    with refused(db, "UC001") as refusal:
        commit(db, held, amount=5, overrun="whatever")
    assert refusal.details.keys() == {"overrun"}


@pytest.mark.parametrize("overrun", ["available", "debt"])
def test_what_is_there_is_used_as_well(db: Connection, held: Row, overrun: str) -> None:
    answer = commit(db, held, amount=7, overrun=overrun)
    assert (answer["committed"], answer["released"], answer["uncollected"]) == (7, 0, 0)
    assert answer["balance"] == balance(db, "u1") == 3


def test_what_is_not_there_is_uncollected(db: Connection, owner: Owner, held: Row) -> None:
    answer = commit(db, held, amount=15, overrun="available")
    assert (answer["committed"], answer["uncollected"], answer["balance"]) == (10, 5, 0)
    assert ledger(owner, "u1")[-1]["amount"] == -10
    assert commit(db, held, amount=15, overrun="available") == {**answer, "replayed": True}
    with refused(db, "UC013"):
        commit(db, held, amount=14, overrun="available")


def test_nothing_is_there_and_all_is_uncollected(db: Connection, owner: Owner, held: Row) -> None:
    let_hold_run_out(owner, held)
    use(db, "u1", 10)
    answer = commit(db, held, amount=4, overrun="available")
    assert (answer["transaction_id"], answer["committed"], answer["uncollected"]) == (None, 0, 4)


def test_all_is_captured_and_nothing_else_is_there(db: Connection, held: Row) -> None:
    use(db, "u1", 6)
    capture(db, held, 4)
    answer = commit(db, held, amount=2, overrun="available")
    assert (answer["transaction_id"], answer["committed"], answer["uncollected"]) == (None, 0, 2)
    assert commit(db, held, amount=2, overrun="available") == {**answer, "replayed": True}


def test_debt_needs_a_cap_that_allows_it(db: Connection, held: Row) -> None:
    with refused(db, "UC002") as refusal:
        commit(db, held, amount=11, overrun="debt")
    assert (refusal.details["cap"], refusal.details["limit"]) == ("max_overrun", 0)
    assert figures(db, "u1")["reserved"] == 4


def test_debt_is_bounded_and_repaid_first(db: Connection, owner: Owner, held: Row) -> None:
    allow_overrun(owner, 5)
    with refused(db, "UC002") as refusal:
        commit(db, held, amount=Decimal("15.000001"), overrun="debt")
    assert refusal.details == {
        "required": 11.000001,
        "available": 6,
        "cap": "max_overrun",
        "limit": 5,
    }
    answer = commit(db, held, amount=15, overrun="debt")
    assert (answer["committed"], answer["uncollected"], answer["balance"]) == (15, 0, -5)
    assert commit(db, held, amount=15, overrun="debt") == {**answer, "replayed": True}
    with refused(db, "UC002"):
        use(db, "u1", 1)
    give(db, "u1", 3)
    assert balance(db, "u1") == -2
    give(db, "u1", 3)
    assert balance(db, "u1") == 1


def test_second_debt_comes_on_top_of_the_first(db: Connection, owner: Owner, held: Row) -> None:
    allow_overrun(owner, 5)
    other = reserve(db, "u1", 1)
    commit(db, held, amount=12, overrun="debt")
    assert balance(db, "u1") == -3
    with refused(db, "UC002"):
        commit(db, other, amount=4, overrun="debt")
    assert commit(db, other, amount=3, overrun="debt")["balance"] == -5


def test_pool_goes_into_debt_and_funding_repays_it(db: Connection, owner: Owner) -> None:
    allow_overrun(owner, 5)
    call(db, "credits.init_guild_pool", organization_id="g1")
    call(db, "credits.fund_guild_pool", user_id="u1", organization_id="g1", amount=2)
    held = reserve(db, "u1", 2, guild_id="g1")
    assert commit(db, held, amount=6, overrun="debt")["balance"] == -4
    funded = call(db, "credits.fund_guild_pool", user_id="u1", organization_id="g1", amount=5)
    assert funded["pool_balance"] == 1


def test_debt_takes_no_lots_that_come_later(db: Connection, owner: Owner, held: Row) -> None:
    allow_overrun(owner, 5)
    commit(db, held, amount=13, overrun="debt")
    grant(db, "u1", 5, "a", expires_in=HOUR)
    assert balance(db, "u1") == 2
    assert remaining(owner, "u1") == [2]


def test_lots_are_taken_for_what_is_beyond_the_hold(db: Connection, owner: Owner) -> None:
    held = reserve(db, "u1", 4)
    grant(db, "u1", 5, "a", expires_in=HOUR)
    commit(db, held, amount=7, overrun="available")
    assert remaining(owner, "u1") == [2]


def test_limit_of_a_member_binds_the_overrun(db: Connection) -> None:
    call(db, "credits.init_guild_pool", organization_id="g1")
    call(db, "credits.fund_guild_pool", user_id="u1", organization_id="g1", amount=10)
    call(db, "credits.set_spending_limits", organization_id="g1", user_id="u1", daily_limit=6)
    held = reserve(db, "u1", 4, guild_id="g1")
    with refused(db, "UC003"):
        commit(db, held, amount=7, overrun="debt")
    answer = commit(db, held, amount=9, overrun="available")
    assert (answer["committed"], answer["uncollected"], answer["balance"]) == (6, 3, 4)
    assert spending(db, "g1", "u1")["spent_today"] == 6


def test_items_of_a_commit_have_the_prices_of_the_hold(db: Connection, owner: Owner) -> None:
    held = call(
        db, "credits.reserve_credits", user_id="u1", items=items(("picture", 2)), reason="Two"
    )
    assert (held["balance"], held["charge"]["amount"]) == (7, 3)
    price(owner, "picture", "5", valid_from=later(db, 0))
    answer = commit(db, held, items=items(("picture", 1)))
    assert (answer["committed"], answer["released"], answer["balance"]) == (
        Decimal("1.5"),
        1.5,
        8.5,
    )
    assert commit(db, held, items=items(("picture", 1)))["replayed"] is True
    with refused(db, "UC013"):
        commit(db, held, items=items(("word", 75)))
    with refused(db, "UC013"):
        commit(db, held, amount=Decimal("1.5"))


def test_moment_of_a_hold_is_the_same_at_its_commit(db: Connection) -> None:
    held = reserve(db, "u1", None, items=items(("word", 10)))
    answer = commit(db, held, items=items(("word", 5)))
    assert answer["charge"]["pricedAt"] == held["charge"]["pricedAt"]


def test_hold_by_items_is_repeated_by_its_items(db: Connection, owner: Owner) -> None:
    arguments = {"user_id": "u1", "reason": "Two", "idempotency_key": "h"}
    first = call(db, "credits.reserve_credits", items=items(("picture", 2)), **arguments)
    price(owner, "picture", "5", valid_from=later(db, 0))
    again = call(db, "credits.reserve_credits", items=items(("picture", 2)), **arguments)
    assert again == {**first, "replayed": True}
    with refused(db, "UC004"):
        call(db, "credits.reserve_credits", items=items(("picture", 3)), **arguments)


def test_commit_of_what_costs_nothing_frees_the_hold(
    db: Connection, owner: Owner, held: Row
) -> None:
    answer = commit(db, held, items=items(("nothing", 3)))
    assert (answer["transaction_id"], answer["committed"], answer["released"]) == (None, 0, 4)
    assert answer["balance"] == balance(db, "u1") == 10
    assert commit(db, held, items=items(("nothing", 3)))["replayed"] is True
    assert [row["amount"] for row in ledger(owner, "u1")] == [10]


def test_uncollected_items_keep_their_charge(db: Connection, held: Row) -> None:
    answer = commit(db, held, items=items(("picture", 8)), overrun="available")
    assert (answer["committed"], answer["uncollected"]) == (10, 2)
    assert answer["charge"]["amount"] == 12


def test_hold_that_names_no_time_lasts_as_the_cap_says(db: Connection, owner: Owner) -> None:
    owner.execute(
        "insert into credits.service_caps (caller, default_hold_seconds)"
        " values ('test_service', 60)"
    )
    held = reserve(db, "u1", 1)
    assert held["expires_at"] <= later(db, 60)


def test_caps_hold_for_what_is_beyond_the_hold(db: Connection, owner: Owner) -> None:
    owner.execute(
        "insert into credits.service_caps (caller, max_amount, max_amount_per_day, max_overrun)"
        " values ('test_service', 3, 5, 50)"
    )
    held = [reserve(db, "u1", 1) for _ in range(3)]
    for overrun in ("available", "debt"):
        with refused(db, "UC016"):
            commit(db, held[0], amount=5, overrun=overrun)
    commit(db, held[0], amount=3, overrun="available")
    with refused(db, "UC016") as refusal:
        commit(db, held[1], amount=2, overrun="debt")
    assert refusal.details["cap"] == "max_amount_per_day"


def test_less_than_the_hold_leaves_what_was_owed_as_it_was(
    db: Connection, owner: Owner, held: Row
) -> None:
    allow_overrun(owner, 50)
    other = reserve(db, "u1", 5)
    commit(db, held, amount=15, overrun="debt")
    assert commit(db, other, amount=2, overrun="debt")["balance"] == -7


def test_pool_in_debt_is_shown_alike_everywhere(db: Connection, owner: Owner) -> None:
    allow_overrun(owner, 50)
    call(db, "credits.init_guild_pool", organization_id="g1")
    call(db, "credits.fund_guild_pool", user_id="u1", organization_id="g1", amount=2)
    commit(db, reserve(db, "u1", 2, guild_id="g1"), amount=6, overrun="debt")
    row = owner.execute("select balance, total_funded from credits.guild_pools").fetchone()
    assert row == {"balance": -4, "total_funded": 2}
    funded = call(db, "credits.fund_guild_pool", user_id="u1", organization_id="g1", amount=1)
    assert (funded["pool_balance"], funded["pool_total_funded"]) == (-3, 3)
