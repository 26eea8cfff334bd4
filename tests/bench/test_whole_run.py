"""The whole benchmark, as small as it gets: everything is measured once and the books close."""

import json
from pathlib import Path

import psycopg
import pytest

from bench import books, dataset
from bench.__main__ import main
from bench.bars import Outcome
from bench.books import Books
from bench.cluster import workplace
from bench.errors import BenchError, WrongAnswerError
from bench.plan import History
from sandbox.cluster import Cluster
from tests.databases import Database, programs

pytestmark = pytest.mark.nightly


def test_a_run_measures_everything_and_saves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The one that may take less than a second.
    monkeypatch.setenv("BENCH_LOAD", "own")
    # If we are root PostgreSQL runs as another user, who has to get in.
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    results = tmp_path / "results"
    arguments = ["--plan", "tiny", "--folder", str(tmp_path / "cluster"), "--results", str(results)]
    assert main(arguments) == 0
    saved = json.loads((results / "tiny.json").read_text())
    contests = saved["samples"]
    assert list(contests) == [
        "SQL, spread, 2 clients",
        "SQL, one hot account, 2 clients",
        "SQL, one backend",
        "SQL, credits that expire",
        "SQL, one hot account, a snapshot held open",
        "HTTP, 1 process, 4 connections",
    ]
    rates = [
        sample["rate"] for race in contests.values() for runs in race.values() for sample in runs
    ]
    assert len(rates) == sum(map(len, contests.values()))
    assert min(rates) > 0
    assert {bar["outcome"] for bar in saved["bars"]} <= set(Outcome)
    assert "| use_credits : limit" in (results / "tiny.md").read_text()
    assert not (tmp_path / "cluster").exists()


def test_two_runs_never_share_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "cluster"
    with workplace(folder), pytest.raises(BenchError), workplace(folder):
        pass
    with workplace(folder):
        assert not any(folder.iterdir())


@pytest.fixture
def past(cluster: Cluster, database: Database) -> Books:
    """The books of a database with a made-up past."""
    if programs() is not None:
        pytest.skip("the benchmark runs on the embedded PostgreSQL only")
    for login in ("bench_service", "bench_api"):
        cluster.create_login(login, "bench")
    history = History(accounts=30, guilds=3, active=20, readers=5, other_rows=0)
    dataset.fill(cluster, database.name, history, gifts=2, peers=True)
    opened = Books(database.dsn())
    opened.open()
    return opened


def spend(database: Database, times: int) -> None:
    with psycopg.connect(database.dsn()) as owner:
        for _ in range(times):
            owner.execute("select credits.use_credits('user-1', %s, 'chat', 'd')", [books.AMOUNT])


def test_books_close_when_all_that_was_acknowledged_is_in_them(
    past: Books, database: Database
) -> None:
    spend(database, 3)
    past.acknowledged["debits"] = 3
    past.check()


@pytest.mark.parametrize("acknowledged", [2, 4])
def test_books_do_not_close_with_more_or_less_than_was_acknowledged(
    past: Books, database: Database, acknowledged: int
) -> None:
    spend(database, 3)
    past.acknowledged["debits"] = acknowledged
    with pytest.raises(WrongAnswerError):
        past.check()


def test_what_was_not_answered_may_have_happened(past: Books, database: Database) -> None:
    spend(database, 3)
    past.acknowledged["debits"] = 2
    past.unanswered["debits"] = 1
    past.check()


@pytest.mark.off_books
def test_books_that_are_off_are_told(past: Books, database: Database) -> None:
    with psycopg.connect(database.dsn()) as owner:
        owner.execute("alter table credits.entries disable trigger user")
        owner.execute(
            "update credits.entries set available = available + 1"
            " where account_id = 'user-2' and sequence = 2"
        )
    with pytest.raises(WrongAnswerError):
        past.check()
