"""A real deployment is complete, documented, and no wider open than it should be."""

import os

import pytest

import schema
from deploy.checkout import differences, is_current
from deploy.deployment import DATABASE_FOLDER
from tests.databases import Connection, Database

FUNCTIONS = """
    select p.oid::regprocedure::text as name, p.prosecdef as definer,
           p.proowner::regrole::text as owner,
           coalesce((select option from unnest(p.proconfig) option
                     where option like 'search_path=%'), '') as search_path,
           has_function_privilege('public', p.oid, 'execute') as is_public,
           (select bool_or(has_function_privilege(role, p.oid, 'execute'))
            from unnest('{credits_api, credits_service}'::text[]) role)
               as is_granted,
           p.prorettype = 'trigger'::regtype as is_trigger,
           obj_description(p.oid, 'pg_proc') as comment
    from pg_proc p
    where p.pronamespace = any('{credits, gifts, reconcile}'::regnamespace[])
"""
RELATIONS = """
    select c.oid::regclass::text as name, c.relowner::regrole::text as owner,
           obj_description(c.oid, 'pg_class') as comment
    from pg_class c
    where c.relnamespace = any('{credits, gifts, reconcile}'::regnamespace[])
      and c.relkind in ('r', 'p', 'v', 'm', 'S')
"""


@pytest.fixture
def catalog(shared_database: Database) -> Connection:
    """A superuser's connection to a database that the real deployment has made."""
    return shared_database.connect()


def test_every_object_has_its_file_and_every_file_its_object(catalog: Connection) -> None:
    found = catalog.execute(
        """
        select pronamespace::regnamespace || '/' || proname as path from pg_proc
        where pronamespace = any('{credits, gifts, reconcile}'::regnamespace[])
        union all
        select schemaname || '/' || viewname from pg_views
        where schemaname in ('credits', 'gifts', 'reconcile')
        """
    ).fetchall()
    folder = DATABASE_FOLDER / "functions"
    files = {
        f"{path.relative_to(folder).parts[0]}/{path.stem}"
        for path in folder.rglob("*.sql")
        if path.parent != folder
    }
    assert sorted(row["path"] for row in found) == sorted(files)


def test_no_line_of_sql_is_wider_than_120() -> None:
    rooms = [DATABASE_FOLDER / name for name in ("functions", "triggers", "distribute")]
    wide = [
        f"{path.relative_to(DATABASE_FOLDER)}:{number}"
        for room in rooms
        for path in room.rglob("*.sql")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 120
    ]
    assert wide == []


def test_every_function_and_relation_has_a_comment(catalog: Connection) -> None:
    rows = catalog.execute(FUNCTIONS).fetchall() + catalog.execute(RELATIONS).fetchall()
    assert [row["name"] for row in rows if not row["comment"]] == []


def test_everything_belongs_to_the_owner_role(catalog: Connection) -> None:
    rows = catalog.execute(FUNCTIONS).fetchall() + catalog.execute(RELATIONS).fetchall()
    owners = {row["name"].partition("(")[0]: row["owner"] for row in rows}
    writers = {name for name, owner in owners.items() if owner == "credits_ledger"}
    assert writers == {"credits._post", "credits._post_batch", "credits._refuse_other_writers"}
    assert set(owners.values()) == {"credits_owner", "credits_ledger"}


def test_bookkeeping_belongs_to_the_owner_role(catalog: Connection) -> None:
    rows = catalog.execute(
        """
        select relowner::regrole::text as owner from pg_class
        where relnamespace = 'deployment'::regnamespace
        union
        select nspowner::regrole::text from pg_namespace where nspname = 'deployment'
        """
    ).fetchall()
    assert rows == [{"owner": "credits_owner"}]


def test_security_definers_search_temporary_objects_last(catalog: Connection) -> None:
    definers = [row for row in catalog.execute(FUNCTIONS) if row["definer"]]
    assert definers
    assert [row for row in definers if not row["search_path"].endswith(", pg_temp")] == []


def test_only_helpers_that_nobody_calls_directly_go_without_a_search_path(
    catalog: Connection,
) -> None:
    """They run under the path of the function that calls them; a trigger has no such caller.

    One trigger runs in every debit, and names even its operator instead.
    """
    unpinned = [row for row in catalog.execute(FUNCTIONS) if not row["search_path"]]
    found = [row["name"] for row in unpinned if row["is_trigger"] or row["is_granted"]]
    assert found == ["credits._refuse_other_writers()"]


def test_nobody_may_call_a_function_by_default(catalog: Connection) -> None:
    assert [row["name"] for row in catalog.execute(FUNCTIONS) if row["is_public"]] == []


def test_nothing_of_ours_is_in_the_public_schema(catalog: Connection) -> None:
    rows = catalog.execute(
        """
        select relname from pg_class where relnamespace = 'public'::regnamespace
        union all
        select proname from pg_proc where pronamespace = 'public'::regnamespace
        union all
        select typname from pg_type where typnamespace = 'public'::regnamespace
        """
    ).fetchall()
    assert rows == []


def test_definitions_are_those_of_the_checkout(shared_database: Database) -> None:
    """On every version of PostgreSQL; who may do what is among them."""
    assert is_current(DATABASE_FOLDER), "to accept this, run `make schema`"
    assert differences(DATABASE_FOLDER, schema.definitions(shared_database.dsn())) == []


@pytest.mark.skipif(
    bool(os.environ.get("PG")), reason="db/schema.sql is a dump of the embedded PostgreSQL"
)
def test_schema_is_that_of_the_dump(shared_database: Database) -> None:
    found = schema.dump(shared_database.dsn())
    expected = schema.SCHEMA_FILE.read_text(encoding="utf-8")
    assert found == expected, "to accept this, run `make schema`"
