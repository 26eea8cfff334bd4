"""Acts of the support desk: what they move, who may not, what they leave behind."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import Row, Session, call, gift, give, pool, redeem, rows, use, use_guild
from tests.sql.conftest import Api
from tests.sql.lifecycle import HOUR, grant, reserve

ADMIN = "admin-1"

on_an_account = pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("grant", {"amount": 5}),
        ("take", {"amount": 1}),
        ("freeze", {}),
        ("freeze", {"frozen": False}),
    ],
)


def act(session: Session, function: str, **arguments: Any) -> Row:
    """Act as an admin, for a good reason."""
    defaults = {"admin": ADMIN, "reason": "Ticket 17", "idempotency_key": str(uuid4())}
    return call(session, f"credits.admin_{function}", **{**defaults, **arguments})


def acts(owner: Owner) -> list[Row]:
    """Return the log of the desk, oldest first."""
    return owner.execute("select * from credits.admin_actions order by id").fetchall()


def test_a_grant_is_an_entry_and_leaves_its_row(api: Api, owner: Owner) -> None:
    done = act(api, "grant", user_id="anna", amount=5, request_id="r-1")
    assert (done["balance"], done["amount"], done["replayed"]) == (5, 5, False)
    (row,) = acts(owner)
    assert (row["account_id"], row["admin_id"], row["action"]) == ("anna", ADMIN, "grant")
    assert (row["reason"], row["request_id"], row["called_by"]) == ("Ticket 17", "r-1", "test_api")
    entry = call(owner, "credits._of_id", account_id="anna", kind="person", id=row["entry_id"])
    assert (entry["type"], entry["amount"], entry["request_id"]) == ("grant", 5, "r-1")


def test_what_is_taken_is_an_adjustment_of_what_is_there(api: Api, db: Connection) -> None:
    give(db, "anna", 5)
    assert act(api, "take", user_id="anna", amount=2)["balance"] == 3
    (newest, _) = rows(api, "credits.list_transactions", user_id="anna", type=None)
    assert (newest["type"], newest["amount"]) == ("adjustment", -2)
    assert rows(api, "credits.list_transactions", user_id="anna", type="adjustment") == [newest]


@pytest.mark.parametrize("held", [0, 3])
def test_no_more_is_taken_than_is_there(api: Api, db: Connection, owner: Owner, held: int) -> None:
    give(db, "anna", 5)
    if held:
        reserve(db, "anna", held)
    with refused(db, "UC002"):
        act(api, "take", user_id="anna", amount=6 - held)
    assert acts(owner) == []


def test_dated_credits_are_taken_first(api: Api, db: Connection, owner: Owner) -> None:
    give(db, "anna", 5)
    grant(db, "anna", 4, expires_in=HOUR)
    act(api, "take", user_id="anna", amount=3)
    lots = call(api, "credits.admin_account", user_id="anna")["lots"]
    assert [lot["remaining"] for lot in lots] == [1]


def test_a_usage_is_refunded_as_far_as_it_is_left(api: Api, db: Connection) -> None:
    give(db, "anna", 5)
    usage = use(db, "anna", 3)
    assert act(api, "refund", transaction_id=usage["id"], amount=1)["balance"] == 3
    assert act(api, "refund", transaction_id=usage["id"])["amount"] == 2
    with refused(db, "UC010"):
        act(api, "refund", transaction_id=usage["id"])


def test_a_usage_of_a_pool_goes_back_to_the_pool(api: Api, db: Connection) -> None:
    pool(db, "guild", 10)
    usage = use_guild(db, "guild", "anna", 3)
    done = act(api, "refund", transaction_id=usage["id"])
    assert (done["account_id"], done["amount"]) == ("anna", 3)
    assert call(api, "credits.get_guild_balance", organization_id="guild")["balance"] == 10


@pytest.mark.parametrize("what", ["nothing", "income"])
def test_what_is_no_usage_is_not_refunded(api: Api, db: Connection, what: str) -> None:
    transaction = give(db, "anna", 5)["id"] if what == "income" else uuid4()
    with refused(db, "UC009"):
        act(api, "refund", transaction_id=transaction)


def test_a_hold_is_released(api: Api, db: Connection) -> None:
    give(db, "anna", 5)
    hold = reserve(db, "anna", 3)
    assert act(api, "release", reservation_id=hold["reservation_id"])["balance"] == 5


def test_a_hold_given_up_before_is_no_amount_of_the_act(api: Api, db: Connection) -> None:
    give(db, "anna", 5)
    hold = reserve(db, "anna", 3)
    amounts = [
        act(api, "release", reservation_id=hold["reservation_id"])["amount"] for _ in range(2)
    ]
    assert amounts == [3, 0]


def test_a_gift_is_taken_back(api: Api, db: Connection) -> None:
    give(db, "anna", 10)
    made = gift(db, "anna", 10, type="split", total_portions=2)
    redeem(db, made["code"], "ben")
    done = act(api, "cancel_gift", gift_id=made["id"])
    assert (done["account_id"], done["amount"], done["balance"]) == ("anna", 5, 5)


def test_a_gift_taken_back_before_is_no_amount_of_the_act(api: Api, db: Connection) -> None:
    give(db, "anna", 10)
    made = gift(db, "anna", 10)
    first, second = (act(api, "cancel_gift", gift_id=made["id"]) for _ in range(2))
    assert (first["amount"], second["amount"]) == (10, 0)
    assert first["entry_id"] is not None
    assert second["entry_id"] is None


def test_a_frozen_account_is_free_again_when_it_is_lifted(api: Api, db: Connection) -> None:
    give(db, "anna", 5)
    act(api, "freeze", user_id="anna", reason="Reported stolen")
    account = call(api, "credits.admin_account", user_id="anna")
    assert account["frozen_reason"] == "Reported stolen"
    act(api, "freeze", user_id="anna", frozen=False)
    assert use(db, "anna", 5)["balance"] == 0


@on_an_account
def test_a_repetition_does_nothing_more(
    api: Api, db: Connection, owner: Owner, function: str, arguments: dict[str, Any]
) -> None:
    give(db, "anna", 5)
    asked = {"user_id": "anna", "idempotency_key": "k", **arguments}
    first = act(api, function, **asked)
    assert act(api, function, **asked) == {**first, "replayed": True}
    assert len(acts(owner)) == 1
    others: list[dict[str, Any]] = [{"reason": "Another one"}, {"admin": "admin-2"}]
    for other in others:
        with refused(db, "UC004"):
            act(api, function, **{**asked, **other})


def test_a_key_of_the_accounts_own_is_not_used_again(api: Api, db: Connection) -> None:
    give(db, "anna", 5, idempotency_key="k")
    with refused(db, "UC004"):
        act(api, "freeze", user_id="anna", idempotency_key="k")


def test_nobody_acts_on_their_own_account(api: Api, db: Connection, owner: Owner) -> None:
    give(db, ADMIN, 10)
    pool(db, "guild", 10)
    refused_calls: list[tuple[str, dict[str, Any]]] = [
        ("grant", {"user_id": ADMIN, "amount": 5}),
        ("take", {"user_id": ADMIN, "amount": 5}),
        ("freeze", {"user_id": ADMIN}),
        ("refund", {"transaction_id": use(db, ADMIN, 1)["id"]}),
        ("refund", {"transaction_id": use_guild(db, "guild", ADMIN, 1)["id"]}),
        ("release", {"reservation_id": reserve(db, ADMIN, 1)["reservation_id"]}),
        ("cancel_gift", {"gift_id": gift(db, ADMIN, 1)["id"]}),
    ]
    for function, arguments in refused_calls:
        with refused(db, "UC024"):
            act(api, function, **arguments)
    assert acts(owner) == []


@pytest.mark.parametrize(
    "reason",
    [None, "", "no", "  no  ", "x" * 501, "\n\n\nno", "\x01\x02\x03", "\u00a0\u200b\u00a0"],
)
def test_a_reason_is_needed(db: Connection, api: Api, reason: str | None) -> None:
    with refused(db, "UC001"):
        act(api, "grant", user_id="anna", amount=5, reason=reason)


@pytest.mark.parametrize("user_id", ["", None])
@on_an_account
def test_an_account_is_named(
    db: Connection, api: Api, function: str, arguments: dict[str, Any], user_id: str | None
) -> None:
    with refused(db, "UC001") as refusal:
        act(api, function, user_id=user_id, **arguments)
    assert "userId" in refusal.details


def test_a_key_is_needed(db: Connection, api: Api) -> None:
    with refused(db, "UC001"):
        act(api, "grant", user_id="anna", amount=5, idempotency_key=None)


def test_caps_hold_for_an_admin(db: Connection, api: Api, owner: Owner) -> None:
    owner.execute(
        "insert into credits.service_caps (caller, operations, max_amount) values (%s, %s, 10)",
        (f"admin:{ADMIN}", ["grant"]),
    )
    act(api, "grant", user_id="anna", amount=10)
    act(api, "grant", user_id="anna", amount=11, admin="admin-2")
    for function, arguments in (
        ("grant", {"user_id": "anna", "amount": 11}),
        ("take", {"user_id": "anna", "amount": 1}),
        ("freeze", {"user_id": "anna"}),
        ("set_package", {"name": "P", "credits": 1, "price_euro_cents": 1}),
        ("set_price", {"operation": "o", "unit_price": 1}),
    ):
        with refused(db, "UC016"):
            act(api, function, **arguments)


def test_a_change_of_a_package_leaves_what_it_was(api: Api, owner: Owner) -> None:
    made = act(api, "set_package", name="Small", credits=100, price_euro_cents=499)
    package = made["after"]["id"]
    changed = act(api, "set_package", package_id=package, price_euro_cents=599, active=False)
    assert (changed["before"]["priceEuroCents"], changed["after"]["priceEuroCents"]) == (
        499,
        599,
    )
    assert changed["after"]["name"] == "Small"
    assert rows(api, "credits.list_packages") == []
    assert len(rows(api, "credits.list_packages", all=True)) == 1
    history = rows(api, "credits.admin_list_actions", user_id="")
    assert [row["id"] for row in history] == [changed["id"], made["id"]]


def test_the_act_that_made_a_package_says_which(api: Api) -> None:
    arguments = {"name": "Small", "credits": 100, "price_euro_cents": 499, "idempotency_key": "k"}
    made = act(api, "set_package", **arguments)
    assert made["subject_id"] == made["after"]["id"]
    again = act(api, "set_package", **arguments)
    assert again == {**made, "replayed": True}


def test_a_change_and_a_new_package_are_not_the_same_act(db: Connection, api: Api) -> None:
    arguments = {"name": "Small", "credits": 100, "price_euro_cents": 499}
    package = act(api, "set_package", **arguments)["subject_id"]
    act(api, "set_package", package_id=package, **arguments, idempotency_key="k")
    with refused(db, "UC004"):
        act(api, "set_package", **arguments, idempotency_key="k")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": None},
        {"credits": 0},
        {"credits": 10**15},
        {"credits": None},
        {"price_euro_cents": 0},
    ],
)
def test_a_package_that_cannot_be_is_refused(
    db: Connection, api: Api, wrong: dict[str, Any]
) -> None:
    with refused(db, "UC001"):
        act(api, "set_package", **{"name": "P", "credits": 1, "price_euro_cents": 1, **wrong})


def test_a_package_that_is_not_there_is_not_changed(db: Connection, api: Api) -> None:
    with refused(db, "UC006"):
        act(api, "set_package", package_id=uuid4(), name="P")


def test_a_price_of_the_past_is_refused_for_that(db: Connection, api: Api) -> None:
    """And not for what the operation, which had no price then, would have to be given."""
    act(api, "set_price", operation="answer", unit_price=2)
    with refused(db, "UC001") as refusal:
        act(api, "set_price", operation="answer", valid_from="2020-01-01 00:00:00+00")
    assert "validFrom" in refusal.details


def test_a_price_takes_over_what_is_not_named(api: Api, db: Connection, owner: Owner) -> None:
    first = act(api, "set_price", operation="answer", unit_price=2, unit="token", per=1000)
    assert first["before"] is None
    later = "2999-01-01 00:00:00+00"
    second = act(api, "set_price", operation="answer", unit_price=3, valid_from=later)
    assert (second["after"]["unit"], second["after"]["per"]) == ("token", 1000)
    prices = rows(api, "credits.admin_list_prices", operation="answer")
    assert [price["unit_price"] for price in prices] == [3, 2]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("validFrom", {"valid_from": "2001-01-01"}),
        ("unitPrice", {"unit_price": None}),
        ("unitPrice", {"unit_price": -1}),
        ("unit", {"unit": ""}),
        ("unit", {"unit": "u" * 51}),
        ("per", {"per": 0}),
        ("per", {"per": -1}),
        ("step", {"step": -1}),
        ("minimum", {"minimum": -1}),
    ],
)
def test_a_price_that_cannot_be_is_refused_by_its_field(
    api: Api, db: Connection, field: str, wrong: dict[str, Any]
) -> None:
    with refused(db, "UC001") as refusal:
        act(api, "set_price", **{"operation": "answer", "unit_price": 4, **wrong})
    assert refusal.details.keys() == {field}


def test_a_second_price_of_a_moment_is_refused(api: Api, db: Connection) -> None:
    price = {"operation": "answer", "unit_price": 4, "valid_from": "2999-01-01 00:00:00+00"}
    act(api, "set_price", **price)
    with refused(db, "UC001") as refusal:
        act(api, "set_price", **price)
    assert refusal.details.keys() == {"validFrom"}


def test_zeros_at_the_end_of_a_price_do_not_count(api: Api) -> None:
    made = act(api, "set_price", operation="answer", unit_price="0.5" + "0" * 13, per="1.0000000")
    assert (made["after"]["unitPrice"], made["after"]["per"]) == (0.5, 1)


def test_an_act_is_never_changed(db: Connection, api: Api, owner: Owner) -> None:
    act(api, "grant", user_id="anna", amount=5)
    for change in (
        "update credits.admin_actions set reason = 'Another one'",
        "update credits.admin_actions set admin_id = 'somebody else'",
        "delete from credits.admin_actions",
        "truncate credits.admin_actions",
    ):
        with refused(db, "UC017"):
            owner.execute(change)


@pytest.mark.parametrize("column", ["reason", "admin_id", "amount", "subject_id"])
@pytest.mark.off_books
def test_what_a_superuser_changes_is_evident(
    api: Api, db: Connection, owner: Owner, column: str
) -> None:
    act(api, "grant", user_id="anna", amount=5)
    act(api, "grant", user_id="anna", amount=6)
    assert owner.execute("select * from reconcile.broken_acts").fetchall() == []
    owner.execute("alter table credits.admin_actions disable trigger protect_ledger")
    owner.execute(f"update credits.admin_actions set {column} = '7' where sequence = 1")
    assert len(owner.execute("select * from reconcile.broken_acts").fetchall()) == 1


def test_an_erasure_leaves_the_act_without_the_person(
    api: Api, db: Connection, owner: Owner
) -> None:
    act(api, "grant", user_id="anna", amount=5, reason="Anna wrote to us", request_id="r")
    act(api, "freeze", user_id="anna", idempotency_key="k")
    call(db, "credits.erase_user", user_id="anna")
    for row in acts(owner):
        assert row["account_id"].startswith("erased:")
        assert (row["reason"], row["idempotency_key"], row["request_id"]) == ("", None, None)
    assert owner.execute("select * from reconcile.broken_acts").fetchall() == []
    # A late repetition does nothing to whoever comes under the same id.
    give(db, "anna", 1)
    with refused(db, "UC004"):
        act(api, "freeze", user_id="anna", idempotency_key="k")


def test_an_erased_admin_is_no_longer_named(api: Api, db: Connection, owner: Owner) -> None:
    act(api, "grant", user_id="anna", amount=5)
    give(db, ADMIN, 1)
    call(db, "credits.erase_user", user_id=ADMIN)
    (row,) = acts(owner)
    assert row["admin_id"].startswith("erased:")
    assert row["reason"] == "Ticket 17"
    assert owner.execute("select * from reconcile.broken_acts").fetchall() == []


def test_services_do_not_act(db: Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        act(db, "grant", user_id="anna", amount=5)
