"""What a superuser can do to ledgers once the protection is out of the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from databases import Connection, Owner
from sql.calls import Row

TABLES = (
    "credits.transactions",
    "credits.guild_transactions",
    "credits.balances",
    "credits.guild_pools",
    "credits.seals",
    "credits.guild_seals",
)

# The rows of a person's ledger from the one with this number on, all 7 credits lower.
LOWER_FROM = """
    update credits.transactions
    set balance_before = balance_before - case when sequence = %(n)s then 0 else 7 end,
        balance_after = balance_after - 7,
        total_spent_after = total_spent_after + 7,
        amount = amount - case when sequence = %(n)s then 7 else 0 end
    where user_id = %(user)s and sequence >= %(n)s
"""
LOWER_BALANCE = """
    update credits.balances set balance = balance - 7, total_spent = total_spent + 7
    where user_id = %(user)s
"""


@contextmanager
def unprotected(owner: Owner) -> Iterator[Connection]:
    """A superuser's connection to tables without triggers."""
    with owner.rights() as superuser:
        # What is due at the end of the transaction is done while the books are whole.
        superuser.execute("set constraints all immediate")
        for table in TABLES:
            superuser.execute(f"alter table {table} disable trigger user")
        yield superuser
        for table in TABLES:
            superuser.execute(f"alter table {table} enable trigger user")


def lower_a_debit(superuser: Connection, user_id: str, sequence: int) -> None:
    """Let a debit have cost 7 credits more, and every figure after it follow."""
    for statement in (LOWER_FROM, LOWER_BALANCE):
        superuser.execute(statement, {"user": user_id, "n": sequence})


def broken(owner: Owner, schema: str = "reconcile") -> list[Row]:
    """What the checks of the seals find, personal and of pools."""
    return owner.execute(
        f"select * from {schema}.broken_seals union all select * from {schema}.broken_pool_seals"
    ).fetchall()


def broken_accounts(owner: Owner, schema: str = "reconcile") -> set[Any]:
    """The accounts whose sealed rows are not as they were sealed."""
    return {row["account"] for row in broken(owner, schema)}
