"""Prices, quotes and charges over HTTP."""

from decimal import Decimal
from typing import Any

import pytest

from tests.api.live_api import LiveApi, ok, refused, unique, wait_until
from tests.api.service_calls import commit, hold, reserve

Items = list[dict[str, Any]]


@pytest.fixture(scope="module")
def word(api: LiveApi) -> str:
    """An operation that costs 0.02."""
    name = unique("word")
    with api.database.connect() as owner:
        owner.execute(
            "insert into credits.prices (operation, app_id, unit, unit_price, name)"
            " values (%s, 'chat', 'word', 0.02, 'A word')",
            [name],
        )
    wait_until(lambda: name in api.anyone.get("/credits/prices").text)
    return name


def use_of(word: str, quantity: Any = 1, **fields: Any) -> dict[str, Any]:
    items = [{"operation": word, "quantity": quantity}]
    return {"items": items, "appId": "chat", "description": "Words", **fields}


def test_prices_are_listed_for_anyone(api: LiveApi, word: str) -> None:
    answer = api.anyone.get("/credits/prices")
    (found,) = [row for row in ok(answer) if row["operation"] == word]
    assert found.keys() == {
        "operation",
        "appId",
        "unit",
        "unitPrice",
        "per",
        "step",
        "minimum",
        "name",
        "description",
        "category",
        "validFrom",
    }
    assert (found["unitPrice"], found["per"], found["unit"]) == (Decimal("0.02"), 1, "word")


@pytest.mark.parametrize("path", ["/credits/prices", "/credits/pricing"])
def test_known_prices_are_not_sent_again(api: LiveApi, word: str, path: str) -> None:
    tag = api.anyone.get(path).headers["etag"]
    again = api.anyone.request("GET", path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert api.anyone.request("GET", path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_pricing_tells_what_one_unit_costs(api: LiveApi, word: str) -> None:
    answer = ok(api.anyone.get("/credits/pricing"))
    assert answer["operationCosts"][word] == Decimal("0.02")
    assert answer["lastUpdated"] is not None


def test_quote_tells_price_and_verdict(api: LiveApi, word: str) -> None:
    user = api.user(1)
    items = use_of(word, 25)["items"]
    answer = ok(user.post("/credits/quote", {"items": items}))
    assert (answer["amount"], answer["allowed"]) == (Decimal("0.5"), True)
    assert [line["amount"] for line in answer["lines"]] == [Decimal("0.5")]
    dear = ok(user.post("/credits/quote", {"items": use_of(word, 100)["items"]}))
    assert (dear["allowed"], dear["refusal"]) == (False, "insufficient_credits")
    assert user.amounts() == [1]
    told = api.service.post("/internal/credits/quote", {"userId": user.id, "items": items})
    assert ok(told) == {**answer, "passesAt": ok(told)["passesAt"]}


def test_quote_for_a_guild_is_for_members(api: LiveApi, word: str) -> None:
    guild = api.guild(1)
    body = {"items": use_of(word)["items"], "guildId": guild.id}
    assert ok(guild.member.post("/credits/quote", body))["allowed"] is True
    refused(api.user().post("/credits/quote", body), 403, "not_a_guild_member")


def test_use_by_items_is_charged(api: LiveApi, word: str) -> None:
    user = api.user(10)
    answer = ok(user.post("/credits/use", use_of(word, 25, expectedAmount=0.5)))
    assert answer["transaction"]["amount"] == Decimal("-0.5")
    assert answer["charge"]["amount"] == Decimal("0.5")
    (line,) = answer["charge"]["lines"]
    assert (line["operation"], line["quantity"]) == (word, 25)
    assert answer["newBalance"]["balance"] == Decimal("9.5")
    assert user.amounts() == [10, Decimal("-0.5")]


def test_use_of_an_amount_has_no_charge(api: LiveApi) -> None:
    assert "charge" not in ok(api.user(10).use(1))


def test_retry_is_known_by_its_items(api: LiveApi, word: str) -> None:
    user = api.user(10)
    use = use_of(word, 25, idempotencyKey="k")
    first = ok(user.post("/credits/use", use))
    again = ok(user.post("/credits/use", use))
    assert (again["transaction"], again["charge"]) == (first["transaction"], first["charge"])
    assert again["replayed"] is True
    other = user.post("/credits/use", use_of(word, 26, idempotencyKey="k"))
    refused(other, 409, "idempotency_key_reused")


def test_other_price_than_expected_is_refused(api: LiveApi, word: str) -> None:
    answer = api.user(10).post("/credits/use", use_of(word, 25, expectedAmount=0.4))
    details = refused(answer, 409, "price_changed")
    assert (details["expected"], details["amount"]) == (Decimal("0.4"), Decimal("0.5"))


def test_unknown_operation_is_not_found(api: LiveApi) -> None:
    answer = api.user(10).post("/credits/use", use_of("never-priced"))
    assert refused(answer, 404, "unknown_operation") == {"operation": "never-priced"}


def test_what_costs_nothing_has_no_transaction(api: LiveApi, word: str) -> None:
    user = api.user(10)
    answer = ok(user.post("/credits/use", use_of(word, 0)))
    assert (answer["transaction"], answer["newBalance"]["balance"]) == (None, 10)
    assert user.amounts() == [10]


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": 1},
        {"items": None},
        {"items": []},
        {"items": [{"quantity": 1}]},
        {"items": [{"operation": "x", "quantity": "1"}]},
        {"items": [{"operation": "x", "quantity": -1}]},
        {"items": [{"operation": "x"}] * 101},
        {"items": "x"},
        {"expectedAmount": "1"},
    ],
)
def test_malformed_items_are_refused(api: LiveApi, word: str, fields: dict[str, Any]) -> None:
    answer = api.user(10).post("/credits/use", {**use_of(word), **fields})
    refused(answer, 400, "invalid_request")


def test_guild_is_charged_by_items(api: LiveApi, word: str) -> None:
    guild = api.guild(10)
    answer = ok(guild.member.post(f"{guild.path}/use", use_of(word, 50)))
    assert (answer["charge"]["amount"], answer["newBalance"]["balance"]) == (1, 9)


def test_service_charges_by_items(api: LiveApi, word: str) -> None:
    user = api.user(10)
    answer = ok(api.service.post("/internal/credits/use", {"userId": user.id, **use_of(word, 50)}))
    assert (answer["charge"]["amount"], user.balance()) == (1, 9)


def test_usage_is_told_by_operation(api: LiveApi, word: str) -> None:
    user = api.user(10)
    ok(user.post("/credits/use", use_of(word, 50)))
    user.use(1)
    assert ok(user.get("/credits/usage", by="operation")) == [
        {
            "operation": word,
            "appId": "chat",
            "unit": "word",
            "quantity": 50,
            "creditsUsed": 1,
            "transactionsCount": 1,
        }
    ]
    refused(user.get("/credits/usage", by="month"), 400, "invalid_request")


def test_budget_is_captured_in_parts_and_the_rest_is_free(api: LiveApi, word: str) -> None:
    user = api.user(10)
    held = hold(api, user.id, 5, appId="agent")

    def capture(key: str | None, **fields: Any) -> Any:
        body = {"reservationId": held, **({"idempotencyKey": key} if key else {}), **fields}
        return api.service.post("/internal/credits/capture", body)

    first = ok(capture("step-1", items=use_of(word, 100)["items"]))
    assert (first["captured"], first["remaining"], first["charge"]["amount"]) == (2, 3, 2)
    again = ok(capture("step-1", items=use_of(word, 100)["items"]))
    assert again == {**first, "replayed": True, "message": again["message"]}
    refused(capture(None, amount=1), 400, "invalid_request")
    refused(capture("step-2", amount=4), 400, "amount_exceeds_reservation")
    state = ok(api.service.get(f"/internal/credits/reservation/{held}"))
    assert (state["userId"], state["status"]) == (user.id, "held")
    assert (state["reserved"], state["captured"], state["remaining"]) == (5, 2, 3)
    assert "guildId" not in state
    released = api.service.post("/internal/credits/refund-reservation", {"reservationId": held})
    assert ok(released)["balance"] == 8
    assert user.amounts() == [10, -2]


def test_hold_by_items_is_committed_with_the_real_quantity(api: LiveApi, word: str) -> None:
    user = api.user(10)
    body = {"userId": user.id, "items": use_of(word, 200)["items"], "reason": "Many words"}
    held = ok(api.service.post("/internal/credits/reserve", body))
    assert (held["balance"], held["charge"]["amount"]) == (6, 4)
    answer = ok(commit(api, held["reservationId"], items=use_of(word, 50)["items"]))
    assert (answer["committed"], answer["released"]) == (1, 3)
    assert user.balance() == 9


def test_overrun_takes_what_is_there(api: LiveApi) -> None:
    user = api.user(10)
    held = hold(api, user.id, 4)
    refused(commit(api, held, amount=12), 400, "amount_exceeds_reservation")
    answer = ok(commit(api, held, amount=12, overrun="available"))
    assert (answer["committed"], answer["uncollected"], user.balance()) == (10, 2, 0)


def test_hold_by_items_is_committed_as_a_whole_with_its_items(api: LiveApi, word: str) -> None:
    user = api.user(10)
    body = {"userId": user.id, "items": use_of(word, 200)["items"], "reason": "Many words"}
    held = ok(api.service.post("/internal/credits/reserve", body))
    answer = ok(commit(api, held["reservationId"]))
    assert (answer["committed"], answer["charge"]) == (4, held["charge"])
    assert ok(commit(api, held["reservationId"]))["charge"] == held["charge"]


def test_overrun_of_null_is_not_given(api: LiveApi) -> None:
    held = hold(api, api.user(10).id, 4)
    refused(commit(api, held, amount=12, overrun=None), 400, "amount_exceeds_reservation")


def test_reservation_that_is_null_must_be_a_uuid(api: LiveApi) -> None:
    answer = api.service.post("/internal/credits/commit", {"reservationId": None})
    details = refused(answer, 400, "invalid_request")
    assert details == {"reservationId": "must be a UUID"}


def test_debt_needs_a_cap_that_allows_it(api: LiveApi) -> None:
    user = api.user(10)
    held = hold(api, user.id, 4)
    refused(commit(api, held, amount=12, overrun="debt"), 402, "insufficient_credits")
    refused(commit(api, held, amount=12, overrun="gift"), 400, "invalid_request")


def test_unknown_reservation_is_not_found(api: LiveApi) -> None:
    path = "/internal/credits/reservation/019c12e8-4c00-7000-8000-000000000001"
    refused(api.service.get(path), 404, "reservation_not_found")
    refused(api.user().get(path), 401, "unauthenticated")
    refused(api.service.get("/internal/credits/reservation/5"), 400, "invalid_request")


def test_hold_of_what_costs_nothing_is_none(api: LiveApi, word: str) -> None:
    user = api.user(1)
    answer = ok(reserve(api, user.id, None, items=use_of(word, 0)["items"]))
    assert (answer["reservationId"], answer["balance"]) == (None, 1)
