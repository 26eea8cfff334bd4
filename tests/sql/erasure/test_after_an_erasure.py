"""Calls that arrive after an erasure: what was received, and who tries again."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import add_package, purchase_row
from tests.sql.calls import (
    Row,
    Session,
    balance,
    call,
    gift,
    give,
    pool,
    redeem,
    use,
    use_guild,
    use_guild_batch,
)
from tests.sql.conftest import Api
from tests.sql.lifecycle import erase, grant, refund, reserve

MATRIX_ID = "@zoe:example.org"


def test_purchase_paid_after_the_erasure_is_credited_and_forfeited(
    db: Connection, owner: Owner, api: Api
) -> None:
    package = add_package(owner)
    begun = call(api, "credits.begin_purchase", user_id="zoe", package_id=package["id"])
    call(db, "credits.erase_user", user_id="zoe")

    paid = call(
        api,
        "credits.complete_purchase",
        user_id="zoe",
        purchase_id=begun["purchase_id"],
        amount_cents=499,
        currency="eur",
    )

    assert paid["outcome"] == "completed"
    rows = owner.execute(
        "select user_id like 'erased:%' as erased, type::text, balance_after"
        " from credits.transactions where type in ('purchase', 'erasure') order by id"
    ).fetchall()
    assert [(row["erased"], row["type"]) for row in rows] == [(True, "purchase"), (True, "erasure")]
    assert rows[-1]["balance_after"] == 0


def begun_by_zoe(db: Connection, owner: Owner, api: Api) -> Row:
    """A purchase whose buyer has been erased since."""
    package = add_package(owner)
    begun = call(api, "credits.begin_purchase", user_id="zoe", package_id=package["id"])
    call(db, "credits.erase_user", user_id="zoe")
    return begun


def deletions(owner: Owner) -> list[str]:
    rows = owner.execute("select stripe_customer_id from credits.stripe_customer_deletions")
    return [row["stripe_customer_id"] for row in rows]


@pytest.mark.parametrize("status", ["processing", "failed", "cancelled"])
def test_purchase_that_is_not_paid_after_the_erasure_has_ended(
    db: Connection, owner: Owner, api: Api, status: str
) -> None:
    purchase_id = begun_by_zoe(db, owner, api)["purchase_id"]
    noted = call(
        api, "credits.fail_purchase", user_id="zoe", purchase_id=purchase_id, status=status
    )
    assert noted["outcome"] == "updated"
    assert purchase_row(owner, purchase_id)["status"] == status


def test_payment_created_after_the_erasure_is_noted_and_its_customer_to_be_deleted(
    db: Connection, owner: Owner, api: Api
) -> None:
    purchase_id = begun_by_zoe(db, owner, api)["purchase_id"]
    answer = call(
        api,
        "credits.attach_payment",
        user_id="zoe",
        purchase_id=purchase_id,
        stripe_payment_intent_id="pi_1",
        stripe_customer_id="cus_1",
    )
    assert answer == {"attached": False}
    row = purchase_row(owner, purchase_id)
    assert (row["stripe_payment_intent_id"], row["stripe_customer_id"]) == ("pi_1", None)
    assert deletions(owner) == ["cus_1"]


def test_customer_created_after_the_erasure_is_not_remembered(
    db: Connection, owner: Owner, api: Api
) -> None:
    saved = call(
        api,
        "credits.save_stripe_customer",
        user_id="zoe",
        stripe_customer_id="cus_1",
        email="zoe@example.org",
        purchase_id=begun_by_zoe(db, owner, api)["purchase_id"],
    )
    assert saved["stripe_customer_id"] == "cus_1"
    assert owner.execute("select from credits.stripe_customers").rowcount == 0
    assert deletions(owner) == ["cus_1"]


def test_addresses_of_gifts_that_were_redeemed_go(db: Connection, owner: Owner) -> None:
    give(db, "friend", 10)
    by_mail = gift(db, "friend", 1, target_email="zoe@example.org")
    by_matrix = gift(db, "friend", 1, target_matrix_id=MATRIX_ID)
    redeem(db, by_mail["code"], "zoe", email="Zoe@example.org")
    redeem(db, by_matrix["code"], "zoe", matrix_id=MATRIX_ID)

    call(db, "credits.erase_user", user_id="zoe")

    kept = owner.execute("select target_email, target_matrix_id from gifts.gift_codes").fetchall()
    assert len(kept) == 2
    assert not any("zoe" in str(row) for row in kept)


def test_gift_for_an_erased_person_is_not_for_who_knows_the_pseudonym(db: Connection) -> None:
    give(db, "friend", 10)
    code = gift(db, "friend", 1, target_email="zoe@example.org")["code"]
    pseudonym = erase(db, "zoe", "zoe@example.org")["pseudonym"]
    answer = redeem(db, code, "u1", email=pseudonym, matrix_id=pseudonym)
    assert answer["status"] == "failed_wrong_user"


RIDDLE = {"riddle_question": "Who shines at night?", "riddle_answer": "The moon"}


def test_answer_to_a_riddle_of_an_erased_person_can_be_sent_again(db: Connection) -> None:
    give(db, "friend", 10)
    code = gift(db, "friend", 1, **RIDDLE)["code"]
    answered = {"riddle_answer": "The moon", "idempotency_key": "k"}
    first = redeem(db, code, "zoe", **answered)
    call(db, "credits.erase_user", user_id="friend")
    again = redeem(db, code, "zoe", **answered)
    assert again["replayed"]
    assert again["transaction_id"] == first["transaction_id"]


@pytest.fixture
def for_zoe(db: Connection) -> Row:
    """A friend's request from before: a gift for Zoe, who has been erased since."""
    give(db, "friend", 10)
    asked = {
        "total_credits": 3,
        "target_email": "zoe@example.org",
        "message": "For you",
        "idempotency_key": "k",
        **RIDDLE,
    }
    gift(db, "friend", **asked)
    call(db, "credits.erase_user", user_id="zoe", email="zoe@example.org")
    return asked


def test_gift_for_an_erased_person_can_be_asked_for_again(db: Connection, for_zoe: Row) -> None:
    again = gift(db, "friend", **for_zoe)
    assert (again["replayed"], again["total_credits"], again["status"]) == (True, 3, "active")
    assert again["target_email"] == "zoe@example.org"


@pytest.mark.parametrize(
    "other",
    [
        {"total_credits": 4},
        {"message": "For all"},
        {"target_email": None},
        {"type": "split"},
        {"expiration_days": 3},
        {"target_matrix_id": "@zoe:example.org"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_key_of_a_gift_for_an_erased_person_is_for_that_gift(
    db: Connection, for_zoe: Row, other: Row
) -> None:
    with refused(db, "UC004"):
        gift(db, "friend", **{**for_zoe, **other})


OPENING: dict[str, Callable[[Session, str], Any]] = {
    "init": lambda db, user_id: call(db, "credits.init_balance", user_id=user_id),
    "refund": lambda db, user_id: give(db, user_id, 1),
    "grant": lambda db, user_id: grant(db, user_id, 1),
    "alert": lambda db, user_id: call(
        db, "credits.set_low_balance_alert", user_id=user_id, threshold=1
    ),
    "gift": lambda db, user_id: redeem(db, gift(db, "friend", 1)["code"], user_id),
    "gift with a key": lambda db, user_id: redeem(
        db, gift(db, "friend", 1)["code"], user_id, idempotency_key="k"
    ),
    "pending gift": lambda db, user_id: (
        gift(db, "friend", 1, target_email="zoe@example.org"),
        call(db, "gifts.redeem_pending_gifts", user_id=user_id, email="zoe@example.org"),
    ),
}


@pytest.mark.parametrize("opening", OPENING)
def test_no_account_is_opened_that_looks_like_an_erased_one(
    db: Connection, owner: Owner, opening: str
) -> None:
    give(db, "friend", 10)
    with refused(db, "UC001") as refusal:
        OPENING[opening](db, "erased:x")
    assert list(refusal.details) == ["userId"]
    found = owner.execute("select from credits.balances where user_id = 'erased:x'")
    assert found.rowcount == 0


def test_nobody_who_looks_erased_begins_a_purchase(db: Connection, owner: Owner, api: Api) -> None:
    package = add_package(owner)
    with owner.rights() as dba, refused(dba, "UC001") as refusal:
        call(dba, "credits.begin_purchase", user_id="erased:x", package_id=package["id"])
    assert list(refusal.details) == ["userId"]


@pytest.mark.parametrize("opening", ["init", "alert"])
def test_account_of_a_pseudonym_is_found_as_any_other(db: Connection, opening: str) -> None:
    give(db, "zoe", 5)
    pseudonym = erase(db, "zoe")["pseudonym"]
    OPENING[opening](db, pseudonym)
    assert balance(db, pseudonym) == 0


@pytest.mark.parametrize("opening", sorted(OPENING.keys() - {"init", "alert"}))
def test_nothing_comes_in_for_who_was_erased(db: Connection, owner: Owner, opening: str) -> None:
    give(db, "friend", 10)
    give(db, "zoe", 5)
    pseudonym = erase(db, "zoe")["pseudonym"]
    with refused(db, "UC001") as refusal:
        OPENING[opening](db, pseudonym)
    assert list(refusal.details) == ["userId"]
    assert balance(db, pseudonym) == 0


@pytest.mark.parametrize("guild", [None, "g1"])
def test_hold_of_who_was_erased_names_nobody(db: Connection, guild: str | None) -> None:
    give(db, "zoe", 5)
    pool(db, "g1", 5)
    held = reserve(db, "zoe", 1, guild_id=guild)["reservation_id"]
    erase(db, "zoe")
    row = call(db, "credits.get_reservation", reservation_id=held)
    assert (row["user_id"], row["guild_id"], row["status"]) == (None, guild, "released")


def test_own_usage_of_who_was_erased_is_not_refunded(db: Connection) -> None:
    give(db, "zoe", 5)
    usage = use(db, "zoe", 3)
    pseudonym = erase(db, "zoe")["pseudonym"]
    with refused(db, "UC001"):
        refund(db, pseudonym, usage["id"], 3)


def test_use_of_a_pool_by_who_was_erased_is_refunded_to_the_pool(db: Connection) -> None:
    pool(db, "g1", 10)
    usage = use_guild(db, "g1", "zoe", 3)
    pseudonym = erase(db, "zoe")["pseudonym"]
    assert refund(db, pseudonym, usage["id"], 3)["balance"] == 10


@pytest.mark.parametrize(
    "use_of_pool",
    [
        lambda db: use_guild(db, "g1", "erased:x", 3),
        lambda db: reserve(db, "erased:x", 3, guild_id="g1"),
    ],
    ids=["use", "hold"],
)
def test_who_was_erased_uses_no_pool(db: Connection, use_of_pool: Callable[[Any], Row]) -> None:
    pool(db, "g1", 10)
    with refused(db, "UC001") as refusal:
        use_of_pool(db)
    assert list(refusal.details) == ["userId"]


def test_who_was_erased_uses_no_pool_in_a_batch(db: Connection) -> None:
    pool(db, "g1", 10)
    [outcome] = use_guild_batch(db, {"user_id": "erased:x", "amount": 3})
    assert outcome["refusal"] == "UC001"


def test_prefix_alone_is_what_marks_a_pseudonym(db: Connection) -> None:
    for user_id in ("erased", "Erased:x", "un-erased:x"):
        assert give(db, user_id, 1)["balance"] == 1
