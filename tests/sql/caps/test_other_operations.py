"""Caps hold for what moves nothing, or moves credits without an app, as well."""

import pytest

from databases import Connection, refused
from sql.calls import call, give, use
from sql.caps.conftest import Cap
from sql.lifecycle import refund


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


def test_refund_of_another_apps_usage_is_refused(db: Connection, cap: Cap) -> None:
    used = use(db, "u1", 5, app_id="images")
    cap(app_ids=["chat"])
    with refused(db, "UC016"):
        refund(db, "u1", used["id"], 5)


def test_credit_for_no_app_is_refused_where_apps_are_named(db: Connection, cap: Cap) -> None:
    cap(app_ids=["chat"])
    with refused(db, "UC016"):
        give(db, "u1", 5)
