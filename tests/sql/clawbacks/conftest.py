"""A purchase that can be taken back."""

import pytest

from tests.databases import Owner
from tests.sql.calls import Row
from tests.sql.conftest import Api
from tests.sql.lifecycle import Payments


@pytest.fixture
def payments(owner: Owner, api: Api) -> Payments:
    """Reports of Stripe about purchases of 500 credits for 10.00 €."""
    return Payments.for_a_package(owner, api)


@pytest.fixture
def bought(payments: Payments) -> Row:
    """A completed purchase of u1."""
    return payments.buy("u1")
