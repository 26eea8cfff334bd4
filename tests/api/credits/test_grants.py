"""Credits that services give, for good or until a date."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.api.live_api import LiveApi, at_once, ok, refused, replay_of, wait_until
from tests.api.service_calls import grant, hold


def later(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_a_service_key_is_needed(api: LiveApi) -> None:
    refused(api.anyone.post("/internal/credits/grant", {}), 401, "unauthenticated")
    refused(api.user().post("/internal/credits/grant", {}), 401, "unauthenticated")


def test_a_grant_is_one_ledger_row(api: LiveApi) -> None:
    user = api.user()
    answer = ok(grant(api, user.id, Decimal("2.5"), description="Welcome"))
    [row] = user.ledger()
    assert answer == {
        "ok": True,
        "alreadyGranted": False,
        "newBalance": Decimal("2.5"),
        "transactionId": str(row["id"]),
    }
    assert (row["type"], row["amount"], row["description"]) == ("grant", Decimal("2.5"), "Welcome")
    assert row["metadata"] == {"reason": "welcome-bonus"}


def test_a_reference_is_granted_once(api: LiveApi) -> None:
    user = api.user()
    first = ok(grant(api, user.id, 3, referenceId="one"))
    ok(user.use(2))
    again = ok(grant(api, user.id, 3, referenceId="one"))
    assert again == replay_of({**first, "alreadyGranted": True})
    assert user.amounts() == [3, -2]


def test_a_key_is_good_for_one_reference(api: LiveApi) -> None:
    user = api.user()
    header = {"Idempotency-Key": "k"}
    body = {"userId": user.id, "amount": 3, "reason": "bonus", "referenceId": "one"}
    ok(api.service.post("/internal/credits/grant", body, headers=header))
    another = api.service.post(
        "/internal/credits/grant", {**body, "referenceId": "two"}, headers=header
    )
    assert refused(another, 409, "idempotency_key_reused") == {"idempotencyKey": "k"}
    assert user.amounts() == [3]


def test_five_grants_at_once_are_one(api: LiveApi) -> None:
    user = api.user()
    answers = at_once(5, lambda _: ok(grant(api, user.id, 3, referenceId="one")))
    assert sorted(answer["alreadyGranted"] for answer in answers) == [False] + [True] * 4
    assert {answer["newBalance"] for answer in answers} == {3}
    assert len({answer["transactionId"] for answer in answers}) == 1
    assert user.amounts() == [3]


def test_a_reference_is_each_users_own(api: LiveApi) -> None:
    for user in (api.user(), api.user()):
        assert ok(grant(api, user.id, 3, referenceId="one"))["alreadyGranted"] is False


@pytest.mark.parametrize("key", [None, "k"])
@pytest.mark.parametrize(
    "change",
    [
        {"amount": 4},
        {"reason": "other"},
        {"description": "other"},
        {"expiresAt": "2020-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_a_reference_says_which_grant_it_is_whatever_else_has_changed(
    api: LiveApi, key: str | None, change: dict[str, Any]
) -> None:
    user = api.user()
    body = {"amount": 3, "referenceId": "one", **({"idempotencyKey": key} if key else {})}
    first = ok(grant(api, user.id, **body))
    ok(user.use(1))
    again = ok(grant(api, user.id, **{**body, **change}))
    assert again == replay_of({**first, "alreadyGranted": True})
    assert user.amounts() == [3, -1]


def test_a_key_used_for_something_else_is_refused_though_the_reference_was_granted(
    api: LiveApi,
) -> None:
    user = api.user()
    ok(grant(api, user.id, 3, referenceId="one"))
    ok(user.use(1, key="k"))
    answer = grant(api, user.id, 3, referenceId="one", idempotencyKey="k")
    assert refused(answer, 409, "idempotency_key_reused") == {"idempotencyKey": "k"}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": Decimal("0.0000001")}, "amount"),
        ({"reason": ""}, "reason"),
        ({"referenceId": ""}, "referenceId"),
        ({"referenceId": "x" * 256}, "referenceId"),
        ({"referenceId": 7}, "referenceId"),
        ({"expiresAt": "tomorrow"}, "expiresAt"),
        ({"expiresAt": "2030-01-01T00:00:00"}, "expiresAt"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"description": 1}, "description"),
    ],
)
def test_a_malformed_grant_is_refused(api: LiveApi, fields: dict[str, Any], wrong: str) -> None:
    user = api.user()
    answer = grant(api, user.id, **fields)
    assert refused(answer, 400, "invalid_request").keys() == {wrong}
    assert not user.ledger()


@pytest.mark.parametrize("field", ["userId", "amount", "reason", "referenceId"])
def test_every_missing_field_is_named(api: LiveApi, field: str) -> None:
    body = {"userId": "someone", "amount": 1, "reason": "bonus", "referenceId": "one"}
    del body[field]
    answer = api.service.post("/internal/credits/grant", body)
    assert refused(answer, 400, "invalid_request").keys() == {field}


def test_the_balance_tells_what_expires_and_when(api: LiveApi) -> None:
    user = api.user(1)
    soon, late = later(3600), later(7200)
    ok(grant(api, user.id, Decimal("2.5"), expiresAt=late))
    ok(grant(api, user.id, 4, expiresAt=soon))
    for balance in (
        ok(user.get("/credits/balance")),
        ok(api.service.get(f"/internal/credits/balance/{user.id}")),
    ):
        assert balance["balance"] == Decimal("7.5")
        told = [
            (one["amount"], datetime.fromisoformat(one["expiresAt"])) for one in balance["expiring"]
        ]
        assert told == [(4, soon), (Decimal("2.5"), late)]


def test_without_dated_credits_the_balance_does_not_speak_of_them(api: LiveApi) -> None:
    user = api.user(1)
    assert "expiring" not in ok(user.get("/credits/balance"))
    assert "expiring" not in ok(api.service.get(f"/internal/credits/balance/{user.id}"))


def test_what_expires_soonest_is_used_first(api: LiveApi) -> None:
    user = api.user(10)
    ok(grant(api, user.id, 4, expiresAt=later(3600)))
    ok(user.use(3))
    hold(api, user.id, Decimal("0.5"))
    [left] = ok(user.get("/credits/balance"))["expiring"]
    assert left["amount"] == Decimal("0.5")
    ok(user.use(1))
    assert "expiring" not in ok(user.get("/credits/balance"))


def test_what_has_expired_cannot_be_used_and_leaves_by_a_ledger_row(api: LiveApi) -> None:
    user = api.user(1)
    ok(grant(api, user.id, 4, expiresAt=later(2)))
    wait_until(lambda: user.balance() == 1)
    assert refused(user.use(2), 402, "insufficient_credits")["available"] == 1
    wait_until(lambda: user.amounts() == [1, 4, -4])
    assert user.ledger()[-1]["type"] == "expiry"
    assert ok(user.get("/credits/balance"))["totalSpent"] == 4
