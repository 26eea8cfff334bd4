"""A purchase, and what Stripe tells of it."""

from uuid import UUID

import pytest

from tests.sql.calls import Row, call
from tests.sql.conftest import Api


class Purchase:
    """A purchase of u1: 500 credits for 4.99 €."""

    def __init__(self, api: Api, purchase_id: UUID) -> None:
        self.api = api
        self.id = purchase_id

    def complete(self, **changes: object) -> Row:
        """Report that it was paid, with some arguments changed or added."""
        arguments = {
            "user_id": "u1",
            "purchase_id": self.id,
            "amount_cents": 499,
            "currency": "eur",
            **changes,
        }
        return call(self.api, "credits.complete_purchase", **arguments)

    def fail(self, status: str | None, **more: object) -> str:
        """Report that it is processing, has failed or was cancelled; return the outcome."""
        answer = call(
            self.api,
            "credits.fail_purchase",
            **{"user_id": "u1", "purchase_id": self.id, "status": status, **more},
        )
        return str(answer["outcome"])


@pytest.fixture
def purchase(api: Api, package: Row) -> Purchase:
    """A purchase that was just begun."""
    begun = call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])
    return Purchase(api, begun["purchase_id"])
