"""reconcile.protection_off: whatever protects the books is missed when it is gone or off."""

from collections.abc import Iterator

import pytest
from psycopg import sql

from databases import Connection, Owner
from sql.calls import Row

TRIGGERS = "select relation, name, enabled from credits._triggers order by relation, name"
# How each is dropped: of a table, of a domain, or a unique index that is no constraint.
CONSTRAINTS = """
    select l.relation, n.name,
           case when to_regclass(l.relation) is null
               then format('alter domain %s drop constraint %I', l.relation, n.name)
               when exists (
                   select from pg_constraint c
                   where c.conrelid = to_regclass(l.relation) and c.conname = n.name)
               then format('alter table %s drop constraint %I cascade', l.relation, n.name)
               else format('drop index %I.%I', split_part(l.relation, '.', 1), n.name)
           end as drop
    from credits._constraints l
    cross join unnest(l.names) as n (name)
    order by l.relation, n.name
"""
# PostgreSQL itself keeps those of primary and identity keys.
COLUMNS = """
    select l.relation, a.attname as name
    from credits._constraints l
    join pg_attribute a on a.attrelid = to_regclass(l.relation) and a.attnum > 0
    where a.attnotnull and a.attidentity = '' and not exists (
        select from pg_index i
        where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey))
    order by l.relation, a.attnum
"""


@pytest.fixture
def history() -> None:
    """No books: what protects them is there before them."""


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


def reported(superuser: Connection, change: str) -> set[tuple[str, str]]:
    """What is reported after the change, which is then undone."""
    with superuser.transaction(force_rollback=True):
        superuser.execute(change.encode())
        found = superuser.execute("select account, what from reconcile.protection_off")
        return {(row["account"], row["what"]) for row in found}


@pytest.mark.parametrize("setting", ["disable", "enable replica"])
def test_each_trigger_that_is_off_is_reported(superuser: Connection, setting: str) -> None:
    for trigger in listed(superuser, TRIGGERS):
        relation, name = trigger["relation"], trigger["name"]
        off = reported(superuser, f"alter table {relation} {setting} trigger {name}")
        assert off == {(relation, f"trigger {name}: switched")}


def test_each_trigger_that_is_on_in_other_sessions_is_reported(superuser: Connection) -> None:
    for trigger in listed(superuser, TRIGGERS):
        relation, name = trigger["relation"], trigger["name"]
        other = "enable" if trigger["enabled"] == "A" else "enable always"
        off = reported(superuser, f"alter table {relation} {other} trigger {name}")
        assert off == {(relation, f"trigger {name}: switched")}


def test_each_trigger_that_was_dropped_is_reported(superuser: Connection) -> None:
    for trigger in listed(superuser, TRIGGERS):
        relation, name = trigger["relation"], trigger["name"]
        off = reported(superuser, f"drop trigger {name} on {relation}")
        assert off == {(relation, f"trigger {name}: missing")}


@pytest.mark.parametrize(
    "definition",
    [
        "before update on credits.seals for each row execute function credits._protect_ledger()",
        "after update or delete on credits.seals for each row "
        "execute function credits._protect_ledger()",
        "before update or delete on credits.seals for each statement "
        "execute function credits._protect_ledger()",
        "before update or delete on credits.seals for each row when (false) "
        "execute function credits._protect_ledger()",
        "before update or delete on credits.seals for each row "
        "execute function credits._protect_settings()",
    ],
    ids=["events", "moment", "level", "condition", "function"],
)
def test_trigger_that_was_replaced_is_reported(superuser: Connection, definition: str) -> None:
    change = f"create or replace trigger protect_ledger {definition}"
    off = reported(
        superuser, f"{change}; alter table credits.seals enable always trigger protect_ledger"
    )
    assert off == {("credits.seals", "trigger protect_ledger: changed")}


def test_trigger_that_was_made_by_hand_is_reported(superuser: Connection) -> None:
    off = reported(
        superuser,
        """
        drop trigger check_purchase on credits.purchases;
        create trigger check_purchase after insert or update on credits.purchases
        for each row when (new.status = 'failed') execute function credits._check_purchase()
        """,
    )
    assert off == {("credits.purchases", "trigger check_purchase: changed")}


def test_every_trigger_is_listed(superuser: Connection) -> None:
    found = superuser.execute(
        """
        select tgrelid::regclass::text as relation, tgname as name
        from pg_trigger t
        join pg_class c on c.oid = t.tgrelid
        where c.relnamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
            and not t.tgisinternal
        except
        select relation, name from credits._triggers
        """
    ).fetchall()
    assert found == [], "to be added to db/functions/credits/_triggers.sql"


def test_each_constraint_that_was_dropped_is_reported(superuser: Connection) -> None:
    for constraint in listed(superuser, CONSTRAINTS):
        relation, name = constraint["relation"], constraint["name"]
        assert (relation, f"constraint {name}") in reported(superuser, constraint["drop"])


def test_each_column_that_may_be_null_now_is_reported(superuser: Connection) -> None:
    for column in listed(superuser, COLUMNS):
        relation, name = column["relation"], column["name"]
        off = reported(superuser, f"alter table {relation} alter column {name} drop not null")
        assert off == {(relation, f"not null of {name}")}


def test_constraint_that_was_never_validated_is_reported(superuser: Connection) -> None:
    off = reported(
        superuser,
        """
        alter table credits.balances drop constraint balances_add_up;
        alter table credits.balances add constraint balances_add_up check (balance >= 0) not valid
        """,
    )
    assert off == {("credits.balances", "constraint balances_add_up")}


@pytest.mark.parametrize("column", ["indisvalid", "indisunique"])
def test_index_that_keeps_nothing_unique_is_reported(superuser: Connection, column: str) -> None:
    change = sql.SQL(
        """
        update pg_index set {} = false
        where indexrelid = 'credits.transactions_idempotency_key'::regclass
        """
    ).format(sql.Identifier(column))
    off = reported(superuser, change.as_string(superuser))
    assert off == {("credits.transactions", "constraint transactions_idempotency_key")}


@pytest.mark.parametrize("table", ["gifts.gift_redemptions", "gifts.gift_codes"])
def test_foreign_key_whose_triggers_are_off_is_reported(superuser: Connection, table: str) -> None:
    off = reported(superuser, f"alter table {table} disable trigger all")
    assert ("gifts.gift_redemptions", "constraint gift_redemptions_gift_fkey") in off


def test_table_that_inherits_from_one_of_ours_is_reported(superuser: Connection) -> None:
    off = reported(superuser, "create table public.more () inherits (credits.transactions)")
    assert off == {("credits.transactions", "inherited by more")}


def test_every_constraint_is_listed(superuser: Connection) -> None:
    """Whoever adds or drops one by a migration changes the list with it."""
    found = superuser.execute(
        """
        select case contypid when 0 then conrelid::regclass::text else contypid::regtype::text end
                   as relation,
               conname as name
        from pg_constraint
        where connamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
            and contype not in ('n', 't')
        union
        select i.indrelid::regclass::text, c.relname
        from pg_index i
        join pg_class c on c.oid = i.indexrelid
        where c.relnamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
            and i.indisunique
        """
    ).fetchall()
    names = superuser.execute(
        "select relation, unnest(names) as name from credits._constraints"
    ).fetchall()
    there = {(row["relation"], row["name"]) for row in found}
    # Ids of gifts are unique by themselves: that index is there for lists.
    there.remove(("gifts.gift_codes", "gift_codes_by_creator"))
    kept = {(row["relation"], row["name"]) for row in names}
    assert kept == there, "the list is db/functions/credits/_constraints.sql"


def test_every_column_that_may_be_null_is_listed(superuser: Connection) -> None:
    """Whoever lets a column be null by a migration, or no longer, changes the list with it."""
    found = superuser.execute(
        """
        select a.attrelid::regclass::text as relation, a.attname as name
        from pg_attribute a
        join pg_class c on c.oid = a.attrelid
        where c.relnamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
            and c.relkind in ('r', 'p')
            and a.attnum > 0 and not a.attisdropped and not a.attnotnull
        """
    ).fetchall()
    columns = superuser.execute(
        "select relation, unnest(may_be_null) as name from credits._constraints"
    ).fetchall()
    there = {(row["relation"], row["name"]) for row in found}
    kept = {(row["relation"], row["name"]) for row in columns}
    assert kept == there, "the list is db/functions/credits/_constraints.sql"
