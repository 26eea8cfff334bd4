"""A person's own limits: what counts against them, and which of them refuses."""

import pytest
from psycopg.types.json import Jsonb

from tests.databases import Connection, Owner, refused
from tests.sql.calls import call, fund, gift, give, limit, pool, use, use_batch, use_guild
from tests.sql.conftest import Api
from tests.sql.lifecycle import (
    commit,
    expire_due,
    extend,
    let_hold_run_out,
    refund,
    release,
    reserve,
)
from tests.sql.limits.calls import own, set_own, spent
from tests.sql.prices.calls import capture


@pytest.fixture(autouse=True)
def account(db: Connection) -> None:
    """The user u1 has 100 credits."""
    give(db, "u1", 100)


@pytest.mark.parametrize("window", ["daily", "weekly", "monthly"])
def test_limit_is_used_up_and_not_exceeded(db: Connection, window: str) -> None:
    set_own(db, "u1", **{window: 10})
    use(db, "u1", 4)
    with refused(db, "UC003") as refusal:
        use(db, "u1", 7)
    row = own(db, "u1")[None]
    reset = {"daily": "day", "weekly": "week", "monthly": "month"}[window]
    assert refusal.details == {
        "scope": "own",
        "window": window,
        "limit": 10,
        "spent": 4,
        "requested": 7,
        "resetsAt": row[f"{reset}_resets_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    assert row[f"{window}_remaining"] == 6
    use(db, "u1", 6)
    with refused(db, "UC003"):
        use(db, "u1", "0.000001")


def test_zero_blocks(db: Connection) -> None:
    set_own(db, "u1", daily=0)
    with refused(db, "UC003"):
        use(db, "u1", 1)


def test_limit_of_an_app_is_of_that_app(db: Connection) -> None:
    set_own(db, "u1", perApp={"chat": {"daily": 5}})
    use(db, "u1", 50, app_id="images")
    use(db, "u1", 5)
    with refused(db, "UC003") as refusal:
        use(db, "u1", 1)
    assert (refusal.details["scope"], refusal.details["spent"]) == ("app", 5)
    assert spent(db, "u1", "chat") == (5, 5, 5)


def test_tightest_that_blocks_is_named(db: Connection) -> None:
    set_own(db, "u1", daily=20, monthly=15, perApp={"chat": {"weekly": 12}})
    use(db, "u1", 5, app_id="images")
    use(db, "u1", 4)
    told = []
    for amount in (7, 9, 30):
        with refused(db, "UC003") as refusal:
            use(db, "u1", amount)
        told.append((refusal.details["scope"], refusal.details["window"], refusal.details["spent"]))
    assert told == [("own", "monthly", 9)] * 3
    set_own(db, "u1", perApp={"chat": {"weekly": 5}})
    with refused(db, "UC003") as refusal:
        use(db, "u1", 7)
    assert (refusal.details["scope"], refusal.details["window"]) == ("app", "weekly")


def test_lowering_works_at_once(db: Connection) -> None:
    set_own(db, "u1", daily=10)
    use(db, "u1", 5)
    set_own(db, "u1", daily=4)
    with refused(db, "UC003") as refusal:
        use(db, "u1", 1)
    assert refusal.details["spent"] == 5
    assert own(db, "u1")[None]["daily_remaining"] == 0


def test_what_was_spent_before_counts(db: Connection) -> None:
    use(db, "u1", 3, app_id="images")
    usage = use(db, "u1", 5)
    refund(db, "u1", usage["id"], 1)
    reserve(db, "u1", 2, app_id="chat")
    answer = set_own(db, "u1", daily=12, perApp={"chat": {"daily": 7}})
    assert answer[None]["spent_today"] == 9
    assert answer["chat"]["spent_today"] == 6
    with refused(db, "UC003") as refusal:
        use(db, "u1", 2)
    assert (refusal.details["scope"], refusal.details["spent"]) == ("app", 6)
    use(db, "u1", 1)
    assert (spent(db, "u1"), spent(db, "u1", "chat")) == ((10, 10, 10), (7, 7, 7))


def test_what_comes_back_before_the_first_debit_counts_once(db: Connection, owner: Owner) -> None:
    usage = use(db, "u1", 5)
    held = reserve(db, "u1", 3)
    set_own(db, "u1", daily=10)
    refund(db, "u1", usage["id"], 2)
    release(db, held)
    assert spent(db, "u1")[0] == 3
    use(db, "u1", 7)
    assert spent(db, "u1")[0] == 10


def test_gifts_and_fundings_do_not_count(db: Connection) -> None:
    set_own(db, "u1", daily=5)
    pool(db, "g1", 1)
    gift(db, "u1", 20)
    fund(db, "u1", "g1", 20)
    assert spent(db, "u1")[0] == 0
    assert use(db, "u1", 5)["balance"] == 55


def test_uses_of_a_pool_do_not_count(db: Connection) -> None:
    set_own(db, "u1", daily=5)
    pool(db, "g1", 100)
    use_guild(db, "g1", "u1", 50)
    assert spent(db, "u1")[0] == 0


def test_hold_counts_when_it_is_made_and_no_more_when_it_is_released(db: Connection) -> None:
    set_own(db, "u1", daily=10)
    held = reserve(db, "u1", 8)
    with refused(db, "UC003"):
        reserve(db, "u1", 3)
    release(db, held)
    assert spent(db, "u1")[0] == 0
    use(db, "u1", 10)


def test_commit_counts_what_was_used(db: Connection) -> None:
    set_own(db, "u1", daily=10, perApp={"chat": {"daily": 10}})
    held = reserve(db, "u1", 10, app_id="chat")
    commit(db, held, amount=6)
    assert (spent(db, "u1")[0], spent(db, "u1", "chat")[0]) == (6, 6)


def test_capture_moves_nothing_and_the_rest_comes_back(db: Connection) -> None:
    set_own(db, "u1", daily=10)
    held = reserve(db, "u1", 10)
    capture(db, held, 4)
    assert spent(db, "u1")[0] == 10
    release(db, held)
    assert spent(db, "u1")[0] == 4


def test_hold_that_runs_out_counts_no_more(db: Connection, owner: Owner) -> None:
    set_own(db, "u1", daily=10)
    held = reserve(db, "u1", 8)
    let_hold_run_out(owner, held)
    assert spent(db, "u1")[0] == 0
    expire_due(Api(db))
    assert spent(db, "u1")[0] == 0
    use(db, "u1", 10)


def test_late_commit_and_a_hold_that_is_held_again_count_anew(db: Connection, owner: Owner) -> None:
    set_own(db, "u1", daily=10)
    first, second = reserve(db, "u1", 5), reserve(db, "u1", 5)
    for held in (first, second):
        let_hold_run_out(owner, held)
    use(db, "u1", 4)
    assert commit(db, first)["late"] is True
    assert spent(db, "u1")[0] == 9
    with refused(db, "UC003"):
        commit(db, second)
    with refused(db, "UC003"):
        extend(db, second, 60)
    refund(db, "u1", use(db, "u1", 1)["id"], 1)
    set_own(db, "u1", daily=14)
    extend(db, second, 60)
    assert spent(db, "u1")[0] == 14


def test_commit_beyond_the_hold_is_held_to_the_limit(db: Connection) -> None:
    set_own(db, "u1", daily=10)
    held = reserve(db, "u1", 8)
    answer = commit(db, held, amount=15, overrun="available")
    assert (answer["committed"], answer["uncollected"]) == (10, 5)
    assert spent(db, "u1")[0] == 10


def test_refund_makes_room_in_the_app_that_was_used(db: Connection) -> None:
    set_own(db, "u1", daily=10, perApp={"chat": {"daily": 10}, "images": {"daily": 10}})
    usage = use(db, "u1", 10)
    refund(db, "u1", usage["id"], 4, app_id="images")
    assert [spent(db, "u1", app)[0] for app in (None, "chat", "images")] == [6, 6, 0]


def test_refund_without_a_usage_makes_no_room(db: Connection) -> None:
    set_own(db, "u1", daily=10)
    use(db, "u1", 10)
    give(db, "u1", 5)
    assert spent(db, "u1")[0] == 10


def test_retry_is_answered_whatever_the_limit_is_by_then(db: Connection) -> None:
    first = use(db, "u1", 5, idempotency_key="k")
    set_own(db, "u1", daily=0)
    again = use(db, "u1", 5, idempotency_key="k")
    assert (again["id"], again["replayed"]) == (first["id"], True)


def test_credits_are_looked_at_before_limits(db: Connection) -> None:
    set_own(db, "u1", daily=5)
    with refused(db, "UC002"):
        use(db, "u1", 101)


def test_charge_by_items_counts_what_it_comes_to(db: Connection, owner: Owner) -> None:
    owner.execute("insert into credits.prices (operation, unit_price) values ('answer', 3)")
    set_own(db, "u1", daily=8)
    items = Jsonb([{"operation": "answer", "quantity": 2}])
    use(db, "u1", None, items=items)
    with refused(db, "UC003"):
        use(db, "u1", None, items=items)
    assert spent(db, "u1")[0] == 6


def test_batch_is_held_to_limits_as_single_calls_are(db: Connection) -> None:
    give(db, "u2", 100)
    set_own(db, "u1", daily=10, perApp={"images": {"daily": 2}})
    answers = use_batch(
        db,
        {"amount": 6},
        {"amount": 3, "app_id": "images"},
        {"amount": 5},
        {"amount": 50, "user_id": "u2"},
        {"amount": 4},
    )
    assert [row["refusal"] for row in answers] == [None, "UC003", "UC003", None, None]
    assert spent(db, "u1") == (10, 10, 10)


def test_limits_of_members_do_not_hold_for_their_own_credits(db: Connection) -> None:
    pool(db, "g1", 10)
    limit(db, "g1", "u1", daily_limit=0)
    assert use(db, "u1", 1)["balance"] == 99


def test_explanation_counts_nothing(db: Connection) -> None:
    set_own(db, "u1", daily=10)
    call(db, "credits.explain_use", user_id="u1", amount=5, app_id="chat")
    assert spent(db, "u1")[0] == 0
