"""Changes of ledgers by a superuser, once the protection is out of the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.databases import Connection, Owner
from tests.sql.calls import Row

TABLES = ("credits.accounts", "credits.entries", "credits.seals")

# The entries of a person from the one with this number on, all 7 credits lower.
LOWER_FROM = """
    update credits.entries
    set available = available - 7,
        total_spent = total_spent + 7,
        amount = amount - case when sequence = %(n)s then 7 else 0 end
    where account_id = %(user)s and kind = 'person' and sequence >= %(n)s
"""
TRIGGERS = """
    select format('alter table %s enable %s trigger %I', t.tgrelid::regclass,
        case t.tgenabled when 'A' then 'always' else '' end, t.tgname) as enable,
        format('alter table %s disable trigger %I', t.tgrelid::regclass, t.tgname) as disable
    from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
        and not t.tgisinternal and t.tgenabled <> 'D'
"""


@contextmanager
def unprotected(owner: Owner) -> Iterator[Connection]:
    """A superuser's connection to tables without triggers."""
    with owner.rights() as superuser:
        # Deferred checks run while the books are whole.
        superuser.execute("set constraints all immediate")
        triggers = superuser.execute(TRIGGERS).fetchall()
        for trigger in triggers:
            superuser.execute(trigger["disable"])
        yield superuser
        for trigger in triggers:
            superuser.execute(trigger["enable"])


def lower_a_debit(superuser: Connection, user_id: str, sequence: int) -> None:
    """Let a debit have cost 7 credits more, and every figure after it follow."""
    superuser.execute(LOWER_FROM, {"user": user_id, "n": sequence})


def broken(owner: Owner) -> list[Row]:
    """The findings of the check of the seals."""
    return owner.execute("select * from reconcile.broken_seals").fetchall()


def broken_accounts(owner: Owner) -> set[Any]:
    """The accounts whose sealed rows are not as they were sealed."""
    return {row["account"] for row in broken(owner)}
