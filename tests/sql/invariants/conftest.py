"""A superuser's hand edits, and something to edit."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.databases import Connection, Owner
from tests.sql.books import add_package, fold_usage
from tests.sql.calls import Row, call, gift, give, pool, redeem, use, use_guild
from tests.sql.conftest import Api

PROTECTED = "UC017"
OVER_LIMIT = "UC003"
INTEGRITY_CLASS = "23"
# A purchase or a grant is credited once: the second entry is skipped, and its writer looks again.
OUTDATED = "40001"

# Executes a statement as a superuser; says by which checks it was found, none if it was refused.
Edit = Callable[..., set[str]]


def checks_that_find(superuser: Connection) -> set[str]:
    """The checks of the books that find something; not what protects them."""
    views = superuser.execute(
        "select viewname as name from pg_views "
        "where schemaname = 'reconcile' and viewname <> 'protection_off'"
    ).fetchall()
    found = (
        superuser.execute(f"select from reconcile.{view['name']} limit 1").rowcount
        for view in views
    )
    return {view["name"] for view, rows in zip(views, found, strict=True) if rows}


@pytest.fixture(params=["origin", "replica"])
def noticed_edit(request: pytest.FixtureRequest, db: Connection, owner: Owner) -> Edit:
    """Execute a statement as a superuser and assert that it is refused or found.

    It is found by a trigger or a constraint, deferred ones included, or by the reconciliation; also
    in a session in which triggers stand back.
    """

    def edit(statement: Any, parameters: Any = None) -> set[str]:
        try:
            with db.transaction(force_rollback=True), owner.rights() as superuser:
                superuser.execute("set constraints all immediate")
                superuser.execute(f"set local session_replication_role = {request.param}")
                cursor = superuser.execute(statement, parameters)
                assert cursor.rowcount != 0, "nothing was edited"
                superuser.execute("set local session_replication_role = origin")
                found = checks_that_find(superuser)
        except psycopg.Error as error:
            state = str(error.sqlstate)
            if state in {PROTECTED, OVER_LIMIT, OUTDATED} or state.startswith(INTEGRITY_CLASS):
                return set()
            raise
        assert found, "nobody noticed"
        return found

    return edit


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
        stripe_payment_intent_id="pi_1",
    )
    return begun
