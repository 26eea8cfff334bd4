"""Descriptions and idempotency keys."""

from typing import Any

import pytest

from tests.databases import Connection, refused
from tests.sql.arguments.operations import OPERATIONS, make_rich
from tests.sql.calls import call, gift

KEYED: dict[str, dict[str, Any]] = {
    **OPERATIONS,
    "gifts.create_gift": {"creator_id": "u1", "total_credits": 1},
}
everything_described = pytest.mark.parametrize("function", OPERATIONS)
everything_with_a_key = pytest.mark.parametrize("function", KEYED)


@pytest.fixture(autouse=True)
def rich(db: Connection) -> None:
    """The user u1 and the pool g1 have credits."""
    make_rich(db)


@everything_described
@pytest.mark.parametrize("description", ["", "One\nanswer", "🪙" * 1000], ids=ascii)
def test_description_is_kept(db: Connection, function: str, description: str) -> None:
    answer = call(db, function, **{**OPERATIONS[function], "description": description})
    assert answer["description"] == description


@everything_described
def test_no_description_is_refused(db: Connection, function: str) -> None:
    with refused(db, "UC001") as refusal:
        call(db, function, **{**OPERATIONS[function], "description": None})
    assert list(refusal.details) == ["description"]


@everything_with_a_key
@pytest.mark.parametrize("key", ["k", "🔑" * 255], ids=["1 character", "255 characters"])
def test_key_is_remembered(db: Connection, function: str, key: str) -> None:
    arguments = {**KEYED[function], "idempotency_key": key}
    first = call(db, function, **arguments)
    again = call(db, function, **arguments)
    assert again["id"] == first["id"]


@everything_with_a_key
@pytest.mark.parametrize("key", ["", "x" * 256], ids=["0 characters", "256 characters"])
def test_key_of_no_such_length_is_refused(db: Connection, function: str, key: str) -> None:
    with refused(db, "UC001") as refusal:
        call(db, function, **{**KEYED[function], "idempotency_key": key})
    assert list(refusal.details) == ["idempotencyKey"]


@pytest.mark.parametrize("key", ["", "x" * 256], ids=["0 characters", "256 characters"])
def test_key_of_a_redemption_has_the_same_length(db: Connection, key: str) -> None:
    code = gift(db, "u1", 1)["code"]
    with refused(db, "UC001") as refusal:
        call(db, "gifts.redeem_gift", code=code, user_id="u2", idempotency_key=key)
    assert list(refusal.details) == ["idempotencyKey"]
