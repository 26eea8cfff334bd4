"""Amounts: exact decimals, as JSON numbers both ways."""

import re
from decimal import Decimal

import httpx
import pytest

from tests.api.live_api import LiveApi, User, ok, refused


def use(user: User, amount: str) -> httpx.Response:
    """Use an amount, spelled exactly so."""
    body = f'{{"amount": {amount}, "appId": "chat", "description": "One answer"}}'
    return user.post("/credits/use", body.encode())


def receive(api: LiveApi, user: User, amount: str) -> httpx.Response:
    body = f'{{"userId": "{user.id}", "amount": {amount}, "description": "Received"}}'
    return api.service.post("/internal/credits/refund", body.encode())


def spelled(answer: httpx.Response, field: str) -> str:
    """Return how a number is written in an answer."""
    found = re.search(rf'"{field}":([^,}}]+)', answer.text)
    assert found, answer.text
    return found[1]


def test_a_tenth_and_two_tenths_are_three_tenths(api: LiveApi) -> None:
    user = api.user()
    ok(receive(api, user, "0.1"))
    ok(receive(api, user, "0.2"))
    assert spelled(user.get("/credits/balance"), "balance") == "0.3"
    ok(use(user, "0.3"))
    assert spelled(user.get("/credits/balance"), "balance") == "0"


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("5", "5"),
        ("5.0", "5"),
        ("5.000000000", "5"),
        ("0.50", "0.5"),
        ("0.02", "0.02"),
        ("100", "100"),
        ("1e2", "100"),
        ("1E+2", "100"),
        ("25e-2", "0.25"),
        ("0.000001", "0.000001"),
        ("1e-6", "0.000001"),
        ("999999999.999999", "999999999.999999"),
        ("123456789.123456", "123456789.123456"),
        ("1000000", "1000000"),
    ],
)
def test_an_amount_is_the_same_number_everywhere(api: LiveApi, sent: str, written: str) -> None:
    user = api.user()
    answer = receive(api, user, sent)
    assert spelled(answer, "amount") == written
    assert spelled(answer, "balanceAfter") == written
    assert spelled(user.get("/credits/balance"), "balance") == written
    assert spelled(user.get("/credits/transactions"), "amount") == written
    used = use(user, sent)
    assert spelled(used, "amount") == f"-{written}"
    assert user.amounts() == [Decimal(written), -Decimal(written)]


def test_a_long_sum_of_small_amounts_is_exact(api: LiveApi) -> None:
    user = api.user(1)
    for _ in range(10):
        ok(use(user, "0.1"))
    assert spelled(user.get("/credits/balance"), "balance") == "0"


WRONG = [
    "0",
    "0.0",
    "-0",
    "-1",
    "-0.000001",
    "0.0000001",
    "1.0000001",
    "1e-7",
    "1000000000",
    "999999999.9999999",
    "1e9",
    "1e400",
    "-1e400",
    "1e-400",
    "1e999999999999999999999",
    "9" * 500,
    "0." + "0" * 500 + "1",
    '"5"',
    '"0.5"',
    '""',
    "true",
    "false",
    "null",
    "[5]",
    '{"value": 5}',
    "NaN",
    "Infinity",
]


@pytest.mark.parametrize("amount", WRONG, ids=lambda amount: amount[:24])
def test_a_use_of_a_wrong_amount_is_refused(api: LiveApi, amount: str) -> None:
    user = api.user(5)
    refused(use(user, amount), 400, "invalid_request")
    assert user.amounts() == [5]


@pytest.mark.parametrize("amount", ["1e30", "1e-400", "1" * 40, "0." + "0" * 400 + "1"])
def test_a_number_with_too_many_digits_is_called_a_number(api: LiveApi, amount: str) -> None:
    details = refused(use(api.user(5), amount), 400, "invalid_request")
    assert "digits" in details["amount"]


@pytest.mark.parametrize("amount", WRONG, ids=lambda amount: amount[:24])
def test_a_refund_of_a_wrong_amount_is_refused(api: LiveApi, amount: str) -> None:
    user = api.user()
    refused(receive(api, user, amount), 400, "invalid_request")
    assert user.amounts() == []


@pytest.mark.parametrize("amount", WRONG, ids=lambda amount: amount[:24])
def test_a_funding_with_a_wrong_amount_is_refused(api: LiveApi, amount: str) -> None:
    guild = api.guild(5)
    body = f'{{"amount": {amount}}}'.encode()
    refused(guild.owner.post(f"{guild.path}/fund", body), 400, "invalid_request")
    assert guild.balance() == 5


@pytest.mark.parametrize(
    "total", ["0", "-1", "0.5", "1.5", "10001", "1e400", '"5"', "true", "null", "NaN"]
)
def test_a_gift_of_a_wrong_amount_is_refused(api: LiveApi, total: str) -> None:
    user = api.user(20_000)
    body = f'{{"totalCredits": {total}}}'.encode()
    refused(user.post("/gifts", body), 400, "invalid_request")
    assert user.amounts() == [20_000]


@pytest.mark.parametrize("limit", ["-1", "0.0000001", "1000000000", "1e400", '"5"', "true", "[]"])
def test_a_wrong_limit_is_refused(api: LiveApi, limit: str) -> None:
    guild = api.guild()
    path = f"{guild.path}/members/{guild.member.id}/limits"
    refused(guild.owner.put(path, f'{{"dailyLimit": {limit}}}'.encode()), 400, "invalid_request")
    assert ok(guild.owner.get(path))["dailyLimit"] is None


def test_a_balance_grows_beyond_what_one_call_moves(api: LiveApi) -> None:
    user = api.user()
    for _ in range(3):
        ok(receive(api, user, "999999999.999999"))
    assert spelled(user.get("/credits/balance"), "balance") == "2999999999.999997"
