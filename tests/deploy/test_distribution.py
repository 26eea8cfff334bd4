"""db/distribute/citus.sql names what is there, and only keys that Citus can keep unique.

Citus itself is not here. Functions with its signatures take down what they are called with, so that
PostgreSQL checks each name and each step before them. Effects of Citus are not shown.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.deployment import DATABASE_FOLDER, deploy
from tests.databases import Connection, Database, Server, assert_books_balance, clone, refused

SCRIPT = DATABASE_FOLDER / "distribute" / "citus.sql"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "scale.md"
# From its table to its end, or to the body of the loop over what it returns.
CHANGE = re.compile(
    r"\b(insert into|update|delete from)\s+((?:credits|gifts)\.\w+)(.*?)(?=;|\bloop\b)", re.DOTALL
)
# Functions that a plan may not hold that goes to a worker: volatile, or stable over columns.
CHANGING = ("clock_timestamp", "gen_random_uuid", "nextval", "random", "uuidv7", "now", "to_char")
SIGNATURES = """
    create table placed (relation regclass, kind text, distribution_column text, together text);
    create table emptied (relation regclass);
    create table pg_dist_partition (logicalrelid regclass);
    create table pg_dist_object (classid oid, objid oid, distribution_argument_index integer);
    create table placed_functions (function regprocedure, argument text, together text);

    create function create_distributed_table(
        table_name regclass, distribution_column text, distribution_type text default 'hash',
        colocate_with text default 'default', shard_count integer default null
    ) returns void language sql as $$
        insert into placed values ($1, 'distributed', $2, $4);
        insert into pg_dist_partition values ($1)
    $$;
    create function create_reference_table(table_name regclass) returns void language sql as $$
        insert into placed values ($1, 'reference');
        insert into pg_dist_partition values ($1)
    $$;
    create function truncate_local_data_after_distributing_table(
        function_name regclass
    ) returns void language sql as $$
        insert into emptied values ($1)
    $$;
    create function create_distributed_function(
        function_name regprocedure, distribution_arg_name text default null,
        colocate_with text default 'default', force_delegation boolean default null
    ) returns void language sql as $$
        insert into placed_functions values ($1, $2, $3)
    $$;
"""


@pytest.fixture(scope="module")
def spread(server: Server, migrated: str) -> Iterator[Database]:
    """A deployed database after the script."""
    with clone(server, migrated, f"{migrated}_spread") as database:
        connection = database.connect()
        connection.execute(SIGNATURES)
        connection.execute(SCRIPT.read_bytes())
        yield database


@pytest.fixture
def placed(spread: Database) -> Connection:
    """A superuser's connection to the database after the script."""
    return spread.connect()


def test_every_table_has_a_place_and_leaves_no_row_behind(placed: Connection) -> None:
    placed_twice = placed.execute(
        "select relation from placed group by relation having count(*) > 1"
    ).fetchall()
    assert placed_twice == []
    kept = placed.execute(
        """
        select relation from placed
        except all
        select relation from emptied
        """
    ).fetchall()
    assert kept == []


def test_every_uniqueness_lies_within_the_distribution_column(placed: Connection) -> None:
    keys = placed.execute(
        """
        select i.indexrelid::regclass::text as name,
               coalesce(a.attname = p.distribution_column, false) as within
        from placed p
        join pg_index i on i.indrelid = p.relation and i.indisunique
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where p.kind = 'distributed'
        """
    ).fetchall()
    assert keys
    assert [key["name"] for key in keys if not key["within"]] == []


def test_distribution_columns_are_of_one_type_and_in_one_group(placed: Connection) -> None:
    columns = placed.execute(
        """
        select p.relation::text as name, format_type(a.atttypid, null) as type, p.together
        from placed p
        left join pg_attribute a on a.attrelid = p.relation and a.attname = p.distribution_column
        where p.kind = 'distributed'
        """
    ).fetchall()
    apart = {row["name"]: row["type"] for row in columns if row["together"] == "none"}
    assert apart == {"credits.accounts": "text", "credits.tombstones": "bytea"}
    others = [row for row in columns if row["name"] not in apart]
    assert {row["type"] for row in others} == {"text"}
    assert {row["together"] for row in others} == {"credits.accounts"}


def test_no_foreign_key_leads_to_another_distribution_column(placed: Connection) -> None:
    keys = placed.execute(
        """
        select f.conname, p.distribution_column as here, q.distribution_column as there,
               a.attname as key, b.attname as referenced
        from pg_constraint f
        join placed p on p.relation = f.conrelid and p.kind = 'distributed'
        join placed q on q.relation = f.confrelid and q.kind <> 'reference'
        join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
        join pg_attribute b on b.attrelid = f.confrelid and b.attnum = f.confkey[1]
        where f.contype = 'f'
        """
    ).fetchall()
    assert keys
    assert [
        row for row in keys if (row["key"], row["referenced"]) != (row["here"], row["there"])
    ] == []


def test_every_function_is_on_every_node_and_delegated_by_an_argument_it_has(
    placed: Connection,
) -> None:
    missing = placed.execute(
        """
        select p.oid::regprocedure::text as name from pg_proc p
        where p.pronamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
            and not exists (select from placed_functions f where f.function = p.oid)
        """
    ).fetchall()
    # It returns the row of a table that only the coordinator has.
    assert [row["name"] for row in missing] == ["credits._event_consumer(text)"]
    delegated = placed.execute(
        """
        select f.function::text as name, f.argument = any (p.proargnames) as known
        from placed_functions f join pg_proc p on p.oid = f.function
        where f.argument is not null
        """
    ).fetchall()
    assert len(delegated) == SCRIPT.read_text(encoding="utf-8").count("', 'p_")
    assert [row["name"] for row in delegated if not row["known"]] == []


def test_no_update_or_delete_asks_for_something_volatile(placed: Connection) -> None:
    """Citus refuses that of a table that it keeps; functions draw times and ids beforehand."""
    tables = placed.execute("select relation::text as name from placed")
    kept = {table["name"] for table in tables}
    functions = placed.execute(
        """
        select p.proname as name, p.provolatile <> 'i' as varies, p.prosrc as body
        from pg_proc p
        where p.pronamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
        """
    ).fetchall()
    ours = [function["name"] for function in functions if function["varies"]]
    asks = re.compile(rf"\b({'|'.join([*CHANGING, *ours])})\s*\(")
    changes = [
        (function["name"], part)
        for function in functions
        for verb, table, text in CHANGE.findall(function["body"])
        if table in kept
        for part in ([text] if verb != "insert into" else text.split("do update")[1:])
    ]
    assert len(changes) > 20
    assert [(name, part) for name, part in changes if asks.search(part)] == []


def test_page_names_every_table_with_its_place(placed: Connection) -> None:
    rows = PAGE.read_text(encoding="utf-8").splitlines()
    tables = placed.execute(
        """
        select c.oid::regclass::text as name, coalesce(p.kind, 'local') as kind
        from pg_class c left join placed p on p.relation = c.oid
        where c.relnamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
            and c.relkind in ('r', 'p') and not c.relispartition
        """
    ).fetchall()
    assert tables
    for table in tables:
        schema, name = table["name"].split(".")
        label = name if schema == "credits" else table["name"]
        described = [row for row in rows if row.startswith("|") and f"`{label}`" in row]
        assert [row for row in described if f"| {table['kind']}" in row], table


def test_deployment_afterwards_brings_the_books_and_their_protection_back(
    server: Server, spread: Database
) -> None:
    deploy(spread.dsn())
    connection = spread.connect()
    assert_books_balance(connection)
    connection.execute("select credits.grant_credits('ann', 5, 'bonus', 'a-gift')")
    service = spread.connect("service")
    service.execute("select credits.use_credits('ann', 2, 'app', 'something')")
    owned = connection.execute("select balance from credits.balances").fetchall()
    assert [row["balance"] for row in owned] == [3]
    with refused(connection, "UC017"):
        connection.execute("update credits.entries set available = 0, total_spent = 5")
    with refused(connection, "23514"):
        connection.execute("insert into credits.accounts values ('', 'person')")
