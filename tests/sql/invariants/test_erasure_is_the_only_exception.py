"""Identities give way to a pseudonym as a whole, and nothing else is ever changed."""

from collections.abc import Callable

import psycopg
import pytest

from databases import Connection, Owner
from sql.books import seal
from sql.calls import Row, give, redeem, use, use_guild
from sql.invariants.conftest import INTEGRITY_CLASS, PROTECTED
from sql.lifecycle import HOUR, erase, grant, reserve

TABLES = {
    "credits.balances": "user_id",
    "credits.transactions": "user_id",
    "credits.seals": "user_id",
    "credits.usage_folds": "user_id",
    "credits.usage_marks": "user_id",
    "credits.dated_credits": "user_id",
    "credits.dated_movements": "user_id",
    "credits.guild_member_spending": "user_id",
    "credits.guild_transactions": "user_id",
    "gifts.gift_codes": "creator_id",
    "gifts.gift_redemptions": "redeemer_user_id",
}

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
    is changed in a table.
    """

    def run(
        only: list[str] | None = None,
        where: dict[str, str] | None = None,
        changes: dict[str, str] | None = None,
    ) -> None:
        with db.transaction(force_rollback=True), owner.rights() as superuser:
            superuser.execute("set constraints all immediate")
            superuser.execute("set constraints all deferred")
            for table in only or TABLES:
                column = TABLES[table]
                more = (changes or {}).get(table)
                superuser.execute(
                    f"""
                    update {table} set {column} = 'erased:x' {", " + more if more else ""}
                    where {column} = 'u1' and {(where or {}).get(table, "true")}
                    """
                )
            superuser.execute("set constraints all immediate")

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


def test_texts_may_be_emptied_with_it(erase_by_hand: ByHand) -> None:
    erase_by_hand(
        changes={
            "credits.transactions": "description = '', metadata = '{}', idempotency_key = null",
            "credits.guild_transactions": "description = '', idempotency_key = null",
        }
    )


CHANGES = {
    "credits.balances": [
        "balance = balance + 1, total_earned = total_earned + 1",
        "balance = balance - 1, total_spent = total_spent + 1",
        "balance = balance + reserved, reserved = 0",
        "clawed_back = clawed_back + 100",
        "version = version + 1",
        "last_transaction_id = null",
        "next_expiry = null",
        "reservations_count = 0",
        "created_at = created_at - interval '1 day'",
        "updated_at = updated_at - interval '1 day'",
    ],
    "credits.transactions": [
        "amount = amount + 1",
        "amount = amount + 1, balance_after = balance_after + 1",
        "balance_before = balance_before + 1, balance_after = balance_after + 1",
        "reserved_after = reserved_after + 1",
        "total_spent_after = total_spent_after + 1",
        "reversal = not reversal",
        "type = 'refund'",
        "id = gen_random_uuid()",
        "app_id = 'images'",
        "guild_id = 'g1'",
        "called_by = 'somebody else'",
        "created_at = created_at - interval '1 day'",
        "completed_at = now()",
        "description = 'Something else'",
        "metadata = '{\"a\": 2}'",
        "metadata = '[]'",
        "idempotency_key = 'another'",
        "reference_id = null",
        "reference_id = 'another'",
    ],
    "credits.usage_folds": [
        "credits_used = credits_used + 1",
        "transactions_count = 0",
        "date = date - 1",
        "app_id = 'images'",
    ],
    "credits.seals": [
        "hash = sha256('another')",
        "sequence = sequence + 1",
        "id = gen_random_uuid()",
        "created_at = created_at - interval '1 day'",
    ],
    "credits.dated_credits": [
        "remaining = 0",
        "granted = granted + 1",
        "expires_at = expires_at + interval '1 day'",
        "created_at = now()",
    ],
    "credits.dated_movements": [
        "amount = amount + 1",
        "created_at = now()",
        "dated_id = gen_random_uuid()",
        "cause_id = gen_random_uuid()",
    ],
    "credits.guild_member_spending": ["spent = 0", "reserved = 1", "day = day - 1"],
    "credits.guild_transactions": [
        "amount = amount - 1, balance_after = balance_after - 1",
        "organization_id = 'g9'",
        "spending_day = spending_day - 1",
        "app_id = 'images'",
        "called_by = 'somebody else'",
        "created_at = now()",
        "description = 'Something else'",
        "reference_id = 'another'",
    ],
    "gifts.gift_redemptions": [
        "credits_received = 1",
        "portion_number = 3",
        "status = 'failed_depleted'",
        "created_at = now()",
        "source_app_id = 'chat'",
        "credit_transaction_id = gen_random_uuid()",
    ],
}


@pytest.mark.parametrize(
    ("table", "change"), [(table, change) for table in CHANGES for change in CHANGES[table]]
)
def test_erasure_that_changes_more_is_refused(
    refused_by_hand: ByHand, table: str, change: str
) -> None:
    refused_by_hand(changes={table: change})


@pytest.mark.parametrize(
    "table",
    sorted(set(TABLES) - {"credits.usage_folds", "credits.usage_marks", "gifts.gift_codes"}),
)
def test_erasure_of_one_table_is_refused(refused_by_hand: ByHand, table: str) -> None:
    refused_by_hand(only=[table])


@pytest.mark.parametrize(
    "forgotten",
    [
        "credits.balances",
        "credits.transactions",
        "credits.seals",
        "credits.dated_credits",
        "credits.dated_movements",
        "credits.guild_member_spending",
        "credits.guild_transactions",
    ],
)
def test_erasure_that_forgets_a_table_is_refused(refused_by_hand: ByHand, forgotten: str) -> None:
    refused_by_hand(only=[table for table in TABLES if table != forgotten])


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("credits.transactions", "amount = 100"),
        ("credits.transactions", "amount <> 100"),
        ("credits.transactions", "type = 'usage'"),
        ("credits.dated_movements", "amount = -1"),
        ("credits.dated_credits", "granted = 20"),
        ("credits.guild_transactions", "amount = -30"),
    ],
)
def test_erasure_of_some_rows_is_refused(
    db: Connection, refused_by_hand: ByHand, table: str, rows: str
) -> None:
    use_guild(db, "g1", "u1", 5)
    grant(db, "u1", 20, "again", expires_in=2 * HOUR)
    use(db, "u1", 1)
    refused_by_hand(where={table: rows})


def test_two_people_cannot_become_one(
    db: Connection, owner: Owner, refused_by_hand: ByHand
) -> None:
    give(db, "u9", 5)
    with db.transaction(force_rollback=True), owner.rights() as superuser:
        pseudonym = erase(superuser, "u9")["pseudonym"]
        with pytest.raises(psycopg.Error) as caught, superuser.transaction():
            superuser.execute(
                "update credits.transactions set user_id = %s where user_id = 'u1'", (pseudonym,)
            )
        assert caught.value.sqlstate == PROTECTED


@pytest.mark.parametrize("name", ["u9", "", "erased", "Erased:x", "not erased:x"])
@pytest.mark.parametrize("table", ["credits.balances", "credits.transactions"])
def test_another_name_is_no_pseudonym(owner: Owner, db: Connection, table: str, name: str) -> None:
    with db.transaction(force_rollback=True):
        owner.execute("set constraints all immediate")
        with pytest.raises(psycopg.Error), db.transaction():
            owner.execute(f"update {table} set user_id = %s where user_id = 'u1'", (name,))


def test_erased_row_cannot_be_changed_either(db: Connection, owner: Owner) -> None:
    pseudonym = erase(db, "u1")["pseudonym"]
    for change in ("amount = amount", "description = 'Found'", "user_id = 'u1'"):
        with pytest.raises(psycopg.Error) as caught, db.transaction():
            owner.execute(
                f"update credits.transactions set {change} where user_id = %s", (pseudonym,)
            )
        assert caught.value.sqlstate == PROTECTED
