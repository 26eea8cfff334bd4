"""gifts.list_created_gifts and gifts.list_received_gifts."""

from typing import Any

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import run_out
from tests.sql.calls import Row, call, gift, redeem, rows
from tests.sql.conftest import Api


def created(api: Api, user_id: str = "creator", **arguments: Any) -> list[Row]:
    return rows(api, "gifts.list_created_gifts", user_id=user_id, **arguments)


def received(api: Api, user_id: str = "u1", **arguments: Any) -> list[Row]:
    return rows(api, "gifts.list_received_gifts", user_id=user_id, **arguments)


@pytest.fixture
def made(db: Connection) -> list[Row]:
    """Five gifts, newest first, each redeemed by u1."""
    gifts = [gift(db, "creator", n, total_portions=1) for n in range(1, 6)]
    for one in gifts:
        redeem(db, one["code"], "u1")
    return gifts[::-1]


def test_created_gifts_come_newest_first(api: Api, made: list[Row]) -> None:
    assert [row["id"] for row in created(api)] == [one["id"] for one in made]


def test_created_gift_is_described(db: Connection, api: Api) -> None:
    one = gift(db, "creator", 10, total_portions=2, message="Have fun")
    redeem(db, one["code"], "u1")
    (row,) = created(api)
    assert (row["code"], row["short_url"]) == (one["code"], one["short_url"])
    assert (row["type"], row["status"], row["redeemed"]) == ("split", "active", False)
    assert (row["total_credits"], row["credits_per_portion"]) == (10, 5)
    assert (row["total_portions"], row["claimed_portions"]) == (2, 1)
    assert (row["message"], row["expires_at"]) == ("Have fun", one["expires_at"])


def test_status_of_created_gifts_is_that_of_now(db: Connection, owner: Owner, api: Api) -> None:
    gifts = [gift(db, "creator", 10) for _ in range(5)]
    redeem(db, gifts[0]["code"], "u1")
    call(db, "gifts.cancel_gift", gift_id=gifts[1]["id"], creator_id="creator")
    run_out(owner, gifts[2]["code"])
    call(db, "gifts.expire_gifts")
    run_out(owner, gifts[3]["code"])
    found = [row["status"] for row in created(api)]
    assert found == ["active", "expired", "refunded", "cancelled", "depleted"]


def test_nobody_sees_what_others_created(api: Api, made: list[Row]) -> None:
    assert created(api, "u1") == []


def test_answer_of_a_riddle_is_not_listed(db: Connection, api: Api) -> None:
    gift(db, "creator", 10, riddle_question="Who?", riddle_answer="I")
    assert not [name for name in created(api)[0] if "riddle" in name]


def test_received_gifts_come_newest_first(api: Api, made: list[Row]) -> None:
    assert [row["code"] for row in received(api)] == [one["code"] for one in made]


def test_received_gift_is_described(db: Connection, api: Api) -> None:
    one = gift(db, "creator", 10, total_portions=2, message="Have fun", creator_name="Ada")
    answer = redeem(db, one["code"], "u1")
    (row,) = received(api)
    assert (row["gift_code_id"], row["code"]) == (one["id"], one["code"])
    assert (row["credits"], row["credits_received"], row["portion_number"]) == (5, 5, 1)
    assert (row["message"], row["creator_name"], row["status"]) == ("Have fun", "Ada", "success")
    assert row["redeemed_at"] == row["created_at"]
    assert row["id"] == answer["transaction_id"]


def test_failed_attempts_are_not_received(db: Connection, api: Api) -> None:
    one = gift(db, "creator", 10, target_email="a@example.com")
    redeem(db, one["code"], "u1")
    assert received(api) == []


@pytest.mark.parametrize("listed", [created, received])
def test_pages_are_cut(api: Api, made: list[Row], listed: Any) -> None:
    user_id = "creator" if listed is created else "u1"
    codes = [one["code"] for one in made]
    whole = listed(api, user_id)
    assert [row["code"] for row in listed(api, user_id, limit=2)] == codes[:2]
    assert [row["code"] for row in listed(api, user_id, limit=2, offset=3)] == codes[3:]
    after_second = listed(api, user_id, limit=2, cursor=whole[1]["id"])
    assert [row["code"] for row in after_second] == codes[2:4]
