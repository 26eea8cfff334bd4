"""Throttles: so many attempts at once, and as many anew in a window."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import add_package
from tests.sql.calls import Row, gift, give, rows
from tests.sql.conftest import Api

UNKNOWN = "AAAAAAAAAA"
ADDRESS = "192.0.2.7"


def look_up(api: Api, code: str = UNKNOWN, address: str = ADDRESS) -> list[Row]:
    return rows(api, "gifts.get_gift", code=code, address=address)


def guess(api: Api, user_id: str = "u1", code: str = UNKNOWN, **more: Any) -> list[Row]:
    return rows(api, "gifts.redeem_gift", code=code, user_id=user_id, typed=True, **more)


def attempts(owner: Owner) -> list[tuple[str, str]]:
    found = owner.execute("select subject, kind from credits.attempts order by 1, 2").fetchall()
    return [(row["subject"], row["kind"]) for row in found]


def let_pass(owner: Owner, interval: str) -> None:
    """Make everything that was tried so far as old as if it had been tried earlier."""
    owner.execute("update credits.attempts set free_at = free_at - %s::interval", (interval,))


@pytest.fixture
def code(db: Connection) -> str:
    """The code of a gift for anyone."""
    give(db, "creator", 10)
    return str(gift(db, "creator", 10)["code"])


@pytest.fixture
def buy(owner: Owner, api: Api) -> Callable[[str], list[Row]]:
    """Begin a purchase of a user's."""
    package = add_package(owner)["id"]
    return lambda user_id: rows(api, "credits.begin_purchase", user_id=user_id, package_id=package)


def test_sixty_look_ups_are_free_whatever_they_find(db: Connection, api: Api, code: str) -> None:
    for _ in range(30):
        assert look_up(api) == []
        assert [gift["code"] for gift in look_up(api, code)] == [code]
    with refused(db, "UG008") as refusal:
        look_up(api, code)
    assert refusal.details["retryAfterSeconds"] == 1


def test_other_addresses_may_still_look(db: Connection, api: Api, code: str) -> None:
    for _ in range(60):
        look_up(api)
    with refused(db, "UG008"):
        look_up(api, code)
    assert len(look_up(api, code, "192.0.2.8")) == 1


def test_a_public_look_up_shows_what_a_service_sees(db: Connection, api: Api, code: str) -> None:
    assert look_up(api, code) == rows(db, "gifts.get_gift", code=code)


def test_eleventh_guess_must_wait(db: Connection, api: Api) -> None:
    for _ in range(10):
        assert guess(api) == []
    with refused(db, "UG008") as refusal:
        guess(api)
    assert 1 <= refusal.details["retryAfterSeconds"] <= 6
    assert guess(api, "u2") == []


def test_who_guessed_too_often_learns_nothing_from_the_right_code(
    db: Connection, owner: Owner, api: Api, code: str
) -> None:
    for _ in range(10):
        guess(api)
    with refused(db, "UG008"):
        guess(api, code=code)
    assert owner.execute("select from gifts.gift_redemptions").fetchall() == []


def test_retry_of_a_redemption_is_answered_to_who_guessed_too_often(
    db: Connection, api: Api, code: str
) -> None:
    [first] = guess(api, code=code, idempotency_key="k")
    for _ in range(10):
        guess(api)
    assert guess(api, code=code, idempotency_key="k") == [{**first, "replayed": True}]
    for wrong in ({}, {"code": code}, {"idempotency_key": "k"}):
        with refused(db, "UG008"):
            guess(api, **wrong)


def test_codes_that_exist_are_no_guesses(db: Connection, api: Api, code: str) -> None:
    outcomes = [guess(api, code=code)[0]["status"] for _ in range(12)]
    assert outcomes == ["success"] + ["failed_already_claimed"] * 11
    assert guess(api) == []


def test_refused_attempts_do_not_make_the_wait_longer(
    db: Connection, owner: Owner, api: Api
) -> None:
    for _ in range(10):
        guess(api)
    for _ in range(20):
        with refused(db, "UG008"):
            guess(api)
    let_pass(owner, "6 seconds")
    assert guess(api) == []


def test_attempts_become_free_one_by_one(db: Connection, owner: Owner, api: Api) -> None:
    for _ in range(10):
        guess(api)
    let_pass(owner, "12 seconds")
    guess(api)
    guess(api)
    with refused(db, "UG008"):
        guess(api)


def test_no_more_attempts_gather_than_at_first(db: Connection, owner: Owner, api: Api) -> None:
    guess(api)
    let_pass(owner, "1 day")
    for _ in range(10):
        guess(api)
    with refused(db, "UG008"):
        guess(api)


def test_twenty_purchases_may_be_begun_at_once(
    db: Connection, buy: Callable[[str], list[Row]]
) -> None:
    for _ in range(20):
        buy("u1")
    with refused(db, "UC018") as refusal:
        buy("u1")
    assert 1 <= refusal.details["retryAfterSeconds"] <= 30
    assert len(buy("u2")) == 1


def test_a_purchase_that_must_wait_is_not_begun(
    db: Connection, owner: Owner, buy: Callable[[str], list[Row]]
) -> None:
    for _ in range(20):
        buy("u1")
    with refused(db, "UC018"):
        buy("u1")
    assert len(owner.execute("select from credits.purchases").fetchall()) == 20


def test_kinds_of_attempts_are_counted_apart(
    db: Connection, api: Api, buy: Callable[[str], list[Row]]
) -> None:
    for _ in range(10):
        guess(api, "u1")
    assert len(buy("u1")) == 1
    assert look_up(api, address="u1") == []


def test_what_is_free_again_is_forgotten(db: Connection, owner: Owner, api: Api) -> None:
    look_up(api)
    guess(api)
    let_pass(owner, "1 minute")
    guess(api, "u2")
    assert rows(api, "credits.expire_attempts") == [{"expire_attempts": 2}]
    assert attempts(owner) == [("u2", "gift_guess")]


def test_an_erased_person_has_not_tried_anything(
    db: Connection, owner: Owner, api: Api, buy: Callable[[str], list[Row]]
) -> None:
    guess(api, "u1")
    buy("u1")
    guess(api, "u2")
    rows(db, "credits.erase_user", user_id="u1")
    assert attempts(owner) == [("u2", "gift_guess")]
