"""Books with something of everything in them."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import add_package, fold_usage, seal
from tests.sql.calls import call, gift, give, pool, redeem, use, use_guild
from tests.sql.conftest import Api
from tests.sql.limits.calls import set_own


@pytest.fixture(autouse=True)
def history(db: Connection, owner: Owner, api: Api) -> None:
    """Something of everything."""
    give(db, "u1", 100)
    set_own(db, "u1", monthly=1000)
    use(db, "u1", 40)
    fold_usage(owner, "u1")
    call(
        api,
        "credits.admin_grant",
        admin="admin-1",
        user_id="u2",
        amount=1,
        reason="Ticket 17",
        idempotency_key="act-1",
    )
    pool(db, "g1", 100)
    use_guild(db, "g1", "u1", 40)
    call(
        db,
        "credits.grant_credits",
        user_id="u1",
        amount=10,
        reason="promotion",
        reference_id="r1",
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    call(
        db,
        "credits.grant_credits",
        user_id="u5",
        amount=10,
        reason="promotion",
        reference_id="r1",
        expires_at=datetime.now(UTC) + timedelta(days=2),
    )
    held = call(db, "credits.reserve_credits", user_id="u1", amount=5, reason="an answer")
    call(db, "credits.commit_reservation", reservation_id=held["reservation_id"], amount=2)
    made = gift(db, "u1", 30, total_portions=3)
    redeem(db, made["code"], "u2")
    package = add_package(owner)
    begun = call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])
    call(
        api,
        "credits.complete_purchase",
        user_id="u1",
        purchase_id=begun["purchase_id"],
        amount_cents=499,
        currency="eur",
    )
    seal(owner)
