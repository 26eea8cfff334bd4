"""A database that was begun with an earlier version ends up as a fresh one, with what was in it."""

import io
import shutil
from pathlib import Path

import pytest

import schema
from databases import Database, assert_books_balance
from deploy import migrations
from deploy.deployment import DATABASE_FOLDER, deploy
from deploy.progress import Progress

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


@pytest.mark.parametrize(
    "last", range(1, len(MIGRATIONS)), ids=[path.stem for path in MIGRATIONS[:-1]]
)
def test_upgrade_ends_where_a_fresh_installation_does(
    empty_database: Database, shared_database: Database, tmp_path: Path, last: int
) -> None:
    begin_with(empty_database, last, tmp_path)

    deploy(empty_database.dsn(), progress=Progress(io.StringIO()))

    assert schema.dump(empty_database.dsn()) == schema.dump(shared_database.dsn())
    upgraded = empty_database.connect()
    assert schema.definitions(empty_database.dsn()) == schema.definitions(shared_database.dsn())
    assert_books_balance(upgraded)
    if last >= 2:
        (kept,) = upgraded.execute("select * from credits.get_balance('u1')").fetchall()
        assert (kept["balance"], kept["total_spent"]) == (60, 40)
