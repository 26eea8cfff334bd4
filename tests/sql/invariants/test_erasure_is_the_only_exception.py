"""Identities give way to a pseudonym as a whole, and nothing else is ever changed."""

import re
from collections.abc import Callable
from typing import LiteralString

import psycopg
import pytest

from tests.databases import Connection, Owner
from tests.sql.books import seal
from tests.sql.calls import Row, give, redeem, use, use_guild
from tests.sql.invariants.conftest import INTEGRITY_CLASS, PROTECTED
from tests.sql.lifecycle import HOUR, erase, grant, reserve

TABLES = {
    "credits.accounts": "account_id",
    "credits.entries": "account_id",
    "credits.seals": "account_id",
    "credits.usage_folds": "user_id",
    "credits.usage_marks": "user_id",
    "credits.lots": "account_id",
    "credits.lot_movements": "account_id",
    "credits.members": "user_id",
    "gifts.gift_codes": "creator_id",
    "gifts.gift_redemptions": "redeemer_user_id",
}
APPEND_ONLY = {
    "credits.entries",
    "credits.seals",
    "credits.lot_movements",
    "credits.rule_history",
    "gifts.gift_redemptions",
}

ANNOUNCE: LiteralString = "insert into credits.erasures (place, account_id, pseudonym) values"
# In the person's own account, and in each pool and gift that has rows of theirs.
ANNOUNCED = """
    insert into credits.erasures (place, account_id, pseudonym)
    select p.place, 'u1', 'erased:x'
    from (
        values ('u1')
        union select organization_id from credits.members where user_id = 'u1'
        union select code from gifts.gift_codes where creator_id = 'u1'
        union select code from gifts.gift_redemptions where redeemer_user_id = 'u1'
    ) p (place)
"""

ByHand = Callable[..., None]


@pytest.fixture(autouse=True)
def dated_and_redeemed(db: Connection, owner: Owner, shared_gift: Row) -> None:
    """u1 also has a grant of 10 credits with a date, of which 3 are held, and an own portion."""
    grant(db, "u1", 10, "welcome", expires_in=HOUR)
    give(db, "u1", 1, description="Sorry", metadata={"a": 1}, idempotency_key="k")
    reserve(db, "u1", 3)
    redeem(db, shared_gift["code"], "u1")
    seal(owner)


@pytest.fixture
def erase_by_hand(db: Connection, owner: Owner) -> ByHand:
    """Put erased:x in the place of u1 in some tables, as erase_user does it, and change more.

    `only` limits it to some tables, `where` to some rows of one table, `changes` are what else
    is changed in a table; `the pool` is the entries of pools and the holds. Without `announced`
    nobody has said that it is an erasure.
    """

    def run(
        only: list[str] | None = None,
        where: dict[str, str] | None = None,
        changes: dict[str, str] | None = None,
        *,
        announced: bool = True,
    ) -> None:
        with db.transaction(force_rollback=True), owner.rights() as superuser:
            superuser.execute("set constraints all immediate")
            superuser.execute("set constraints all deferred")
            if announced:
                superuser.execute(ANNOUNCED)
            for table in only or [*TABLES, "the pool"]:
                column = TABLES.get(table, "other_id")
                more = (changes or {}).get(table)
                name = "credits.entries" if table == "the pool" else table
                superuser.execute(
                    f"""
                    update {name} set {column} = 'erased:x' {", " + more if more else ""}
                    where {column} = 'u1' and {(where or {}).get(table, "true")}
                    """
                )
            if not only or "credits.accounts" in only:
                superuser.execute(
                    """
                    update credits.reservations set account_id = 'erased:x', user_id = 'erased:x'
                    where account_id = 'u1'
                    """
                )
            superuser.execute("set constraints all immediate")
            assert not superuser.execute("select from credits.erasures").fetchall()

    return run


@pytest.fixture
def refused_by_hand(erase_by_hand: ByHand) -> ByHand:
    """The same, and assert that the database itself refuses it."""

    def attempt(**arguments: object) -> None:
        with pytest.raises(psycopg.Error) as caught:
            erase_by_hand(**arguments)
        state = str(caught.value.sqlstate)
        assert state == PROTECTED or state.startswith(INTEGRITY_CLASS), caught.value

    return attempt


def test_erasure_as_a_whole_is_accepted(erase_by_hand: ByHand) -> None:
    erase_by_hand()


def test_erasure_that_nobody_announced_is_refused(refused_by_hand: ByHand) -> None:
    refused_by_hand(announced=False)


def test_texts_may_be_emptied_with_it(erase_by_hand: ByHand) -> None:
    emptied = "description = '', metadata = '{}', idempotency_key = null, request_id = null"
    erase_by_hand(changes={"credits.entries": emptied, "the pool": emptied})


CHANGES = {
    "credits.entries": [
        "amount = amount + 1",
        "available = available + 1",
        "reserved = 0",
        "debt = 1",
        "clawed_back = clawed_back + 100",
        "total_spent = total_spent + 1",
        "number = number + 1",
        "sequence = sequence + 1",
        "kind = 'pool'",
        "reversal = not reversal",
        "type = 'refund'",
        "id = gen_random_uuid()",
        "app_id = 'images'",
        "other_id = 'g1'",
        "other_id = 'erased:x'",
        "called_by = 'somebody else'",
        "created_at = created_at - interval '1 day'",
        "due_after = null",
        "ends_at = now()",
        "lot_id = gen_random_uuid()",
        "lot_taken = 1",
        "lot_left = 1",
        "description = 'Something else'",
        "metadata = '{\"a\": 2}'",
        "metadata = '[]'",
        "idempotency_key = 'another'",
        "request_id = 'another'",
        "reference_id = null",
        "reference_id = 'another'",
    ],
    "the pool": [
        "amount = amount - 1",
        "account_id = 'g9'",
        "account_id = 'erased:x'",
        "spending_day = spending_day - 1",
        "running_day = running_day - 1",
        "spent_that_day = 0",
        "spent_that_month = 0",
        "app_id = 'images'",
        "called_by = 'somebody else'",
        "created_at = now()",
        "description = 'Something else'",
        "reference_id = 'another'",
    ],
    "credits.seals": [
        "hash = sha256('another')",
        "sequence = sequence + 1",
        "kind = 'pool'",
        "created_at = created_at - interval '1 day'",
    ],
    "credits.lot_movements": [
        "id = gen_random_uuid()",
        "amount = amount + 1",
        "created_at = now()",
        "lot_id = gen_random_uuid()",
        "cause_id = gen_random_uuid()",
    ],
    "gifts.gift_redemptions": [
        "credits_received = 1",
        "portion_number = 3",
        "status = 'failed_depleted'",
        "created_at = now()",
        "source_app_id = 'chat'",
        "credit_transaction_id = gen_random_uuid()",
    ],
    "gifts.gift_codes": ["total_credits = 60", "claimed_portions = 0"],
}


@pytest.mark.parametrize(
    ("table", "change"), [(table, change) for table in CHANGES for change in CHANGES[table]]
)
def test_erasure_that_changes_more_is_refused(
    refused_by_hand: ByHand, table: str, change: str
) -> None:
    refused_by_hand(changes={table: change})


# What an erasure may change. A trigger compares all else, by name or as the rest of a row.
GIVE_WAY = {"account_id", "other_id", "redeemer_user_id", "subject_id"}
ARE_EMPTIED = {"description", "metadata", "idempotency_key", "request_id", "reference_id"}


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_every_other_column_is_compared_by_the_trigger(owner: Owner, table: str) -> None:
    [row] = owner.execute(
        """
        select
            (
                select pg_get_triggerdef(t.oid) || pg_get_functiondef(t.tgfoid)
                from pg_trigger t
                where t.tgrelid = %(table)s::regclass and t.tgname = 'protect_ledger'
            ) as definition,
            array_agg(a.attname::text) as columns
        from pg_attribute a
        where a.attrelid = %(table)s::regclass and a.attnum > 0 and not a.attisdropped
        """,
        {"table": table},
    ).fetchall()
    left_out = set(re.findall(r"\bto_jsonb\(old\.\*\) - '(\w+)'", row["definition"]))
    assert left_out <= GIVE_WAY
    for column in set(row["columns"]) - GIVE_WAY - ARE_EMPTIED:
        assert left_out or re.search(rf"\bold\.{column}\b", row["definition"]), column


@pytest.mark.parametrize("table", [*sorted(set(TABLES) - {"gifts.gift_codes"})])
def test_erasure_of_one_table_is_refused(refused_by_hand: ByHand, table: str) -> None:
    refused_by_hand(only=[table])


@pytest.mark.parametrize("forgotten", [*sorted(set(TABLES) - {"gifts.gift_codes"}), "the pool"])
def test_erasure_that_forgets_a_table_is_refused(refused_by_hand: ByHand, forgotten: str) -> None:
    refused_by_hand(only=[table for table in [*TABLES, "the pool"] if table != forgotten])


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("credits.entries", "amount = 100"),
        ("credits.entries", "amount <> 100"),
        ("credits.entries", "type = 'usage'"),
        ("credits.entries", "sequence < (select max(sequence) from credits.entries)"),
        ("credits.lot_movements", "amount = -1"),
        ("credits.lots", "granted = 20"),
        ("the pool", "amount = -30"),
        ("the pool", "amount <> -30"),
        ("gifts.gift_redemptions", "false"),
    ],
)
def test_erasure_of_some_rows_is_refused(
    db: Connection, refused_by_hand: ByHand, table: str, rows: str
) -> None:
    use_guild(db, "g1", "u1", 5)
    grant(db, "u1", 20, "again", expires_in=2 * HOUR)
    use(db, "u1", 1)
    refused_by_hand(where={table: rows})


def test_part_of_a_ledger_does_not_leave_with_those_of_pools_alone(erase_by_hand: ByHand) -> None:
    erase_by_hand(only=["credits.members", "the pool"])


@pytest.mark.parametrize(
    "edit",
    [
        "update credits.erasures set pseudonym = 'erased:y'",
        f"{ANNOUNCE} ('u1', 'erased:x', 'erased:y')",
        f"{ANNOUNCE} ('u9', 'u9', 'u8')",
    ],
)
def test_what_is_erased_is_said_once(db: Connection, owner: Owner, edit: LiteralString) -> None:
    with db.transaction(force_rollback=True), owner.rights() as superuser:
        superuser.execute("set constraints all deferred")
        superuser.execute(f"{ANNOUNCE} ('u1', 'u1', 'erased:x')")
        with pytest.raises(psycopg.Error) as caught, superuser.transaction():
            superuser.execute(edit)
    assert str(caught.value.sqlstate) == PROTECTED or str(caught.value.sqlstate).startswith(
        INTEGRITY_CLASS
    )


def test_session_that_switches_triggers_off_erases_no_part_either(
    db: Connection, owner: Owner, refused_by_hand: ByHand
) -> None:
    owner.execute("set local session_replication_role = replica")
    refused_by_hand(only=["credits.entries"])
    owner.execute("set local session_replication_role = origin")


def test_two_people_cannot_become_one(db: Connection, owner: Owner) -> None:
    give(db, "u9", 5)
    with db.transaction(force_rollback=True), owner.rights() as superuser:
        pseudonym = erase(superuser, "u9")["pseudonym"]
        superuser.execute(
            f"{ANNOUNCE} ('u1', 'u1', %s)",
            (pseudonym,),
        )
        with pytest.raises(psycopg.Error) as caught, superuser.transaction():
            superuser.execute(
                "update credits.entries set account_id = %s where account_id = 'u1'", (pseudonym,)
            )
        assert str(caught.value.sqlstate).startswith(INTEGRITY_CLASS)


@pytest.mark.parametrize("name", ["u9", "", "erased", "Erased:x", "not erased:x"])
def test_another_name_is_no_pseudonym(owner: Owner, db: Connection, name: str) -> None:
    with (
        db.transaction(force_rollback=True),
        pytest.raises(psycopg.Error),
        db.transaction(),
    ):
        owner.execute(
            f"{ANNOUNCE} ('u1', 'u1', %s)",
            (name,),
        )


def test_erased_row_cannot_be_changed_either(db: Connection, owner: Owner) -> None:
    pseudonym = erase(db, "u1")["pseudonym"]
    for change in ("amount = amount", "description = 'Found'", "account_id = 'u1'"):
        with pytest.raises(psycopg.Error) as caught, db.transaction():
            owner.execute(
                f"update credits.entries set {change} where account_id = %s", (pseudonym,)
            )
        assert caught.value.sqlstate == PROTECTED
