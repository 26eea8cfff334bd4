"""reconcile.protection_off: whatever protects the books is missed when it is gone, off or other."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors

from tests.databases import Connection, Database, Owner
from tests.sql.calls import Row

TRIGGERS = """
    select t.tgrelid::regclass::text as relation, t.tgname as name, t.tgenabled::text as enabled
    from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
    where c.relnamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
        and not t.tgisinternal
"""
# Foreign keys first: keys go with the constraints that need them.
CONSTRAINTS = """
    select n.relation, c.conname as name,
           format('alter %s %s drop constraint if exists %I cascade',
                  case c.contypid when 0 then 'table' else 'domain' end, n.relation, c.conname)
               as drop
    from pg_constraint c
    cross join lateral (
        select case c.contypid
                   when 0 then c.conrelid::regclass::text else c.contypid::regtype::text
               end as relation
    ) n
    where c.connamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
        and c.contype not in ('n', 't')
    order by c.contype = 'p'
"""
INDEXES = """
    select i.indrelid::regclass::text as relation, c.relname as name,
           format('drop index %s', i.indexrelid::regclass) as drop
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    where c.relnamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
        and not exists (select from pg_constraint o where o.conindid = i.indexrelid)
"""
# PostgreSQL itself keeps those of primary and identity keys.
COLUMNS = """
    select c.oid::regclass::text as relation, a.attname as name
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
    where c.relnamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
        and a.attnum > 0 and a.attnotnull and a.attidentity = '' and not exists (
            select from pg_index i
            where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey))
"""

# By what is done by hand: what is reported of it, whose account it names and how.
CHANGES = {
    "create or replace trigger protect_ledger before update or delete on credits.seals "
    "for each row when (false) execute function credits._protect_ledger(); "
    "alter table credits.seals enable always trigger protect_ledger": (
        "protect_ledger on credits.seals",
        "trigger: changed",
    ),
    "create trigger mine before insert on credits.entries "
    "for each row execute function suppress_redundant_updates_trigger()": (
        "mine on credits.entries",
        "trigger: foreign",
    ),
    "create rule mine as on insert to credits.seals do instead nothing": (
        "mine on credits.seals",
        "rule: foreign",
    ),
    "create policy mine on credits.seals using (false)": (
        "mine on credits.seals",
        "policy: foreign",
    ),
    "alter table credits.seals enable row level security": ("credits.seals", "table: changed"),
    "alter table credits.seals set unlogged": ("credits.seals", "table: changed"),
    "alter table credits.seals owner to test_service": ("credits.seals", "table: changed"),
    "create table credits.more ()": ("credits.more", "table: foreign"),
    "create table public.more () inherits (credits.entries)": (
        "public.more of credits.entries",
        "child: foreign",
    ),
    "create table public.more (account_id text not null); "
    "alter table credits.seals inherit public.more": (
        "credits.seals of public.more",
        "child: foreign",
    ),
    "create function public.mine(text) returns credits.account_kind language sql "
    "return null::credits.account_kind; "
    "create cast (text as credits.account_kind) with function public.mine(text)": (
        "text as credits.account_kind",
        "cast: foreign",
    ),
    "create index mine on credits.seals (created_at)": ("mine on credits.seals", "index: foreign"),
    "alter table credits.entries alter column clawed_back set default 5": (
        "credits.entries.clawed_back",
        "column: changed",
    ),
    "alter table credits.seals alter column hash drop not null": (
        "credits.seals.hash",
        "column: changed",
    ),
    "alter table credits.attempts alter column kind type varchar": (
        "credits.attempts.kind",
        "column: changed",
    ),
    "alter table credits.lots drop constraint lots_remain_in_range; "
    "alter table credits.lots add constraint lots_remain_in_range check (remaining >= 0)": (
        "lots_remain_in_range on credits.lots",
        "constraint: changed",
    ),
    "update pg_constraint set convalidated = false where conname = 'lots_remain_in_range'": (
        "lots_remain_in_range on credits.lots",
        "constraint: changed",
    ),
    "alter domain credits.account_id drop constraint account_id_is_plain_text": (
        "account_id_is_plain_text on credits.account_id",
        "constraint: missing",
    ),
    "alter table gifts.gift_redemptions disable trigger all": (
        "gift_redemptions_gift_fkey on gifts.gift_redemptions",
        "constraint: changed",
    ),
    "update pg_index set indisvalid = false "
    "where indexrelid = 'credits.entries_idempotency_key'::regclass": (
        "entries_idempotency_key on credits.entries",
        "index: changed",
    ),
    "create or replace function credits._now() returns timestamptz "
    "language sql as 'select ''2030-01-01''::timestamptz'": ("credits._now()", "function: changed"),
    "alter function credits._protect_ledger() reset all": (
        "credits._protect_ledger()",
        "function: changed",
    ),
    "alter function credits.reconcile(text,text) set session_replication_role = replica": (
        "credits.reconcile(text,text)",
        "function: changed",
    ),
    "alter function credits.reconcile(text,text) owner to test_service": (
        "credits.reconcile(text,text)",
        "function: changed",
    ),
    "create function public.mine() returns void language sql security definer as ''; "
    "alter function public.mine() owner to credits_owner": ("public.mine()", "function: foreign"),
    "create or replace view reconcile.holdings_of_mine as select 1": (
        "reconcile.holdings_of_mine",
        "view: foreign",
    ),
    "grant insert on credits.entries to test_service": (
        "test_service on table credits.entries",
        "right: foreign",
    ),
    "grant insert on credits.entries to credits_owner": (
        "credits_owner on table credits.entries",
        "right: changed",
    ),
    "revoke insert on credits.entries from credits_ledger": (
        "credits_ledger on table credits.entries",
        "right: changed",
    ),
    "grant update (available) on credits.entries to credits_api": (
        "credits_api on column credits.entries.available",
        "right: foreign",
    ),
    "grant execute on function credits.seal to public": (
        "public on function credits.seal(text,integer)",
        "right: foreign",
    ),
    "revoke select on credits.seals from credits_auditor": (
        "credits_auditor on table credits.seals",
        "right: missing",
    ),
    "grant set on parameter session_replication_role to test_service": (
        "test_service on parameter session_replication_role",
        "right: foreign",
    ),
    "alter default privileges for role credits_owner grant insert on tables to test_api": (
        "r made by credits_owner in -",
        "default right: foreign",
    ),
    "grant credits_owner to test_api": ("test_api of credits_owner", "member: foreign"),
    "grant credits_ledger to test_api": ("test_api of credits_ledger", "member: foreign"),
    "grant credits_auditor to credits_ledger": (
        "credits_ledger of credits_auditor",
        "member: foreign",
    ),
    "alter function credits.use_credits(text,numeric,text,text,text,jsonb,jsonb,numeric,text,text) "
    "owner to credits_ledger": (
        "credits.use_credits(text,numeric,text,text,text,jsonb,jsonb,numeric,text,text)",
        "function: changed",
    ),
    "create role team in role credits_owner; grant team to test_api": (
        "test_api of credits_owner",
        "member: foreign",
    ),
    "grant pg_write_all_data to credits_api": (
        "credits_api of pg_write_all_data",
        "member: foreign",
    ),
    "grant pg_write_all_data to test_service": (
        "test_service of credits_service",
        "member: foreign",
    ),
    "alter role test_api superuser": ("test_api of credits_api", "member: foreign"),
    "alter role credits_service createrole": ("credits_service", "role: changed"),
    "alter role test_service set session_replication_role = replica": (
        "session_replication_role of test_service",
        "setting: foreign",
    ),
    'alter role test_service set "Standard_Conforming_Strings" = off': (
        "standard_conforming_strings of test_service",
        "setting: foreign",
    ),
    "alter role all set standard_conforming_strings = off": (
        "standard_conforming_strings of all",
        "setting: foreign",
    ),
    "alter role test_api set array_nulls = off": ("array_nulls of test_api", "setting: foreign"),
    "create subscription mine connection '' publication mine with (connect = false); "
    "insert into pg_subscription_rel (srsubid, srrelid, srsubstate) "
    "select oid, 'credits.entries'::regclass, 'r' from pg_subscription": (
        "mine",
        "subscription: foreign",
    ),
    "delete from credits.deployed where object = 'credits._now()'": (
        "credits._now()",
        "function: foreign",
    ),
    "insert into credits.deployed values ('trigger', 'mine on credits.seals', 'none')": (
        "mine on credits.seals",
        "trigger: missing",
    ),
}


@pytest.fixture
def history() -> None:
    """A database without books: what protects them is there before them."""


@pytest.fixture
def superuser(owner: Owner) -> Iterator[Connection]:
    """The connection, with a superuser's rights for the whole test."""
    with owner.rights() as connection:
        yield connection


def listed(superuser: Connection, query: str) -> list[Row]:
    """The rows of a list, of which there are some."""
    found = superuser.execute(query.encode()).fetchall()
    assert found
    return found


def reported(superuser: Connection, *changes: str) -> set[tuple[str, str]]:
    """The reports after the changes, which are then undone."""
    with superuser.transaction(force_rollback=True):
        for change in changes:
            superuser.execute(change.encode())
        found = superuser.execute("select account, what from reconcile.protection_off")
        return {(row["account"], row["what"]) for row in found}


def test_nothing_is_reported_after_a_deployment(superuser: Connection) -> None:
    assert reported(superuser) == set()


@pytest.mark.parametrize("change", CHANGES)
def test_change_by_hand_is_reported(superuser: Connection, change: str) -> None:
    assert CHANGES[change] in reported(superuser, change)


@pytest.mark.parametrize("role", ["credits_api", "credits_service", "credits_auditor"])
def test_login_of_a_service_is_nobody_elses_business(superuser: Connection, role: str) -> None:
    assert reported(superuser, f"create role credits_app login in role {role}") == set()


def test_order_to_look_for_consumers_is_no_change(superuser: Connection) -> None:
    """A function tells it by its text."""
    order = "select credits.register_consumer('c', '{balance.changed}', 'test_service')"
    assert reported(superuser, order, "set constraints all immediate") == set()


@pytest.mark.parametrize("setting", ["disable", "enable replica"])
def test_each_trigger_that_is_off_is_reported(superuser: Connection, setting: str) -> None:
    triggers = listed(superuser, TRIGGERS)
    off = [f"alter table {each['relation']} {setting} trigger {each['name']}" for each in triggers]
    assert reported(superuser, *off) == {
        (f"{each['name']} on {each['relation']}", "trigger: changed") for each in triggers
    }


def test_each_trigger_that_is_on_in_other_sessions_is_reported(superuser: Connection) -> None:
    triggers = listed(superuser, TRIGGERS)
    other = [
        f"alter table {each['relation']} enable {'' if each['enabled'] == 'A' else 'always'} "
        f"trigger {each['name']}"
        for each in triggers
    ]
    assert reported(superuser, *other) == {
        (f"{each['name']} on {each['relation']}", "trigger: changed") for each in triggers
    }


def test_each_trigger_that_was_dropped_is_reported(superuser: Connection) -> None:
    triggers = listed(superuser, TRIGGERS)
    dropped = [f"drop trigger {each['name']} on {each['relation']}" for each in triggers]
    assert reported(superuser, *dropped) == {
        (f"{each['name']} on {each['relation']}", "trigger: missing") for each in triggers
    }


def test_each_constraint_and_index_that_was_dropped_is_reported(superuser: Connection) -> None:
    constraints, indexes = listed(superuser, CONSTRAINTS), listed(superuser, INDEXES)
    dropped = [each["drop"] for each in [*indexes, *constraints]]
    found = reported(superuser, *dropped)
    for kind, all_of_them in (("constraint", constraints), ("index", indexes)):
        assert found >= {
            (f"{each['name']} on {each['relation']}", f"{kind}: missing") for each in all_of_them
        }


def test_each_column_that_may_be_null_now_is_reported(superuser: Connection) -> None:
    columns = listed(superuser, COLUMNS)
    nullable = [
        f"alter table {each['relation']} alter column {each['name']} drop not null"
        for each in columns
    ]
    assert reported(superuser, *nullable) == {
        (f"{each['relation']}.{each['name']}", "column: changed") for each in columns
    }


def test_lines_that_were_changed_are_shown(superuser: Connection) -> None:
    with superuser.transaction(force_rollback=True):
        superuser.execute("alter function credits._protect_ledger() reset all")
        (row,) = superuser.execute("select * from reconcile.protection_off").fetchall()
    assert row["expected"] == " SET search_path TO 'pg_catalog', 'pg_temp'"
    assert (row["actual"], row["difference"]) == ("", 0)


@pytest.mark.parametrize("settings", ["search_path = credits", "intervalstyle = iso_8601"])
def test_what_a_session_has_set_changes_no_definition(superuser: Connection, settings: str) -> None:
    assert reported(superuser, f"set local {settings}") == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [("session_replication_role", "replica"), ("transform_null_equals", "on")],
)
def test_setting_that_every_session_begins_with_is_reported(
    database: Database, name: str, value: str
) -> None:
    """As from the server's configuration; here the session's own start options stand for that."""
    with psycopg.connect(database.dsn(), options=f"-c {name}={value}") as connection:
        off = connection.execute("select account, what from reconcile.protection_off").fetchall()
    assert off == [(f"{name} of new sessions", "setting: foreign")]


def test_auditors_read_the_record_and_nobody_writes_it(database: Database) -> None:
    auditor = database.connect("auditor")
    assert auditor.execute("select from credits.deployed").rowcount
    assert auditor.execute("select from reconcile.protection_off").rowcount == 0
    for role in ("auditor", "service", "api"):
        with pytest.raises(errors.InsufficientPrivilege):
            database.connect(role).execute("delete from credits.deployed")
