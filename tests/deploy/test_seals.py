"""Exporting the seals to a file, and comparing the ledgers with it later."""

import hashlib
from pathlib import Path

import pytest

from tests.databases import Database
from tests.deployments import assert_stopped, compare_seals, export_seals

VARIABLE = "RECONCILE_DATABASE_URL"
USERS = ("u1", 'quo"ted, and\u00fc', "u3")


@pytest.fixture
def environ(database: Database) -> dict[str, str]:
    """Variables of an auditor's commands; three people have credits, one of them a strange name."""
    service = database.connect("service")
    for user_id in USERS:
        service.execute("select credits.refund_credits(%s, 5, 'start')", (user_id,))
    return {VARIABLE: database.dsn("auditor")}


def forge(database: Database, user_id: str) -> None:
    """Change a row, and make its seals anew."""
    owner = database.connect()
    for table in ("entries", "seals"):
        owner.execute(f"alter table credits.{table} disable trigger user")
    owner.execute("update credits.entries set app_id = 'x' where account_id = %s", (user_id,))
    owner.execute("delete from credits.seals")
    owner.execute("select credits.seal()")


def test_file_has_a_line_for_each_ledger_and_its_hash_is_told(
    database: Database, environ: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "seals.csv"
    outcome = export_seals(environ, file)
    assert outcome.status == 0
    content = file.read_bytes()
    assert hashlib.sha256(content).hexdigest() in outcome.output
    assert content.decode().splitlines()[0] == "ledger,account,sequence,id,hash"
    assert len(content.decode().splitlines()) == 1 + len(USERS)
    assert database.connect().execute("select from credits.seals").rowcount == 0


def test_ledgers_that_have_only_grown_pass(
    database: Database, environ: dict[str, str], tmp_path: Path
) -> None:
    export_seals(environ, tmp_path / "seals.csv")
    service = database.connect("service")
    service.execute("select credits.use_credits('u1', 1, 'chat', 'An answer')")
    service.execute("select credits.erase_user('u3')")
    assert compare_seals(environ, tmp_path / "seals.csv").status == 0


@pytest.mark.off_books
@pytest.mark.parametrize("user_id", USERS)
def test_forged_ledger_is_named(
    database: Database, environ: dict[str, str], tmp_path: Path, user_id: str
) -> None:
    export_seals(environ, tmp_path / "seals.csv")
    forge(database, user_id)
    outcome = compare_seals(environ, tmp_path / "seals.csv")
    assert outcome.status == 1
    named = [line for line in outcome.output.splitlines() if "exported as" in line]
    assert [user_id in line for line in named] == [True]


def test_export_overwrites_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "seals.csv"
    file.write_text("mine")
    assert_stopped(export_seals(environ, file), str(file))
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    "content",
    [b"", b"account,hash\nu1,0\n", b"\xff\xfe", b'ledger,account,sequence,id,hash\n"'],
    ids=["empty", "other columns", "no text", "cut off"],
)
def test_other_file_is_refused(environ: dict[str, str], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "seals.csv").write_bytes(content)
    assert_stopped(compare_seals(environ, tmp_path / "seals.csv"), "seals.csv")


@pytest.mark.parametrize(
    "line",
    ["personal,u1,1", "both,u1,1,01a20572-b45b-7a43-8353-559b0b987c07,00", "personal,u1,x,y,z"],
)
def test_file_with_a_malformed_line_is_refused(
    environ: dict[str, str], tmp_path: Path, line: str
) -> None:
    (tmp_path / "seals.csv").write_text(f"ledger,account,sequence,id,hash\n{line}\n")
    assert compare_seals(environ, tmp_path / "seals.csv").status == 1


def test_missing_file_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    assert_stopped(compare_seals(environ, tmp_path / "none.csv"), "none.csv")


def test_database_without_a_deployment_is_named(empty_database: Database, tmp_path: Path) -> None:
    environ = {VARIABLE: empty_database.dsn()}
    assert_stopped(export_seals(environ, tmp_path / "seals.csv"), "deployment")
