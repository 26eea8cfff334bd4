"""A hold lasts at most 30 days, whoever writes it."""

import psycopg
import pytest

from databases import Connection, Owner
from sql.calls import give


@pytest.mark.parametrize("length", ["31 days", "-1 second", "0 seconds"])
def test_hold_of_another_length_is_refused_by_the_table(
    db: Connection, owner: Owner, length: str
) -> None:
    give(db, "u1", 10)
    with pytest.raises(psycopg.errors.CheckViolation), owner.rights() as superuser:
        superuser.execute(
            "insert into credits.reservations (account_id, id, user_id, amount, app_id, reason,"
            " balance_after_hold, created_at, expires_at)"
            " values ('u1', credits._new_id(), 'u1', 1, 'chat', '', 9, now(), now() + %s)",
            (length,),
        )
