"""Ids that name a user, a guild or an app."""

from typing import Any

import pytest

from tests.databases import Connection, refused
from tests.sql.arguments.operations import OPERATIONS, make_rich
from tests.sql.calls import call, rows

CALLS: dict[str, dict[str, Any]] = {
    **OPERATIONS,
    "credits.get_balance": {"user_id": "u1"},
    "credits.init_balance": {"user_id": "u1"},
    "credits.init_guild_pool": {"organization_id": "g1"},
    "credits.set_spending_limits": {"organization_id": "g1", "user_id": "u1"},
    "gifts.create_gift": {"creator_id": "u1", "total_credits": 1},
    "gifts.redeem_gift": {"code": "nothing", "user_id": "u1"},
    "gifts.redeem_pending_gifts": {"user_id": "u1", "email": "u1@example.com"},
}
FIELDS = {
    "user_id": "userId",
    "organization_id": "organizationId",
    "app_id": "appId",
    "creator_id": "creatorId",
    "source_app_id": "sourceAppId",
    "target_matrix_id": "targetMatrixId",
}
REQUIRED = [
    (function, name)
    for function, arguments in CALLS.items()
    for name in arguments
    if name in FIELDS
]
OPTIONAL = [
    ("credits.refund_credits", "app_id"),
    ("gifts.create_gift", "source_app_id"),
    ("gifts.create_gift", "target_matrix_id"),
    ("gifts.redeem_gift", "source_app_id"),
]

NO_IDS = ("", "x" * 129, "é" * 129, "a\nb", "\t", "a\x01", "a\x1f", "a\x7f", "a\x80", "a\x9f")
IDS = (
    "0",
    " ",
    "x" * 128,
    "🪙" * 128,
    "Ünïcödé ユーザー",
    "a'b\"c\\d;--%s{}",
    "a\xa0b",
    "@u1:example.org",
    "null",
)


@pytest.fixture(autouse=True)
def rich(db: Connection) -> None:
    """The user u1 and the pool g1 have credits."""
    make_rich(db)


@pytest.mark.parametrize(("function", "name"), REQUIRED + OPTIONAL)
def test_what_is_not_an_id_is_refused(db: Connection, function: str, name: str) -> None:
    for value in NO_IDS:
        with refused(db, "UC001") as refusal:
            rows(db, function, **{**CALLS[function], name: value})
        assert list(refusal.details) == [FIELDS[name]], value


@pytest.mark.parametrize(("function", "name"), REQUIRED)
def test_missing_id_is_refused(db: Connection, function: str, name: str) -> None:
    with refused(db, "UC001") as refusal:
        rows(db, function, **{**CALLS[function], name: None})
    assert list(refusal.details) == [FIELDS[name]]


@pytest.mark.parametrize("user_id", IDS, ids=ascii)
def test_any_other_text_is_an_id(db: Connection, user_id: str) -> None:
    assert call(db, "credits.init_balance", user_id=user_id)["user_id"] == user_id
    assert call(db, "credits.get_balance", user_id=user_id)["user_id"] == user_id


def test_ids_that_differ_in_case_are_two_accounts(db: Connection) -> None:
    assert call(db, "credits.get_balance", user_id="U1")["balance"] == 0
