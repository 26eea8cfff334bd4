"""The check of every answer lets through what the document describes and nothing else."""

from typing import Any

import httpx
import pytest

from tests.api.described import as_described

BALANCE = {"balance": 0.5, "totalEarned": 1, "totalSpent": 0.5, "reserved": 0}
SHORTAGE = {
    "statusCode": 402,
    "code": "insufficient_credits",
    "message": "Insufficient credits",
    "details": {"required": 12.5, "available": 3},
}
BUSY = {"statusCode": 503, "code": "overloaded", "message": "The service is busy"}


def answer(method: str, path: str, body: Any, status: int = 200, **headers: str) -> httpx.Response:
    request = httpx.Request(method, f"http://api/api/v1{path}")
    headers = {"X-Request-Id": "one", **{name.replace("_", "-"): headers[name] for name in headers}}
    return httpx.Response(status, json=body, headers=headers, request=request)


@pytest.mark.parametrize(
    "described",
    [
        answer("GET", "/credits/balance", BALANCE),
        answer("POST", "/credits/use", SHORTAGE, 402),
        answer("GET", "/credits/balance", BUSY, 503, Retry_After="1"),
        answer("GET", "/gifts/me/created", [], Link='<http://api/next>; rel="next"'),
    ],
)
def test_what_is_described_passes(described: httpx.Response) -> None:
    as_described(described)


@pytest.mark.parametrize(
    "other",
    [
        answer("GET", "/credits/balance", {**BALANCE, "secret": 1}),
        answer("GET", "/credits/balance", {**BALANCE, "balance": "0.5"}),
        answer("GET", "/credits/balance", {**BALANCE, "balance": 0.0000001}),
        answer("GET", "/credits/balance", {"balance": 0.5}),
        answer("GET", "/credits/balance", BALANCE, 201),
        answer("GET", "/credits/balance", SHORTAGE, 402),
        answer("GET", "/credits/balance", BUSY, 503),
        answer("GET", "/credits/balance", BALANCE, Link='<http://api/next>; rel="next"'),
        answer("POST", "/credits/use", {**SHORTAGE, "code": "broke"}, 402),
        answer("POST", "/credits/use", {**SHORTAGE, "statusCode": 400}, 402),
        answer("POST", "/credits/use", {**SHORTAGE, "details": {"required": 12.5}}, 402),
        answer("POST", "/credits/nothing", SHORTAGE, 402),
    ],
)
def test_an_answer_that_is_not_described_fails(other: httpx.Response) -> None:
    with pytest.raises((AssertionError, KeyError)):
        as_described(other)
