"""Stripe's idempotency keys: the first answer is kept, and given again to the same request."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.stripe.errors import ApiError
from sandbox.stripe.forms import Form
from sandbox.stripe.store import Json


@dataclass
class Record:
    """A request by key, and its answer once there is one."""

    path: str
    form: Form
    body: Json | None = None


class IdempotencyKeys:
    """All keys seen. Requests that fail validation leave none behind, as at Stripe."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}

    def begin(self, key: str, path: str, form: Form) -> Json | None:
        """Return the answer to the same request made before, or None: now it is under way.

        Raises ApiError if the key was used for another request (400), or if that request has not
        been answered yet (409).
        """
        record = self._records.get(key)
        if record is None:
            self._records[key] = Record(path, form)
            return None
        if (record.path, record.form) != (path, form):
            raise ApiError(
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. Try using a key other than '{key}'.",
                kind="idempotency_error",
            )
        if record.body is None:
            raise ApiError(
                "There is currently another in-progress request using this idempotency key.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        return record.body

    def answered(self, key: str, body: Json) -> None:
        """Keep the answer of the request under way."""
        self._records[key].body = body

    def forget(self, key: str) -> None:
        """Forget the request under way: it had no effect."""
        del self._records[key]
