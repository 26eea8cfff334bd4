"""gifts.expire_gifts: what ran out of time goes back to its creators."""

from tests.databases import Connection, Owner
from tests.sql.books import fill_balance, gift_row, ledger, run_out
from tests.sql.calls import Row, balance, call, gift, give, redeem


def expire(db: Connection, **arguments: object) -> tuple[int, int]:
    answer = call(db, "gifts.expire_gifts", **arguments)
    return answer["gifts_expired"], answer["credits_refunded"]


def expired_gift(db: Connection, owner: Owner, creator_id: str = "creator", **more: object) -> Row:
    made = gift(db, creator_id, 100, **more)
    run_out(owner, made["code"])
    return made


def test_unclaimed_credits_go_back(db: Connection, owner: Owner) -> None:
    made = expired_gift(db, owner)
    assert expire(db) == (1, 100)
    assert balance(db, "creator") == 10000
    assert gift_row(owner, made["code"])["status"] == "refunded"


def test_only_unclaimed_credits_go_back(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 100, total_portions=3)
    redeem(db, made["code"], "u1")
    run_out(owner, made["code"])
    assert expire(db) == (1, 66)
    assert [balance(db, "creator"), balance(db, "u1")] == [9967, 33]


def test_reversal_lowers_total_spent(db: Connection, owner: Owner) -> None:
    expired_gift(db, owner)
    expire(db)
    answer = call(db, "credits.get_balance", user_id="creator")
    assert (answer["total_earned"], answer["total_spent"]) == (10000, 0)


def test_reversal_is_one_ledger_row(db: Connection, owner: Owner) -> None:
    made = expired_gift(db, owner)
    expire(db)
    row = ledger(owner, "creator")[-1]
    assert (row["type"], row["amount"], row["reversal"]) == ("gift", 100, True)
    assert row["reference_id"] == str(made["id"])


def test_nothing_is_paid_back_twice(db: Connection, owner: Owner) -> None:
    expired_gift(db, owner)
    expire(db)
    assert expire(db) == (0, 0)
    assert balance(db, "creator") == 10000


def test_gift_with_time_left_stays(db: Connection) -> None:
    gift(db, "creator", 100)
    assert expire(db) == (0, 0)


def test_used_up_and_cancelled_gifts_stay(db: Connection, owner: Owner) -> None:
    used_up, cancelled = gift(db, "creator", 100), gift(db, "creator", 100)
    redeem(db, used_up["code"], "u1")
    call(db, "gifts.cancel_gift", gift_id=cancelled["id"], creator_id="creator")
    for made in (used_up, cancelled):
        run_out(owner, made["code"])
    assert expire(db) == (0, 0)


def test_gifts_of_several_creators_go_back_to_each(db: Connection, owner: Owner) -> None:
    give(db, "u1", 200)
    for creator_id in ("u1", "creator", "u1"):
        expired_gift(db, owner, creator_id)
    assert expire(db) == (3, 300)
    assert [balance(db, "creator"), balance(db, "u1")] == [10000, 200]


def test_as_many_as_asked_for_go_back_at_once(db: Connection, owner: Owner) -> None:
    for _ in range(3):
        expired_gift(db, owner)
    assert expire(db, limit=2) == (2, 200)
    assert expire(db, limit=2) == (1, 100)


def test_full_balance_of_one_creator_does_not_keep_others_waiting(
    db: Connection, owner: Owner
) -> None:
    give(db, "full", 300)
    for _ in range(3):
        expired_gift(db, owner, "full")
    fill_balance(owner, "full")
    expired_gift(db, owner, "creator")
    assert expire(db, limit=2) == (1, 100)
    assert balance(db, "creator") == 10000


def test_gift_that_fills_its_creators_balance_goes_back_before_the_next(
    db: Connection, owner: Owner
) -> None:
    give(db, "u1", 200)
    for _ in range(2):
        expired_gift(db, owner, "u1")
    fill_balance(owner, "u1", room=150)
    assert expire(db) == (1, 100)
