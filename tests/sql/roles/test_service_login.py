"""A trusted service's login: the functions of the contract, and nothing else."""

import pytest

from tests.databases import Connection, Database, refused
from tests.sql.books import ledger
from tests.sql.calls import balance, call, gift, give, pool, redeem, use

DENIED = "42501"

TABLES = [
    "credits.accounts",
    "credits.entries",
    "credits.packages",
    "credits.purchases",
    "credits.usage_folds",
    "credits.stripe_customers",
    "credits.settings",
    "credits.reservations",
    "credits.lots",
    "credits.guild_spending_limits",
    "credits.spending_limits",
    "credits.seals",
    "gifts.gift_codes",
    "gifts.gift_redemptions",
    "reconcile.broken_chains",
]
INTERNAL = [
    "credits._new_id()",
    "credits._id_after(null, null)",
    "credits._is_id('u1')",
    "credits._lock_account('u1', 'person')",
    "credits._post('u1', 'person', 'refund', 1)",
    "credits._check_amount(1)",
    "gifts._new_code()",
    "gifts._riddle_hash('a', 'b')",
    "gifts._normalize_code('a')",
]
FOREIGN = [
    "credits.list_transactions('u1')",
    "credits.list_purchases('u1')",
    "credits.complete_purchase('u1', null, 1, 'eur')",
    "credits.begin_purchase('u1', null)",
    "gifts.list_received_gifts('u1')",
    "credits.reconcile()",
]


@pytest.fixture
def shop(database: Database) -> Connection:
    """A login of a service that keeps a table of its own, in a transaction."""
    superuser = database.connect()
    superuser.execute("create schema shop authorization test_service")
    service = database.connect("service")
    service.execute("create table shop.answers (text text not null)")
    give(service, "u1", 10)
    service.autocommit = False
    return service


def answers(service: Connection) -> list[str]:
    return [row["text"] for row in service.execute("select text from shop.answers")]


def test_debit_and_own_row_are_committed_together(database: Database, shop: Connection) -> None:
    use(shop, "u1", 4)
    shop.execute("insert into shop.answers values ('Yes')")
    shop.commit()
    assert [balance(shop, "u1"), answers(shop)] == [6, ["Yes"]]
    assert len(ledger(database.connect(), "u1")) == 2


def test_debit_and_own_row_are_rolled_back_together(database: Database, shop: Connection) -> None:
    use(shop, "u1", 4)
    shop.execute("insert into shop.answers values ('Yes')")
    shop.rollback()
    assert [balance(shop, "u1"), answers(shop)] == [10, []]
    assert len(ledger(database.connect(), "u1")) == 1


def test_own_error_takes_the_debit_back(shop: Connection) -> None:
    with refused(shop, "23502"):
        use(shop, "u1", 4)
        shop.execute("insert into shop.answers values (null)")
    shop.commit()
    assert balance(shop, "u1") == 10


def test_refused_debit_takes_the_own_row_back(shop: Connection) -> None:
    with refused(shop, "UC002"):
        shop.execute("insert into shop.answers values ('Yes')")
        use(shop, "u1", 11)
    shop.commit()
    assert answers(shop) == []


def test_nobody_sees_a_debit_before_it_is_committed(database: Database, shop: Connection) -> None:
    use(shop, "u1", 4)
    assert balance(database.connect("service"), "u1") == 10
    shop.commit()


def test_everything_works_for_a_service_that_has_its_constraints_checked_at_once(
    shop: Connection,
) -> None:
    shop.execute("set constraints all immediate")
    pool(shop, "g1", 5)
    made = gift(shop, "u1", 4, total_portions=2)
    redeem(shop, made["code"], "u2")
    call(shop, "gifts.cancel_gift", gift_id=made["id"], creator_id="u1")
    shop.commit()
    assert [balance(shop, "u1"), balance(shop, "u2")] == [8, 2]


@pytest.mark.parametrize("table", TABLES)
def test_no_table_can_be_read(db: Connection, table: str) -> None:
    with refused(db, DENIED):
        db.execute(f"select * from {table}")


@pytest.mark.parametrize("table", TABLES)
def test_no_table_can_be_written(db: Connection, table: str) -> None:
    for statement in (
        f"insert into {table} default values",
        f"delete from {table}",
        f"truncate {table}",
        f"lock table {table} in access exclusive mode",
        f"copy {table} to stdout",
        f"alter table {table} disable trigger all",
        f"drop table {table}",
    ):
        with refused(db, DENIED):
            db.execute(statement)


@pytest.mark.parametrize("function", INTERNAL)
def test_no_internal_function_can_be_called(db: Connection, function: str) -> None:
    with refused(db, DENIED):
        db.execute(f"select {function}")


@pytest.mark.parametrize("function", FOREIGN)
def test_no_function_of_others_can_be_called(db: Connection, function: str) -> None:
    with refused(db, DENIED):
        db.execute(f"select * from {function}")


@pytest.mark.parametrize(
    "statement",
    [
        "create schema mine",
        "create table credits.mine ()",
        "create table public.mine ()",
        "create function gifts.mine() returns int language sql return 1",
        "alter function credits.get_balance(text, timestamptz) security invoker",
        "drop function credits.get_balance(text, timestamptz)",
        "set session authorization credits_owner",
        "set session_replication_role = replica",
        "grant select on credits.balances to test_service",
        "grant credits_owner to test_service",
    ],
)
def test_nothing_can_be_made_or_taken_over(database: Database, statement: str) -> None:
    service = database.connect("service")
    with refused(service, DENIED):
        service.execute(statement)


@pytest.mark.parametrize("role", ["credits_owner", "credits_ledger"])
def test_nobody_may_act_as_the_roles_behind_the_functions(database: Database, role: str) -> None:
    service = database.connect("service")
    with refused(service, DENIED):
        service.execute(f"set role {role}")
