"""A dump that was restored is the same books, and proves it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Database, Server, clone, program
from tests.sql.calls import balance, call, fund, gift, give, redeem, use
from tests.sql.lifecycle import reserve

MANUAL = (Path(__file__).resolve().parents[2] / "docs/operations.md").read_text(encoding="utf-8")
WEBHOOK = (
    "select credits.register_webhook('elsewhere', 'https://crm.example', '{purchase.completed}')"
)


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def restored(
    module_database: Database, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database with something of everything, as its backup brings it back."""
    service = module_database.connect("service")
    give(service, "u1", 100)
    use(service, "u1", 7)
    call(service, "credits.init_guild_pool", organization_id="g1")
    fund(service, "u1", "g1", 20)
    reserve(service, "u1", 5)
    redeem(service, gift(service, "u1", 10, total_portions=2)["code"], "u2")
    admin = module_database.connect()
    admin.execute(WEBHOOK)
    module_database.connect("api").execute("select from gifts.get_gift('AAAAAAAAAA', '192.0.2.7')")
    dump = tmp_path_factory.mktemp("backup") / "credits.dump"
    dumped = run(program("pg_dump"), "--format=custom", f"--file={dump}", module_database.dsn())
    assert dumped.returncode == 0, dumped.stderr
    with clone(server, "template0", f"{module_database.name}_restored") as copy:
        back = run(program("pg_restore"), "--exit-on-error", f"--dbname={copy.dsn()}", dump)
        assert back.returncode == 0, back.stderr
        yield copy


def test_a_restored_database_is_proved_by_its_reconciliation(restored: Database) -> None:
    done = run(sys.executable, "-m", "deploy", "reconcile", RECONCILE_DATABASE_URL=restored.dsn())
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_copy_delivers_nothing_after_what_the_manual_says(restored: Database) -> None:
    (found,) = re.findall(r"^    (select credits\.drop_consumer.*)$", MANUAL, re.MULTILINE)
    owner = restored.connect()
    assert len(owner.execute(found).fetchall()) == 1
    assert not owner.execute("select from credits.webhooks").fetchall()


def test_a_restored_database_serves_on(restored: Database) -> None:
    service = restored.connect("service")
    assert balance(service, "u1") == 58
    use(service, "u1", 1)
    assert balance(service, "u1") == 57


def test_a_restored_database_is_at_its_version(restored: Database) -> None:
    done = run(sys.executable, "-m", "deploy", "migrate", MIGRATION_DATABASE_URL=restored.dsn())
    assert done.returncode == 0, done.stdout + done.stderr
