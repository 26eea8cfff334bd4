"""Caps, and somebody with credits."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.databases import Connection, Owner
from tests.sql.calls import give, pool

Cap = Callable[..., None]


@pytest.fixture(autouse=True)
def accounts(db: Connection) -> None:
    """The user u1 and the pool g1 have 100 credits each."""
    give(db, "u1", 100)
    pool(db, "g1", 100)


@pytest.fixture
def cap(owner: Owner) -> Cap:
    """Cap a caller as a DBA does, test_service unless another one is named."""

    def insert(caller: str = "test_service", **columns: Any) -> None:
        values = {"caller": caller, **columns}
        owner.execute(
            "insert into credits.service_caps ({}) values ({})".format(
                ", ".join(values), ", ".join(f"%({name})s" for name in values)
            ),
            values,
        )

    return insert
