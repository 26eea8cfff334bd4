"""A database that was begun with an earlier version ends up as a fresh one, with what was in it."""

import io
import shutil
from pathlib import Path

import pytest

import schema
from databases import Database, assert_books_balance, refused
from deploy import migrations
from deploy.deployment import DATABASE_FOLDER, deploy
from deploy.progress import Progress
from sql.lifecycle import commit, release

MIGRATIONS = sorted((DATABASE_FOLDER / "migrations").glob("*.sql"))

# As the functions would have written it; those of then are gone.
HISTORY = """
    insert into credits.balances (
        user_id, balance, total_earned, total_spent, version, last_transaction_id
    )
    values ('u1', 60, 100, 40, 2, '01900000-0000-7000-8000-000000000002');
    insert into credits.transactions (
        user_id, id, type, amount, balance_before, balance_after, reserved_after,
        total_spent_after, app_id, created_at, completed_at
    )
    values
        ('u1', '01900000-0000-7000-8000-000000000001', 'refund', 100, 0, 100, 0, 0, null,
         '2026-01-01Z', '2026-01-01Z'),
        ('u1', '01900000-0000-7000-8000-000000000002', 'usage', -40, 100, 60, 0, 40, 'chat',
         '2026-01-02Z', '2026-01-02Z');
    insert into credits.usage_stats (user_id, app_id, date, credits_used, transactions_count)
    values ('u1', 'chat', '2026-01-02', 40, 1);
"""


# Since 0013 ledger rows have their number, and usage statistics lie in another table.
NUMBERED_SINCE = 13
NUMBERED_HISTORY = """
    insert into credits.balances (
        user_id, balance, total_earned, total_spent, version, last_transaction_id
    )
    values ('u1', 60, 100, 40, 2, '01900000-0000-7000-8000-000000000002');
    insert into credits.transactions (
        user_id, id, sequence, type, amount, balance_before, balance_after, reserved_after,
        total_spent_after, app_id, created_at, completed_at
    )
    values
        ('u1', '01900000-0000-7000-8000-000000000001', 1, 'refund', 100, 0, 100, 0, 0, null,
         '2026-01-01Z', '2026-01-01Z'),
        ('u1', '01900000-0000-7000-8000-000000000002', 2, 'usage', -40, 100, 60, 0, 40, 'chat',
         '2026-01-02Z', '2026-01-02Z');
"""


def begin_with(database: Database, last: int, folder: Path) -> None:
    """Apply the migrations up to the number `last`, and let something happen if it can."""
    earlier = folder / "migrations"
    earlier.mkdir()
    for path in MIGRATIONS[:last]:
        shutil.copy(path, earlier)
    migrations.apply(database.dsn(), earlier, Progress(io.StringIO()))
    if last >= 2:
        history = HISTORY if last < NUMBERED_SINCE else NUMBERED_HISTORY
        database.connect().execute(history)


# Until 0018 a hold past its time stayed expired when it was released.
EXPIRED_UNTIL = 17
EXPIRED = """
    update credits.balances set reservations_count = 2;
    insert into credits.reservations (
        account_id, id, user_id, amount, status, app_id, reason, balance_after_hold,
        balance_after_end, created_at, expires_at, ended_at
    )
    values
        ('u1', '01900000-0000-7000-8000-000000000003', 'u1', 5, 'expired', 'chat', '', 55,
         60, '2026-01-03Z', '2026-01-04Z', '2026-01-04Z'),
        ('u1', '01900000-0000-7000-8000-000000000004', 'u1', 5, 'expired', 'chat', '', 55,
         null, '2026-01-03Z', '2026-01-04Z', '2026-01-04Z');
"""


def test_hold_that_was_given_up_before_stays_so(empty_database: Database, tmp_path: Path) -> None:
    begin_with(empty_database, EXPIRED_UNTIL, tmp_path)
    superuser = empty_database.connect()
    superuser.execute(EXPIRED)
    deploy(empty_database.dsn(), progress=Progress(io.StringIO()))
    given_up, run_out = (
        {"reservation_id": f"01900000-0000-7000-8000-00000000000{n}"} for n in (3, 4)
    )
    with refused(superuser, "UC012"):
        commit(superuser, given_up)
    assert release(superuser, given_up)["balance"] == 60
    assert commit(superuser, run_out)["late"] is True
    assert_books_balance(superuser)


@pytest.mark.parametrize(
    "last", range(1, len(MIGRATIONS)), ids=[path.stem for path in MIGRATIONS[:-1]]
)
def test_upgrade_ends_where_a_fresh_installation_does(
    empty_database: Database, shared_database: Database, tmp_path: Path, last: int
) -> None:
    begin_with(empty_database, last, tmp_path)

    deploy(empty_database.dsn(), progress=Progress(io.StringIO()))

    assert schema.dump(empty_database.dsn()) == schema.dump(shared_database.dsn())
    upgraded, fresh = empty_database.connect(), shared_database.connect()
    assert schema.privileges(upgraded) == schema.privileges(fresh)
    assert_books_balance(upgraded)
    if last >= 2:
        (kept,) = upgraded.execute("select * from credits.get_balance('u1')").fetchall()
        assert (kept["balance"], kept["total_spent"]) == (60, 40)
