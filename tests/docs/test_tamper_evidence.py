"""docs/tamper-evidence.md: its program finds what was forged, with nothing of ours."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import Database
from tests.deployments import export_seals
from tests.sql.calls import call, fund, give, pool, use, use_guild
from tests.sql.lifecycle import commit, erase, grant, refund, reserve

PAGE = Path(__file__).parents[2] / "docs" / "tamper-evidence.md"


WHY = {"admin": "eve", "reason": "Ticket 17", "idempotency_key": "k-1"}


@pytest.fixture
def export(database: Database, tmp_path: Path) -> Path:
    """The export of ledgers with rows of many kinds."""
    service = database.connect("service")
    grant(service, "u1", "100.000001", "welcome")
    refund(service, "u1", use(service, "u1", "0.02")["id"], "0.01")
    commit(service, reserve(service, "u1", 5), amount=2)
    give(service, "ü 1\u2028", 50)
    pool(service, "g1", 100)
    fund(service, "u1", "g1", 10)
    refund(service, "u1", use_guild(service, "g1", "u1", 7)["id"], 2)
    call(service, "gifts.create_gift", creator_id="u1", total_credits=3)
    desk = database.connect("api")
    call(desk, "credits.admin_grant", **WHY, user_id="u1", amount=7)
    call(desk, "credits.admin_take", **{**WHY, "idempotency_key": "k-2"}, user_id="u1", amount=1)
    call(desk, "credits.admin_set_price", **WHY, operation="chat.word", unit_price="0.02")
    file = tmp_path / "seals.csv"
    assert export_seals({"RECONCILE_DATABASE_URL": database.dsn("auditor")}, file).status == 0
    return file


def recompute(database: Database, export: Path) -> subprocess.CompletedProcess[str]:
    """Run the page's program as an auditor."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return subprocess.run(
        [sys.executable, "-c", program, database.dsn("auditor"), str(export)],
        check=False,
        capture_output=True,
        text=True,
    )


def test_export_is_what_the_program_computes(database: Database, export: Path) -> None:
    done = recompute(database, export)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.off_books
def test_metadata_from_before_numbers_had_bounds_stop_nothing(
    database: Database, export: Path
) -> None:
    owner = database.connect()
    owner.execute("alter table credits.entries disable trigger user")
    owner.execute("update credits.entries set metadata = '{\"a\": 1e8000}'")
    assert recompute(database, export).returncode == 0


def test_ledgers_that_have_grown_and_persons_erased_since_pass(
    database: Database, export: Path
) -> None:
    service = database.connect("service")
    use(service, "ü 1\u2028", 1)
    erase(service, "u1")
    assert recompute(database, export).returncode == 0


@pytest.mark.off_books
@pytest.mark.parametrize("account", ["u1", "g1"])
def test_forged_ledger_is_named(database: Database, export: Path, account: str) -> None:
    owner = database.connect()
    owner.execute("alter table credits.entries disable trigger user")
    owner.execute(
        "update credits.entries set app_id = 'images' where type = 'usage' and account_id = %s",
        (account,),
    )
    done = recompute(database, export)
    assert done.returncode == 1, done.stderr
    assert [account in line for line in done.stdout.splitlines()] == [True]


@pytest.mark.off_books
@pytest.mark.parametrize("account", ["u1", ""])
def test_forged_act_of_the_desk_is_named(database: Database, export: Path, account: str) -> None:
    owner = database.connect()
    owner.execute("alter table credits.admin_actions disable trigger user")
    owner.execute(
        "update credits.admin_actions set called_by = 'eve' where account_id = %s", (account,)
    )
    done = recompute(database, export)
    assert (done.returncode, done.stdout) == (1, f"desk ledger of {account} was changed\n")
