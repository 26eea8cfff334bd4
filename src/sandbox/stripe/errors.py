"""Stripe's error answers."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A request that is refused, with what Stripe's error object says about it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        fields = {"message": message, "type": kind, "code": code, "param": param, **extra}
        self.body = {"error": {name: value for name, value in fields.items() if value is not None}}


def missing(kind: str, object_id: str, param: str, *, status: int = 404) -> ApiError:
    """Return the error for an id that nobody knows: 404 in a path, 400 in a parameter."""
    return ApiError(
        f"No such {kind}: '{object_id}'", status=status, code="resource_missing", param=param
    )


def wrong_state(message: str, **extra: Any) -> ApiError:
    """Return the error for a step that a PaymentIntent cannot take in its state."""
    return ApiError(message, code="payment_intent_unexpected_state", **extra)
