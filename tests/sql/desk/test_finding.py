"""The owner of something is found by whatever somebody has in hand."""

from uuid import uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import Row, call, gift, give, pool, rows, use, use_guild
from tests.sql.conftest import Api
from tests.sql.desk.test_acts import act
from tests.sql.lifecycle import (
    HOUR,
    Payments,
    grant,
    let_grant_run_out,
    let_hold_run_out,
    reserve,
)


def found(api: Api, query: object) -> list[tuple[str, str]]:
    """Return what is found: the account, and by what."""
    return [
        (row["account_id"], row["found_by"])
        for row in rows(api, "credits.admin_find", query=str(query))
    ]


def test_everything_leads_to_its_account(api: Api, db: Connection) -> None:
    give(db, "anna", 20)
    pool(db, "guild", 10)
    made = gift(db, "anna", 1)
    usage = use(db, "anna", 1, idempotency_key="key-1", request_id="request-1")
    of_pool = use_guild(db, "guild", "anna", 1)
    hold = reserve(db, "anna", 1)["reservation_id"]
    done = act(api, "freeze", user_id="anna", idempotency_key="key-2", request_id="request-2")
    assert found(api, " anna ") == [("anna", "account")]
    assert found(api, "guild") == [("guild", "account")]
    assert found(api, made["code"].lower()) == [("anna", "gift")]
    assert found(api, made["id"]) == [("anna", "gift")]
    assert found(api, usage["id"]) == [("anna", "transaction")]
    assert found(api, of_pool["id"]) == [("guild", "transaction")]
    assert found(api, hold) == [("anna", "reservation")]
    assert found(api, done["id"]) == [("anna", "action")]
    assert found(api, "key-1") == [("anna", "idempotencyKey")]
    assert found(api, "request-1") == [("anna", "requestId")]
    assert found(api, "key-2") == [("anna", "idempotencyKey")]
    assert found(api, "request-2") == [("anna", "requestId")]
    assert found(api, uuid4()) == []
    assert found(api, "nobody") == []


@pytest.mark.parametrize("query", ["", "  ", "x" * 256])
def test_nothing_is_found_by_nothing(db: Connection, api: Api, query: str) -> None:
    with refused(db, "UC001"):
        found(api, query)


def test_who_has_only_begun_to_buy_is_found(api: Api, package: Row) -> None:
    call(api, "credits.begin_purchase", user_id="anna", package_id=package["id"])
    assert found(api, "anna") == [("anna", "account")]


def test_who_was_dealt_with_for_a_pool_is_found(api: Api, db: Connection) -> None:
    pool(db, "guild", 10)
    act(api, "refund", transaction_id=use_guild(db, "guild", "anna", 1)["id"])
    assert found(api, "anna") == [("anna", "account")]


def test_a_guild_is_no_account_to_be_told(api: Api, db: Connection) -> None:
    pool(db, "guild", 10)
    with refused(db, "UC025"):
        call(api, "credits.admin_account", user_id="guild")


def test_a_person_of_the_id_of_a_guild_has_an_account(api: Api, db: Connection) -> None:
    pool(db, "guild", 10)
    give(db, "guild", 5)
    assert call(api, "credits.admin_account", user_id="guild")["balance"] == 5


def test_an_account_tells_its_story(api: Api, db: Connection) -> None:
    give(db, "anna", 20)
    use(db, "anna", 1, request_id="request-1")
    reserve(db, "anna", 2)
    account = call(api, "credits.admin_account", user_id="anna")
    assert (account["balance"], account["reserved"], account["debt"]) == (17, 2, 0)
    assert [hold["amount"] for hold in account["holds"]] == [2]
    assert [entry["type"] for entry in account["entries"]] == ["hold", "usage", "refund"]
    assert account["entries"][1]["requestId"] == "request-1"
    assert account["entries"][1]["calledBy"] == "test_service"


def test_what_is_over_is_gone_before_anybody_writes_it(
    api: Api, db: Connection, owner: Owner
) -> None:
    payments = Payments.for_a_package(owner, api)
    bought = payments.buy("anna")
    use(db, "anna", 490)
    held = reserve(db, "anna", 10)
    payments.refunded(bought, 1000)
    let_hold_run_out(owner, held)
    account = call(api, "credits.admin_account", user_id="anna")
    assert (account["balance"], account["reserved"], account["debt"]) == (-490, 0, 490)
    assert account["holds"] == []
    let_grant_run_out(owner, grant(db, "ben", 5, expires_in=HOUR))
    account = call(api, "credits.admin_account", user_id="ben")
    assert (account["balance"], account["lots"]) == (0, [])


def test_somebody_never_seen_has_nothing(api: Api, owner: Owner) -> None:
    account = call(api, "credits.admin_account", user_id="nobody")
    assert (account["balance"], account["created_at"], account["entries"]) == (0, None, [])
    assert owner.execute("select from credits.accounts").fetchall() == []
