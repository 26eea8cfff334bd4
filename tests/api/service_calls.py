"""Calls of trusted services besides uses and refunds: holds, grants, verdicts, erasure."""

from typing import Any

import httpx

from tests.api.live_api import LiveApi, User, ok, unique


def reserve(api: LiveApi, user_id: str, amount: Any = 1, **fields: Any) -> httpx.Response:
    """POST /internal/credits/reserve."""
    body = {"userId": user_id, "amount": amount, "reason": "A long answer", **fields}
    return api.service.post("/internal/credits/reserve", body)


def hold(api: LiveApi, user_id: str, amount: Any = 1, **fields: Any) -> str:
    """Set credits aside and return the reservation's id."""
    return str(ok(reserve(api, user_id, amount, **fields))["reservationId"])


def extend(api: LiveApi, reservation_id: str, seconds: Any = 60) -> httpx.Response:
    """POST /internal/credits/extend."""
    body = {"reservationId": reservation_id, "expiresInSeconds": seconds}
    return api.service.post("/internal/credits/extend", body)


def commit(api: LiveApi, reservation_id: str, **fields: Any) -> httpx.Response:
    """POST /internal/credits/commit."""
    body = {"reservationId": reservation_id, **fields}
    return api.service.post("/internal/credits/commit", body)


def release(api: LiveApi, reservation_id: str) -> httpx.Response:
    """POST /internal/credits/refund-reservation."""
    body = {"reservationId": reservation_id}
    return api.service.post("/internal/credits/refund-reservation", body)


def grant(api: LiveApi, user_id: str, amount: Any = 1, **fields: Any) -> httpx.Response:
    """POST /internal/credits/grant, for a reference of its own unless one is given."""
    body = {
        "userId": user_id,
        "amount": amount,
        "reason": "welcome-bonus",
        "referenceId": unique("reference"),
        **fields,
    }
    return api.service.post("/internal/credits/grant", body)


def explain(api: LiveApi, user_id: str, amount: Any = 1, **fields: Any) -> httpx.Response:
    """POST /internal/credits/explain."""
    body = {"userId": user_id, "amount": amount, "appId": "chat", **fields}
    return api.service.post("/internal/credits/explain", body)


def erase(api: LiveApi, user_id: str, **parameters: Any) -> httpx.Response:
    """DELETE /internal/credits/balance/:userId."""
    return api.service.request("DELETE", f"/internal/credits/balance/{user_id}", **parameters)


def make_gifts(api: LiveApi, user: User, count: int) -> None:
    """Make so many open gifts of 1 credit, faster than the user could."""
    with api.database.connect() as owner:
        owner.execute(
            """
            select from generate_series(1, %s) i,
                lateral gifts.create_gift(p_creator_id => %s, p_total_credits => 1 + i * 0)
            """,
            (count, user.id),
        )
        owner.commit()
