"""The logins of the HTTP layer and of auditors."""

import pytest

from tests.databases import Connection, Database, refused
from tests.sql.books import add_package
from tests.sql.calls import call, gift, give, pool, redeem, rows, use, use_guild

DENIED = "42501"
TABLES = ["credits.accounts", "credits.entries", "credits.packages", "gifts.gift_codes"]


@pytest.fixture(scope="module")
def auditor(module_database: Database) -> Connection:
    """An auditor's login to a database with some movements."""
    service = module_database.connect("service")
    give(service, "u1", 10)
    use(service, "u1", 1)
    pool(service, "g1", 5)
    use_guild(service, "g1", "u1", 1)
    give(service, "u2", 1)
    redeem(service, gift(service, "u2", 1)["code"], "u3")
    return module_database.connect("auditor")


@pytest.mark.parametrize("table", TABLES)
def test_http_layer_touches_no_table(module_database: Database, table: str) -> None:
    api = module_database.connect("api")
    for statement in (f"select * from {table}", f"delete from {table}"):
        with refused(api, DENIED):
            api.execute(statement)


def test_http_layer_calls_its_functions(module_database: Database) -> None:
    add_package(module_database.connect())
    assert len(rows(module_database.connect("api"), "credits.list_packages")) == 1


def test_http_layer_calls_no_internal_function(module_database: Database) -> None:
    api = module_database.connect("api")
    with refused(api, DENIED):
        api.execute("select credits._new_id()")


def test_auditor_reads_everything_but_secrets(auditor: Connection) -> None:
    names = auditor.execute(
        """
        select c.oid::regclass::text as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('credits', 'gifts', 'reconcile')
            and c.relkind in ('r', 'v')
            and c.relname not in (
                'webhook_secrets', 'address_key', 'gift_codes', 'gift_redemptions'
            )
        """
    ).fetchall()
    assert len(names) > 20
    for row in names:
        auditor.execute(f"select * from {row['name']}")


def test_auditor_sees_what_moved(auditor: Connection) -> None:
    found = auditor.execute(
        "select amount from credits.transactions where user_id = 'u1' order by sequence"
    ).fetchall()
    assert [row["amount"] for row in found] == [10, -1]


@pytest.mark.parametrize(
    "secret",
    [
        "* from credits.webhook_secrets",
        "* from credits.address_key",
        "code from gifts.gift_codes",
        "short_url from gifts.gift_codes",
        "code from gifts.gift_redemptions",
    ],
)
def test_auditor_reads_no_secret(auditor: Connection, secret: str) -> None:
    with refused(auditor, DENIED):
        auditor.execute(f"select {secret}")


@pytest.mark.parametrize("table", ["gift_codes", "gift_redemptions"])
def test_auditor_sees_gifts_without_their_codes(auditor: Connection, table: str) -> None:
    auditor.execute(f"select id, status, created_at from gifts.{table}")


def test_auditor_runs_the_reconciliation(auditor: Connection) -> None:
    found = rows(auditor, "credits.reconcile")
    assert len(found) >= 11
    assert {row["discrepancies"] for row in found} == {0}


@pytest.mark.parametrize(
    "statement",
    [
        "update credits.entries set available = 0",
        "insert into credits.packages (name, credits, price_euro_cents) values ('Free', 1, 1)",
        "delete from credits.entries",
        "truncate gifts.gift_codes",
        "update credits.settings set limits_time_zone = 'UTC'",
        "create table credits.mine ()",
        "create schema mine",
        "select credits.seal()",
    ],
)
def test_auditor_writes_nothing(auditor: Connection, statement: str) -> None:
    with refused(auditor, DENIED):
        auditor.execute(statement)


def test_auditor_calls_nothing_that_moves(auditor: Connection) -> None:
    with refused(auditor, DENIED):
        give(auditor, "u1", 1)
    with refused(auditor, DENIED):
        call(auditor, "gifts.expire_gifts")
