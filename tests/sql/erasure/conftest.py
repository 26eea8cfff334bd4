"""A person who has left traces everywhere."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from psycopg.pq import TransactionStatus

from tests.databases import Connection, Owner
from tests.sql.books import fold_usage, seal
from tests.sql.calls import Row, call, fund, gift, give, limit, pool, redeem, use, use_guild
from tests.sql.conftest import Api
from tests.sql.events.consumers import order, register
from tests.sql.lifecycle import (
    HOUR,
    Payments,
    commit,
    extend,
    grant,
    let_hold_run_out,
    refund,
    release,
    reserve,
)
from tests.sql.limits.calls import set_own

NORA = "auth0|nora-4711"
EMAIL = "Nora.Quist@Example.org"
MATRIX_ID = "@nora:example.org"


@dataclass(frozen=True)
class Traces:
    """Nora's rows, as far as somebody still knows their ids."""

    open_gift: Row
    gift_from_a_friend: Row
    personal_hold: Row
    guild_hold: Row
    usage: Row
    guild_usage: Row
    purchase: Row


@pytest.fixture(autouse=True)
def ends_as_if_committed(db: Connection, owner: Owner) -> Iterator[None]:
    """Deferred checks, which run when a transaction ends, run when the test does."""
    yield
    if db.info.transaction_status != TransactionStatus.INERROR:
        owner.execute("set constraints all immediate")


@pytest.fixture
def payments(owner: Owner, api: Api) -> Payments:
    """Reports of Stripe about purchases of 500 credits for 10.00 €."""
    return Payments.for_a_package(owner, api)


@pytest.fixture
def nora(db: Connection, owner: Owner, api: Api, payments: Payments) -> Traces:
    """Nora bought, received, granted, used, held, gave away and was disputed with."""
    register(owner, "listener")
    call(
        api,
        "credits.save_stripe_customer",
        user_id=NORA,
        stripe_customer_id="cus_nora",
        email=EMAIL.upper(),
    )
    purchase = payments.buy(NORA)
    call(
        api,
        "credits.attach_payment",
        user_id=NORA,
        purchase_id=purchase["purchase_id"],
        stripe_customer_id="cus_nora",
    )
    payments.begin(NORA)
    payments.refunded(purchase, 100)
    payments.disputed(purchase, "open", 100)
    give(db, NORA, 100, description=f"Welcome, {EMAIL}", idempotency_key="give-nora")
    grant(db, NORA, 20, f"registration-{NORA}", reason="Nora came", expires_in=HOUR)
    pool(db, "g1", 100)
    usage = use(
        db,
        NORA,
        30,
        description="An answer for Nora",
        metadata={"to": {"name": "Nora"}, "nora": [1]},
        idempotency_key="use-nora",
        request_id="Nora asks",
    )
    refund(db, NORA, usage["id"], 5, description="Sorry, Nora", metadata={"mail": EMAIL})

    reserve(db, NORA, 1, reason="Nora asked", idempotency_key="gone-nora")
    release(db, reserve(db, NORA, 1, reason="Nora asked", idempotency_key="released-nora"))
    commit(db, reserve(db, NORA, 2, reason="Nora asked"), amount=1, metadata={"for": "nora"})
    again = reserve(db, NORA, 1, reason="Nora asks again", idempotency_key="again-nora")
    let_hold_run_out(owner, again)
    extend(db, again, int(HOUR))
    release(db, again)
    personal_hold = reserve(db, NORA, 3, reason="Nora asks", idempotency_key="hold-nora")

    fund(db, NORA, "g1", 10, description="From Nora", metadata={"from": "nora"})
    guild_usage = use_guild(
        db, "g1", NORA, 7, description="For Nora", metadata={"nora": 1}, idempotency_key="nora"
    )
    refund(db, NORA, guild_usage["id"], 2, description="Sorry, Nora", idempotency_key="back-nora")
    commit(db, reserve(db, NORA, 4, guild_id="g1", reason="Nora asked"), amount=3)
    guild_hold = reserve(
        db, NORA, 5, guild_id="g1", reason="Nora asks", idempotency_key="guild-nora"
    )
    limit(db, "g1", NORA, daily_limit=50)
    set_own(db, NORA, monthly=1000, perApp={"chat": {"daily": 500}})

    described = {
        "creator_name": "Nora Quist",
        "message": "From Nora",
        "riddle_question": "Who is Nora?",
        "riddle_answer": "nora",
    }
    open_gift = gift(
        db, NORA, 9, type="split", total_portions=3, target_email=f"friend-of-{EMAIL}", **described
    )
    used_up = gift(db, NORA, 4, creator_name="Nora Quist", message="Take it", idempotency_key="g-n")
    redeem(db, used_up["code"], "friend")
    cancelled = gift(db, NORA, 4, target_matrix_id="@friend-of-nora:example.org")
    call(db, "gifts.cancel_gift", gift_id=cancelled["id"], creator_id=NORA)

    give(db, "friend", 100)
    for_nora = gift(db, "friend", 6, target_email=EMAIL, target_matrix_id=MATRIX_ID)
    order(db)
    redeem(db, gift(db, "friend", 8)["code"], NORA, idempotency_key="redeem-nora")
    redeem(db, used_up["code"], NORA)
    fold_usage(owner, NORA)
    seal(owner)
    return Traces(open_gift, for_nora, personal_hold, guild_hold, usage, guild_usage, purchase)
