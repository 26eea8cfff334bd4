"""Caps hold for what moves nothing, or moves credits without an app, as well."""

from functools import partial

import pytest

from tests.databases import Connection, refused
from tests.sql.calls import call, gift, give, redeem, use, use_guild
from tests.sql.caps.conftest import Cap
from tests.sql.lifecycle import refund


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("credits.erase_user", {"user_id": "u1"}),
        ("credits.init_balance", {"user_id": "u2"}),
        ("credits.init_guild_pool", {"organization_id": "g2"}),
        ("gifts.redeem_pending_gifts", {"user_id": "u2", "email": "u2@example.org"}),
    ],
)
def test_operation_that_is_not_named_is_refused(
    db: Connection, cap: Cap, function: str, arguments: dict[str, str]
) -> None:
    cap(operations=["use"])
    with refused(db, "UC016") as refusal:
        call(db, function, **arguments)
    assert refusal.details["cap"] == "operations"


@pytest.mark.parametrize("named", [None, "chat"])
@pytest.mark.parametrize("pool", [False, True])
def test_refund_of_another_apps_usage_is_refused(
    db: Connection, cap: Cap, named: str | None, pool: bool
) -> None:
    if pool:
        used = use_guild(db, "g1", "u1", 5, app_id="images")
    else:
        used = use(db, "u1", 5, app_id="images")
    cap(app_ids=["chat"])
    with refused(db, "UC016") as refusal:
        refund(db, "u1", used["id"], 5, app_id=named)
    assert refusal.details["appId"] == "images"


def test_credit_for_no_app_is_refused_where_apps_are_named(db: Connection, cap: Cap) -> None:
    cap(app_ids=["chat"])
    with refused(db, "UC016"):
        give(db, "u1", 5)


def test_gift_without_an_app_is_refused_where_apps_are_named(db: Connection, cap: Cap) -> None:
    made = gift(db, "u1", 10)
    cap(app_ids=["chat"])
    for attempt in (
        partial(gift, db, "u1", 10),
        partial(call, db, "gifts.cancel_gift", gift_id=made["id"], creator_id="u1"),
        partial(redeem, db, made["code"], "u2"),
    ):
        with refused(db, "UC016") as refusal:
            attempt()
        assert refusal.details["appId"] == "unknown"


def test_malformed_user_is_refused_before_the_cap(db: Connection, cap: Cap) -> None:
    cap(operations=["refund"])
    with refused(db, "UC001"):
        use(db, "", 5)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [("credits.init_balance", {}), ("credits.set_low_balance_alert", {"threshold": 5})],
)
def test_pseudonym_is_refused_before_the_cap(
    db: Connection, cap: Cap, function: str, arguments: dict[str, int]
) -> None:
    cap(operations=["use"])
    with refused(db, "UC001"):
        call(db, function, user_id="erased:somebody", **arguments)
