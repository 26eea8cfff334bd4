"""Owners of addresses and answers of riddles: alike on every locale, and after a move."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from sandbox.cluster import Cluster
from tests.databases import Connection, program, temporary_cluster
from tests.deployments import assert_stopped, run
from tests.sql.calls import call, gift, give, redeem

pytestmark = pytest.mark.nightly

TURKISH = "tr_TR.UTF-8"
CREATION = "template template0 encoding 'UTF8' locale_provider libc locale"

SAME = [
    ("München", "MÜNCHEN"),
    ("istanbul", "ISTANBUL"),
    ("İstanbul", "istanbul"),
    ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ("Жизнь", "\N{EM SPACE}жИЗНЬ"),
]
LOOK_ALIKES = [
    ("kim@example.org", "\N{KELVIN SIGN}im@example.org"),
    ("ian@example.org", "İan@example.org"),
    ("änne@example.org", "ÄNNE@example.org"),
]


def compile_turkish(folder: Path) -> None:
    """Compile the locale, which few machines have ready, where its source is."""
    with suppress(OSError, subprocess.CalledProcessError):
        compile_it = ["localedef", "-i", "tr_TR", "-f", "UTF-8", str(folder / TURKISH)]
        subprocess.run(compile_it, check=True, capture_output=True)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server of its own that knows the Turkish locale, if it can be had."""
    with (
        tempfile.TemporaryDirectory(prefix="mana-test-") as name,
        pytest.MonkeyPatch.context() as patch,
    ):
        # If we are root PostgreSQL runs as another user.
        Path(name).chmod(0o755)
        compile_turkish(Path(name))
        patch.setenv("LOCPATH", f"{name}:/usr/lib/locale")
        with temporary_cluster() as running:
            yield running


@pytest.fixture(scope="module")
def plain(cluster: Cluster) -> Connection:
    """A database of locale C, where no letter but those of ASCII has a case."""
    with psycopg.connect(cluster.dsn(), autocommit=True) as admin:
        admin.execute(f"create database plain {CREATION} 'C'")
    assert run({"MIGRATION_DATABASE_URL": cluster.dsn("plain")}).status == 0
    return psycopg.connect(cluster.dsn("plain"), autocommit=True, row_factory=dict_row)


@pytest.fixture(scope="module")
def turkish(
    cluster: Cluster, plain: Connection, tmp_path_factory: pytest.TempPathFactory
) -> Connection:
    """A database of a Turkish locale, into which a dump of the plain one was restored.

    Before the dump Ada was met, and a gift for her and one with a riddle were made.
    """
    give(plain, "creator", 100)
    gift(plain, "creator", 1, target_email="IDA@example.org", message="moved")
    gift(plain, "creator", 1, riddle_question="?", riddle_answer="ISTANBUL", message="moved")
    with psycopg.connect(cluster.dsn(), autocommit=True) as admin:
        try:
            admin.execute(f"create database turkish {CREATION} '{TURKISH}'")
        except psycopg.errors.WrongObjectType:
            pytest.skip("no Turkish locale here, nor its source: apt-get install locales")
    dump = tmp_path_factory.mktemp("dump") / "plain.dump"
    commands: tuple[list[str | Path], ...] = (
        [program("pg_dump"), "--format=custom", f"--file={dump}", cluster.dsn("plain")],
        [program("pg_restore"), "--exit-on-error", f"--dbname={cluster.dsn('turkish')}", dump],
    )
    for command in commands:
        subprocess.run(command, check=True, capture_output=True)
    return psycopg.connect(cluster.dsn("turkish"), autocommit=True, row_factory=dict_row)


def test_database_of_another_encoding_is_refused(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn(), autocommit=True) as admin:
        admin.execute(
            "create database bytes template template0 encoding 'SQL_ASCII'"
            " locale_provider libc locale 'C'"
        )
    outcome = run({"MIGRATION_DATABASE_URL": cluster.dsn("bytes")})
    assert_stopped(outcome, "SQL_ASCII", "UTF8")


@pytest.fixture(params=["plain", "turkish"])
def db(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A transaction that is rolled back, in a database of either locale."""
    connection: Connection = request.getfixturevalue(request.param)
    with connection.transaction(force_rollback=True):
        give(connection, "creator", 100)
        yield connection


def test_letters_have_a_case_by_locale(plain: Connection, turkish: Connection) -> None:
    """So that the other tests say something."""
    lower = "select lower('MÜNCHEN') || lower('I') as letters"
    found = [connection.execute(lower).fetchone() for connection in (plain, turkish)]
    assert found == [
        {"letters": "mÜncheni"},
        {"letters": "münchen\N{LATIN SMALL LETTER DOTLESS I}"},
    ]


@pytest.mark.parametrize(("kept", "answer"), SAME, ids=ascii)
def test_answer_is_right_in_either_case(db: Connection, kept: str, answer: str) -> None:
    for one, other in ((kept, answer), (answer, kept)):
        made = gift(db, "creator", 1, riddle_question="?", riddle_answer=one)
        assert redeem(db, made["code"], f"u-{one}", riddle_answer=other)["status"] == "success"


def test_blank_answer_is_none(db: Connection) -> None:
    made = gift(db, "creator", 1, riddle_question="?", riddle_answer="I")
    with pytest.raises(psycopg.Error) as caught, db.transaction():
        redeem(db, made["code"], "u1", riddle_answer="\N{EM SPACE}")
    assert caught.value.sqlstate == "UG005"


def test_address_is_compared_in_either_case_of_ascii(db: Connection) -> None:
    for target in ("IAN@EXAMPLE.ORG", "ian@example.org"):
        gift(db, "creator", 1, target_email=target)
    found = call(db, "gifts.redeem_pending_gifts", user_id="ian", email="Ian@Example.org")
    assert found["redeemed_count"] == 2


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKES, ids=ascii)
def test_address_with_another_letter_is_somebody_elses(
    db: Connection, one: str, other: str
) -> None:
    for target, email in ((one, other), (other, one)):
        gift(db, "creator", 1, target_email=target)
        found = call(db, "gifts.redeem_pending_gifts", user_id="u1", email=email)
        assert found["redeemed_count"] == 0
        found = call(db, "gifts.redeem_pending_gifts", user_id="u1", email=target)
        assert found["redeemed_count"] == 1


def test_erasure_finds_gifts_for_the_address_in_either_case(db: Connection) -> None:
    call(db, "gifts.redeem_pending_gifts", user_id="ian", email="Ian@example.org")
    made = gift(db, "creator", 1, target_email="IAN@example.org")
    call(db, "credits.erase_user", user_id="ian")
    row = db.execute("select target_email from gifts.gift_codes where code = %s", (made["code"],))
    assert row.fetchone() != {"target_email": "IAN@example.org"}


def test_code_is_found_in_small_letters(db: Connection) -> None:
    code = str(gift(db, "creator", 1)["code"])
    assert redeem(db, code.lower(), "u1")["status"] == "success"


def test_what_was_given_before_a_move_is_redeemed_after_it(turkish: Connection) -> None:
    found = call(turkish, "gifts.redeem_pending_gifts", user_id="ida", email="ida@example.org")
    assert found["redeemed_count"] == 1
    riddle = turkish.execute(
        "select code from gifts.gift_codes where message = 'moved' and riddle_question = '?'"
    ).fetchone()
    assert riddle is not None
    answered = redeem(turkish, riddle["code"], "ida", riddle_answer="istanbul")
    assert answered["status"] == "success"
