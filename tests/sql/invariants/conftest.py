"""A superuser's hand edits, and something to edit."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from databases import Connection, Owner, assert_books_balance
from sql.books import add_package, fold_usage
from sql.calls import Row, call, gift, give, pool, redeem, use, use_guild
from sql.conftest import Api

PROTECTED = "UC017"
OVER_LIMIT = "UC003"
INTEGRITY_CLASS = "23"

Edit = Callable[..., None]


@pytest.fixture
def refused_edit(db: Connection, owner: Owner) -> Edit:
    """Execute a statement as a superuser and assert that the database itself refuses it.

    By a trigger or a constraint, those that wait for the end of the transaction included.
    """

    def edit(statement: Any, parameters: Any) -> None:
        with db.transaction(force_rollback=True), owner.rights() as superuser:
            superuser.execute("set constraints all immediate")
            superuser.execute(statement, parameters)
            superuser.execute("set constraints all immediate")

    def attempt(statement: Any, parameters: Any = None) -> None:
        with pytest.raises(psycopg.Error) as caught:
            edit(statement, parameters)
        state = str(caught.value.sqlstate)
        assert state in {PROTECTED, OVER_LIMIT} or state.startswith(INTEGRITY_CLASS), caught.value

    return attempt


@pytest.fixture
def found_edit(db: Connection, owner: Owner) -> Edit:
    """Execute a statement as a superuser and assert that it does not go unnoticed."""

    def attempt(statement: str, parameters: Any = None) -> None:
        with db.transaction(force_rollback=True), owner.rights() as superuser:
            refusal = None
            try:
                with superuser.transaction():
                    changed = superuser.execute(statement, parameters).rowcount
            except psycopg.Error as error:
                refusal = str(error.sqlstate)
            if refusal is None:
                assert changed > 0
                with pytest.raises(AssertionError, match=r"^reconcile\."):
                    assert_books_balance(superuser)
            else:
                assert refusal == PROTECTED or refusal.startswith(INTEGRITY_CLASS)

    return attempt


@pytest.fixture(autouse=True)
def accounts(db: Connection, owner: Owner) -> None:
    """The user u1 has 60 credits after two movements, the pool g1 has 70 after two."""
    give(db, "u1", 100)
    use(db, "u1", 40)
    pool(db, "g1", 100)
    use_guild(db, "g1", "u1", 30)
    fold_usage(owner, "u1")


@pytest.fixture
def shared_gift(db: Connection) -> Row:
    """A gift of u1: 3 portions of 10 credits, one of them redeemed by u2."""
    made = gift(db, "u1", 30, total_portions=3)
    redeem(db, made["code"], "u2")
    return made


@pytest.fixture
def paid_purchase(owner: Owner, api: Api) -> Row:
    """A completed purchase of u1."""
    package = add_package(owner)
    begun = call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])
    call(
        api,
        "credits.complete_purchase",
        user_id="u1",
        purchase_id=begun["purchase_id"],
        amount_cents=499,
        currency="eur",
    )
    return begun
